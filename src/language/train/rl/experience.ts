/**
 * From rollouts with rewards to what the steps of an update learn from: advantages by the method, packed into the
 * batches of each pass. Pure in rollouts, rewards, measures and the random stream it is given.
 */
import { type Outside, Tensor } from "../../../compute/tensor.ts";
import type { Random } from "../../../core/random.ts";
import type { TokenExample } from "../packing.ts";
import { gae, groupNormalised, leaveOneOut, tokenKl, tokenRewards, whiten } from "./advantages.ts";
import type { PolicyBatch } from "./losses.ts";
import type { RolloutMeasures } from "./measure-rollouts.ts";
import { ownersOf, type PackedRollouts, packRollouts, partOf, spread } from "./packed-rollouts.ts";
import type { PolicySettings } from "./settings.ts";

/** An update's rollouts with all that the loss asks for. Lists by rollout, inner lists by token. */
export interface Experience {
  examples: readonly TokenExample[];
  logprobs: number[][];
  /** RLOO has one for the whole rollout, here at each of its tokens. */
  advantages: number[][];
  returns?: number[][];
  values?: number[][];
  reference?: number[][];
}

export function makeExperience(
  examples: readonly TokenExample[],
  rewards: readonly number[],
  { logprobs, reference, values }: RolloutMeasures,
  settings: PolicySettings,
): Experience {
  const { method, beta, groupSize } = settings;
  const kl = tokenKl(logprobs, reference);
  const everywhere = (perRollout: readonly number[]) => logprobs.map((own, i) => own.map(() => perRollout[i]!));
  switch (method) {
    case "ppo": {
      let tokens = tokenRewards(kl, rewards, beta);
      if (settings.whitenRewards) tokens = whiten(tokens, { keepMean: true });
      const estimates = tokens.map((own, index) => gae(own, values![index]!, settings));
      const advantages = whiten(estimates.map((estimate) => estimate.advantages));
      return { examples, logprobs, advantages, returns: estimates.map((estimate) => estimate.returns), values };
    }
    case "rloo": {
      const penalised = rewards.map((reward, index) => reward - beta * sum(kl[index]!));
      return { examples, logprobs, advantages: everywhere(leaveOneOut(penalised, groupSize)) };
    }
    case "grpo": {
      const advantages = everywhere(groupNormalised(rewards, groupSize));
      return { examples, logprobs, advantages, ...(beta > 0 && { reference }) };
    }
  }
}

/**
 * For each step of all passes, in order, the parts of its batch: each pass shuffles the rollouts anew, unless it takes them
 * all at once.
 * @param packed of all rollouts
 * @param mostLength as of `packRollouts`
 */
export function* experienceBatches(
  experience: Experience,
  { method, epochs, minibatches }: Pick<PolicySettings, "method" | "epochs" | "minibatches">,
  { mostLength, packed, rng }: { mostLength: number; packed: PackedRollouts; rng: Random },
): Generator<Outside<PolicyBatch>[]> {
  const all = [...experience.examples.keys()];
  const whole = minibatches === 1 ? batchOf(experience, all, packed, method) : undefined;
  for (let epoch = 0; epoch < epochs; epoch++) {
    if (whole) {
      yield whole;
      continue;
    }
    const order = rng.split(epoch).shuffle([...all]);
    const size = order.length / minibatches;
    for (let start = 0; start < order.length; start += size) {
      const chosen = order.slice(start, start + size);
      const own = packRollouts(
        chosen.map((index) => experience.examples[index]!),
        mostLength,
      );
      yield batchOf(experience, chosen, own, method);
    }
  }
}

/** The parts of a batch. Their losses are averaged, so the weights of all parts together add up to their number. */
function batchOf(
  experience: Experience,
  chosen: readonly number[],
  packed: PackedRollouts,
  method: PolicySettings["method"],
): Outside<PolicyBatch>[] {
  const partCount = packed.parts.length;
  const byToken = (lists: readonly number[][]) =>
    spread(
      chosen.map((index) => lists[index]!),
      packed,
    );
  const { advantages, returns, values, reference } = experience;
  const logprobs = byToken(experience.logprobs);
  const shared = (part: number) => ({ inputs: packed.parts[part]!, oldLogprobs: logprobs[part]! });
  if (method === "rloo") {
    const owners = ownersOf(packed);
    // Every part has room for every rollout, so that all have one shape; those of other parts weigh nothing.
    const perRollout = chosen.map((index) => advantages[index]![0]!);
    const weight = partCount / chosen.length;
    return packed.parts.map((_, part) => ({
      ...shared(part),
      weights: Tensor.from(Float32Array.from(chosen, (_, at) => (partOf(at, packed) === part ? weight : 0))),
      advantages: Tensor.from(Float32Array.from(perRollout)),
      owners: owners[part]!,
    }));
  }
  // PPO: a mean over tokens. GRPO: over the tokens of each rollout, then over rollouts.
  const counts = packed.places.map((own) => own.length);
  const tokenCount = sum(counts);
  const weightOf = (count: number) => partCount / (method === "ppo" ? tokenCount : count * chosen.length);
  const spreads = {
    weights: spread(
      counts.map((count) => new Array<number>(count).fill(weightOf(count))),
      packed,
    ),
    advantages: byToken(advantages),
    ...(returns && { returns: byToken(returns) }),
    ...(values && { oldValues: byToken(values) }),
    ...(reference && { reference: byToken(reference) }),
  };
  return packed.parts.map((_, part) => {
    const own = Object.entries(spreads).map(([name, tensors]) => [name, tensors[part]!]);
    return { ...shared(part), ...(Object.fromEntries(own) as Pick<Outside<PolicyBatch>, "weights" | "advantages">) };
  });
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
