import { expect, suite, test } from "vitest";
import type { Tensor } from "../../../compute/tensor.ts";
import { Random } from "../../../core/random.ts";
import type { TokenExample } from "../packing.ts";
import { experienceBatches, makeExperience } from "./experience.ts";
import { gather, ownersOf, packRollouts, partOf, spread } from "./packed-rollouts.ts";
import { tinySettings } from "./settings.ts";

const example = (prompt: number, response: number): TokenExample => ({
  tokens: Array.from({ length: prompt + response }, (_, at) => at + 1),
  trained: Array.from({ length: prompt + response }, (_, at) => at >= prompt),
});
// 3 + 2, 1 + 3 and 2 + 1 tokens: 4, 3 and 2 places in rows of 5.
const examples = [example(3, 2), example(1, 3), example(2, 1)];
const lists = [[1, 2], [3, 4, 5], [6]];
const numbers = (tensor: Tensor | undefined) =>
  [...tensor!.host!].map((value) => Math.round(1e6 * Number(value)) / 1e6);

suite("packed rollouts", () => {
  test("a token's numbers stand where it is predicted, as worked out by hand", () => {
    const packed = packRollouts(examples, 20); // a quarter of it suffices
    // Row 1: the first alone. Row 2: the second, then the third. The third row is room.
    expect([packed.shape, packed.parts.length]).toEqual([[3, 5], 1]);
    expect(packed.places).toEqual([[2, 3], [5, 6, 7], [9]]);
    const [tensor] = spread(lists, packed);
    expect(numbers(tensor)).toEqual([0, 0, 1, 2, 0, 3, 4, 5, 0, 6, 0, 0, 0, 0, 0]);
    expect(gather([tensor!.host!], packed)).toEqual(lists);
    expect(numbers(ownersOf(packed)[0]).slice(0, 10)).toEqual([0, 0, 1, 1, 0, 2, 2, 2, 0, 3]);
    expect([2, 3, 5, 6, 7, 9].map((place) => packed.parts[0]!.targets.host![place])).toEqual([4, 5, 2, 3, 4, 3]);
  });

  test("many come in parts of one shape, and no rollout is torn", () => {
    const many = Array.from({ length: 100 }, (_, index) => example(20, 1 + (index % 40)));
    const packed = packRollouts(many, 60, 2048);
    expect(packed.shape).toEqual([34, 60]);
    expect(packed.parts).toHaveLength(3);
    for (const { tokens } of packed.parts) expect(tokens.shape).toEqual([34, 60]);
    for (const own of packed.places) expect(Math.floor(own[0]! / 60)).toBe(Math.floor(own.at(-1)! / 60));
    expect(new Set(many.keys().map((index) => partOf(index, packed)))).toEqual(new Set([0, 1, 2]));
    const counted = many.map(({ trained }, index) => trained.filter(Boolean).map((_, at) => index + at / 64));
    const data = spread(counted, packed).map((tensor) => tensor.host!);
    expect(gather(data, packed)).toEqual(counted);
  });

  test("the length comes in quarters of the longest there can be", () => {
    const lengthOf = (longest: number) => packRollouts([example(1, longest)], 100).shape[1];
    expect([10, 25, 26, 75, 100].map(lengthOf)).toEqual([25, 25, 50, 75, 100]);
  });
});

suite("experience", () => {
  const four = [example(2, 2), example(2, 1), example(2, 3), example(2, 2)];
  const logprobs = [[-1, -1], [-1], [-1, -1, -1], [-1, -1]];
  const reference = [[-1.5, -1], [-1], [-1, -1, -1], [-1, -1]];
  const entropies = logprobs;
  const values = logprobs.map((own) => own.map(() => 0.5));
  const rewards = [1, 0, 0.1, 0.1];
  const partsOf = (method: "ppo" | "rloo" | "grpo", more: object = {}) => {
    const settings = { ...tinySettings[method], groupSize: 2, beta: 0.1, ...more };
    const experience = makeExperience(four, rewards, { logprobs, reference, values, entropies }, settings);
    const packed = packRollouts(four, 5);
    return [...experienceBatches(experience, settings, { mostLength: 5, packed, rng: new Random(1) })];
  };
  /** Of few rollouts a batch has one part. */
  const batches = (...of: Parameters<typeof partsOf>) => partsOf(...of).map(([part]) => part!);
  const sum = (tensor: Tensor) => numbers(tensor).reduce((total, value) => total + value, 0);

  test("PPO: a mean over tokens, whitened advantages, returns and old values", () => {
    const [first, ...more] = batches("ppo");
    expect(more).toEqual([first, first]); // three passes over the same
    expect(numbers(first!.weights).filter((weight) => weight > 0)).toEqual(Array(8).fill(0.125));
    expect(sum(first!.advantages)).toBeCloseTo(0, 4);
    expect(numbers(first!.oldValues).filter((value) => value === 0.5)).toHaveLength(8);
    // One token, reward 0: the return is 0 - 0 and the first rollout's last one is 1.
    expect(numbers(first!.returns).filter((value) => value === 1)).toHaveLength(1);
  });

  test("RLOO: one advantage for each rollout, the KL taken off its reward", () => {
    const [{ advantages, weights, owners, reference: none }] = batches("rloo") as [ReturnType<typeof batches>[number]];
    // The first pays 0.1 · 0.5: 0.95 against 0.
    expect(numbers(advantages)).toEqual([0.95, -0.95, 0, 0]);
    expect(numbers(weights)).toEqual(Array(4).fill(0.25));
    expect(new Set(numbers(owners))).toEqual(new Set([0, 1, 2, 3, 4]));
    expect(none).toBeUndefined();
  });

  test("GRPO: every rollout weighs the same, however long; the reference is for the loss", () => {
    const [{ weights, reference: shown, advantages }] = batches("grpo") as [ReturnType<typeof batches>[number]];
    expect(sum(weights)).toBeCloseTo(1, 5);
    expect(numbers(weights).filter((weight) => weight > 0)).toContain(0.083333); // 1 / (3 · 4)
    expect(numbers(shown)).toContain(-1.5);
    expect(Math.max(...numbers(advantages))).toBeCloseTo(0.5 / (Math.SQRT1_2 + 1e-4), 5);
    expect(batches("grpo", { beta: 0 })[0]!.reference).toBeUndefined();
  });

  test("minibatches are parts of a shuffle, another in each pass", () => {
    const parts = batches("rloo", { minibatches: 2, epochs: 2 });
    expect(parts.map(({ advantages }) => advantages.size)).toEqual([2, 2, 2, 2]);
    const pass = (index: number) =>
      parts.slice(2 * index, 2 * index + 2).flatMap(({ advantages }) => numbers(advantages));
    for (const index of [0, 1]) expect(pass(index).toSorted()).toEqual([-0.95, 0, 0, 0.95]);
    for (const { weights } of parts) expect(sum(weights)).toBeCloseTo(1, 6);
    expect(batches("rloo", { minibatches: 2, epochs: 2 })).toEqual(parts);
  });
});
