/** Losses against their published formulas in plain float64, written here, and what a step does with them. */
import type { numpy as np } from "@jax-js/jax";
import { expect, suite, test } from "vitest";
import { compile } from "../../../compute/compile.ts";
import { gradientErrors, onInterpreter } from "../../../compute/layers/float64.fixtures.ts";
import { adamw } from "../../../compute/optim/adamw.ts";
import { sgd } from "../../../compute/optim/sgd.ts";
import { type Outside, Tensor, type TensorTree } from "../../../compute/tensor.ts";
import { createStepProgram, initialState } from "../../../compute/training/step-program.ts";
import { namedLeaves } from "../../../compute/tree.ts";
import { Random } from "../../../core/random.ts";
import { families, largestDifference, randomDecoder, randomTokens } from "../../decoder/decoder.fixtures.ts";
import { referenceLogits } from "../../decoder/decoder.reference.ts";
import type { DecoderParams } from "../../decoder/decoder.ts";
import type { TokenExample } from "../packing.ts";
import { tokenKl } from "./advantages.ts";
import { type Experience, experienceBatches, makeExperience } from "./experience.ts";
import { clippedPolicyLoss, clippedValueLoss, policyBatchLoss, unbiasedKl } from "./losses.ts";
import { createRolloutMeter } from "./measure-rollouts.ts";
import { packRollouts } from "./packed-rollouts.ts";
import { withPartRates } from "./part-rates.ts";
import { tinySettings } from "./settings.ts";
import { initValueNet } from "./value-net.ts";

const column = (values: readonly number[]) => Tensor.from(Float32Array.from(values));
// Ratios on both sides of the clip, for gains and for losses, at 1 and at an advantage of 0.
const moved = [0, 0, 0.1, 0.1, 0.5, 0.5, -0.5, -0.5, 0.5];
const advantages = [1, -1, 2, -2, 1.5, -1.5, 1.5, -1.5, 0];
const weights = moved.map((_, index) => (index + 1) / 45);
const clip = 0.2;
const ratioOf = (change: number) => Math.exp(change);
const heldRatio = (ratio: number) => Math.min(Math.max(ratio, 1 - clip), 1 + clip);

suite("the policy loss", () => {
  const loss = ({ moved }: Record<string, np.Array>, { advantages, weights }: Record<string, np.Array>) => {
    const [value, metrics] = clippedPolicyLoss(moved!, advantages!, weights!, clip);
    for (const metric of Object.values(metrics)) metric.dispose();
    return value;
  };
  const inputs = { moved: column(moved) };
  const rest = { advantages: column(advantages), weights: column(weights) };

  test("is the weighted sum of max(-A r, -A clip(r)), and counts what is held", async () => {
    const program = compile((moved: np.Array, advantages: np.Array, weights: np.Array) => {
      const [value, metrics] = clippedPolicyLoss(moved, advantages, weights, clip);
      return { value, ...metrics };
    });
    const found = await program(inputs.moved, rest.advantages, rest.weights);
    const terms = moved.map((change, i) => {
      const ratio = ratioOf(change);
      return Math.max(-advantages[i]! * ratio, -advantages[i]! * heldRatio(ratio));
    });
    const total = (values: readonly number[]) => values.reduce((sum, value, i) => sum + weights[i]! * value, 0);
    expect(Math.abs((await found.value.item()) - total(terms))).toBeLessThan(1e-5);
    // Held: 0.5 with a gain, and -0.5 with a loss.
    expect(await found.clipFraction.item()).toBeCloseTo(weights[4]! + weights[7]!, 6);
    expect(await found.approxKl.item()).toBeCloseTo(total(moved.map((change) => change ** 2 / 2)), 6);
    program.dispose();
  });

  test("pulls with -A r where the ratio is free, and not at all where it is held", async () => {
    // Where moved is 0, as in the first pass, the ratio is 1 and the whole pull must be there.
    const errors = onInterpreter(() => gradientErrors(loss, { moved: inputs.moved }, rest));
    expect(errors.moved).toBeLessThan(1e-8);
  });
});

suite("the value loss", () => {
  const values = [0.5, 0.5, 0.9, 0.1, 1.4, -0.4];
  const old = [0.5, 0.5, 0.5, 0.5, 0.5, 0.5];
  const returns = [1, 0, 0.4, 1, 2, 2];
  const share = values.map(() => 1 / values.length);

  test("is half the weighted sum of the larger squared error, held or free", async () => {
    const program = compile((v: np.Array, o: np.Array, r: np.Array, w: np.Array) => clippedValueLoss(v, o, r, w, clip));
    const found = await (await program(column(values), column(old), column(returns), column(share))).item();
    const terms = values.map((value, i) => {
      const held = Math.min(Math.max(value, old[i]! - clip), old[i]! + clip);
      return Math.max((value - returns[i]!) ** 2, (held - returns[i]!) ** 2);
    });
    expect(Math.abs(found - terms.reduce((sum, term, i) => sum + 0.5 * share[i]! * term, 0))).toBeLessThan(1e-5);
    program.dispose();
  });
  test("has the gradient of finite differences", () => {
    const loss = ({ v }: Record<string, np.Array>, { o, r, w }: Record<string, np.Array>) =>
      clippedValueLoss(v!, o!, r!, w!, clip);
    // At V = V_old the free and the held error are the same and the free one must pull: value 0 and 1 are there.
    const rest = { o: column(old), r: column(returns), w: column(share) };
    const errors = onInterpreter(() => gradientErrors(loss, { v: column(values) }, rest));
    expect(errors.v).toBeLessThan(1e-8);
  });
});

test("GRPO's KL is q/p - log(q/p) - 1 by token", async () => {
  const program = compile(unbiasedKl);
  const found = await (await program(column([-1, -2, -0.5]), column([-1, -1.5, -0.9]))).data();
  const wanted = [0, 0.5, -0.4].map((difference) => Math.exp(difference) - difference - 1);
  for (const [index, value] of wanted.entries()) expect(Math.abs(found[index]! - value)).toBeLessThan(1e-6);
  program.dispose();
});

const config = { ...families.Qwen2!, layerCount: 1, maxPositions: 64 };
const example = (length: number, prompt: number, seed: number): TokenExample => ({
  tokens: randomTokens(config, length, seed),
  trained: Array.from({ length }, (_, at) => at >= prompt),
});
const examples = [example(9, 4, 1), example(14, 5, 2), example(6, 5, 3)];
const configs = { policy: config, value: config };

suite("measures of rollouts", () => {
  test("log-probabilities, entropies and KL by token are those of a float64 model, under logits / temperature", async () => {
    const temperature = 0.5;
    const [policy, reference] = [randomDecoder(config, 1), randomDecoder(config, 2)];
    const meter = createRolloutMeter(configs, reference, temperature);
    const packed = packRollouts(examples, 16); // two of them share a row
    const measures = await meter.measure({ policy }, packed);
    const kl = tokenKl(measures.logprobs, measures.reference);
    for (const [index, { tokens, trained }] of examples.entries()) {
      const [own, other] = await Promise.all(
        [policy, reference].map((params) => float64Scores(params, tokens, temperature)),
      );
      const learned = [...tokens.keys()].filter((at) => trained[at]);
      expect(kl[index]).toHaveLength(learned.length);
      for (const [place, at] of learned.entries()) {
        const [p, q] = [own![at - 1]!, other![at - 1]!];
        expect(Math.abs(measures.logprobs[index]![place]! - p[tokens[at]!]!)).toBeLessThan(1e-5);
        expect(Math.abs(kl[index]![place]! - (p[tokens[at]!]! - q[tokens[at]!]!))).toBeLessThan(1e-5);
        const entropy = -p.reduce((sum, logprob) => sum + Math.exp(logprob) * logprob, 0);
        expect(Math.abs(measures.entropies[index]![place]! - entropy)).toBeLessThan(1e-5);
      }
    }
    meter.dispose();
  });

  /** Log-probabilities of all tokens at each position. */
  async function float64Scores(params: Outside<DecoderParams>, tokens: readonly number[], temperature: number) {
    const named = new Map<string, ArrayLike<number>>();
    for (const [name, leaf] of namedLeaves<Tensor>(params)) named.set(name, await leaf.data());
    return referenceLogits(config, named, tokens).map((logits) => {
      const scaled = logits.map((logit) => logit / temperature);
      const total = Math.log(scaled.reduce((sum, logit) => sum + Math.exp(logit), 0));
      return scaled.map((logit) => logit - total);
    });
  }
});

suite("a step of PPO", () => {
  const settings = { ...tinySettings.ppo, epochs: 1 };

  /** Largest change of any weight of the policy, and of the value net. */
  async function changes(advantage: number, valueWeight: number) {
    const policy = randomDecoder(config, 1);
    const start = { policy, value: await initValueNet(config, policy, new Random(1)) };
    const packed = packRollouts(examples, 16);
    const meter = createRolloutMeter(configs, policy, settings.temperature);
    const { logprobs, values } = await meter.measure(start, packed);
    meter.dispose();
    const before = await byPart(start);
    const everywhere = (value: number) => logprobs.map((own) => own.map(() => value));
    const experience: Experience = {
      examples,
      logprobs,
      advantages: everywhere(advantage),
      returns: everywhere(1),
      values,
    };
    const optimizer = withPartRates(adamw({ weightDecay: 0 }), { policy: 1, value: 2 });
    const program = createStepProgram({
      loss: (params, batch) => policyBatchLoss(params, configs, batch, { ...settings, valueWeight }),
      optimizer,
      clipNorm: 1,
    });
    const state = await initialState(start as unknown as TensorTree, optimizer, undefined);
    const [batch] = experienceBatches(experience, settings, { mostLength: 16, packed, rng: new Random(0) });
    const { state: next } = await program.run(state, batch!, 1, 0.01);
    const after = await byPart(next.params as object);
    program.dispose();
    return Object.fromEntries(
      Object.entries(before).map(([part, old]) => [
        part,
        Math.max(...old.map((value, i) => Math.abs(value - after[part]![i]!))),
      ]),
    );
  }

  async function byPart(params: object) {
    const parts: Record<string, number[]> = {};
    for (const [part, tree] of Object.entries(params)) parts[part] = await flat(tree);
    return parts;
  }

  test("with zero advantage and the value loss off changes no weight beyond 1e-7", async () => {
    const changed = await changes(0, 0);
    expect(changed.policy).toBeLessThan(1e-7);
    expect(changed.value).toBeLessThan(1e-7);
  });
  test("with an advantage moves the policy alone, with the value loss the value net alone, each at its rate", async () => {
    // Adam's first step is as long as the rate.
    const policyOnly = await changes(1, 0);
    expect(policyOnly.policy).toBeCloseTo(0.01, 4);
    expect(policyOnly.value).toBeLessThan(1e-7);
    const valueOnly = await changes(0, 1);
    expect(valueOnly.policy).toBeLessThan(1e-7);
    expect(valueOnly.value).toBeCloseTo(0.02, 4);
  });
});

test.each(["ppo", "rloo", "grpo"] as const)("%s: the parts of a batch make the step of the whole", async (method) => {
  const settings = { ...tinySettings[method], groupSize: 2, epochs: 1 };
  const four = [...examples, example(8, 3, 4)];
  const step = async (mostPlaces: number) => {
    const policy = randomDecoder(config, 1);
    const value = method === "ppo" ? { value: await initValueNet(config, policy, new Random(1)) } : {};
    const packed = packRollouts(four, 16, mostPlaces);
    const meter = createRolloutMeter(configs, randomDecoder(config, 2), 1);
    const measures = await meter.measure({ policy, ...value }, packed);
    meter.dispose();
    const experience = makeExperience(four, [1, 0, 0.1, 1], measures, settings);
    const [batch] = experienceBatches(experience, settings, { mostLength: 16, packed, rng: new Random(0) });
    const program = createStepProgram({
      loss: (params, part) => policyBatchLoss(params, configs, part, settings),
      optimizer: sgd(),
    });
    const start = await flat({ policy, ...value });
    const state = await initialState({ policy, ...value } as unknown as TensorTree, sgd(), undefined);
    const output = await program.run(state, batch!, 1, 0.1);
    const parameters = await flat(output.state.params);
    program.dispose();
    const moved = largestDifference(parameters, start);
    return { parts: packed.parts.length, loss: await output.loss.item(), parameters, moved };
  };
  const [whole, torn] = [await step(2048), await step(16)];
  expect([whole.parts, torn.parts]).toEqual([1, 3]);
  expect(torn.loss).toBeCloseTo(whole.loss, 5);
  expect(largestDifference(torn.parameters, whole.parameters)).toBeLessThan(1e-5);
  expect(whole.moved).toBeGreaterThan(1e-3);
});

async function flat(params: object): Promise<number[]> {
  const all: number[] = [];
  for (const leaf of namedLeaves<Tensor>(params).values()) all.push(...(await leaf.data()));
  return all;
}
