/**
 * What an update must know of its rollouts before it learns from them: how likely each token was for the policy and for
 * the frozen reference, what the value net expected, and how undecided the policy was. One compiled program; the
 * sampler's own log-probabilities are not used, for a ratio of new to old must compare the same arithmetic.
 */
import "../../../compute/compile.ts"; // before jax-js, which looks for workers when it is loaded
import { nn, type numpy as np, tree } from "@jax-js/jax";
import { compile } from "../../../compute/compile.ts";
import type { Outside, Tensor } from "../../../compute/tensor.ts";
import { disposeTree } from "../../../compute/tree.ts";
import type { DecoderParams } from "../../decoder/decoder.ts";
import { targetLogprobs } from "../sequence-logprobs.ts";
import { type PolicyConfigs, type PolicyParams, responseLogprobs, scaledLogits } from "./losses.ts";
import { gather, type PackedRollouts, type RolloutInputs } from "./packed-rollouts.ts";
import { tokenValues } from "./value-net.ts";

/** Lists by rollout, inner lists by token of the response. */
export interface RolloutMeasures {
  /** Under logits / temperature, as all log-probabilities here. */
  logprobs: number[][];
  /** Nats. */
  entropies: number[][];
  reference: number[][];
  /** Expected reward still to come before the token is drawn; only with a value net. */
  values?: number[][];
}

export interface RolloutMeter {
  /** Parameters are borrowed. */
  measure(params: Outside<PolicyParams>, packed: PackedRollouts): Promise<RolloutMeasures>;
  dispose(): void;
}

/** @param reference borrowed for as long as the meter lives */
export function createRolloutMeter(
  configs: PolicyConfigs,
  reference: Outside<DecoderParams>,
  temperature: number,
): RolloutMeter {
  const program = compile(
    (params: PolicyParams, frozen: DecoderParams, inputs: RolloutInputs) => {
      const { targets, ...read } = tree.ref(inputs);
      const logits = scaledLogits(params.policy, configs.policy, read, temperature); // [places, vocab]
      const measures = {
        entropies: entropy(logits.ref),
        logprobs: targetLogprobs(logits, targets.reshape([-1])),
        reference: responseLogprobs(frozen, configs.policy, tree.ref(inputs), temperature),
        ...(params.value && { values: tokenValues(params.value, configs.value, withoutTargets(tree.ref(inputs))) }),
      };
      tree.dispose([params, frozen, inputs] as never);
      return measures;
    },
    { name: "rollout measures" },
  );
  return {
    async measure(params, packed) {
      const data: Record<string, ArrayLike<number>[]> = {};
      for (const [part, inputs] of packed.parts.entries()) {
        const result = (await program(params, reference, inputs)) as Record<string, Tensor>;
        for (const [name, tensor] of Object.entries(result)) {
          data[name] ??= [];
          data[name][part] = await tensor.data();
        }
        disposeTree(result);
      }
      const lists = Object.entries(data).map(([name, parts]) => [name, gather(parts, packed)]);
      return Object.fromEntries(lists) as RolloutMeasures;
    },
    dispose: () => program.dispose(),
  };
}

/** Consumes logits [places, vocab]; nats [places]. */
function entropy(logits: np.Array): np.Array {
  const total = nn.logsumexp(logits.ref, -1);
  return total.sub(nn.softmax(logits.ref, -1).mul(logits).sum(-1));
}

function withoutTargets({ targets, ...inputs }: RolloutInputs) {
  targets.dispose();
  return inputs;
}
