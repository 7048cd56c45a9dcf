import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { config, countY, freshPolicy, numbersOf, prompts, tokenizer } from "./rl.fixtures.ts";
import type { Reward } from "./rollouts.ts";
import { type SampledPairOptions, samplePairs, trainOnSampledPairs } from "./sampled-pairs.ts";
import { tinyPairs } from "./settings.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polymath-pairs-"));
});
afterAll(() => rm(folder, { recursive: true }));

const beginsWithY: Reward<string> = (rollouts) => rollouts.map(({ text }) => (text.startsWith("y") ? 1 : 0.1));
const settings = { ...tinyPairs, samples: 8, maxTokens: 4, learningRate: 0.02, batchSize: 8, epochs: 8 };
const many = Array.from({ length: 4 }, () => prompts).flat();
const options = (more: Partial<SampledPairOptions<string>> = {}): SampledPairOptions<string> => ({
  config,
  params: freshPolicy(),
  tokenizer,
  prompts: many,
  reward: beginsWithY,
  rightReward: 1,
  settings,
  seed: 3,
  ...more,
});

suite("samplePairs", () => {
  test("pairs a right with a wrong answer to the same prompt, and counts the prompts that have none", async () => {
    const none: Reward<string> = (rollouts, context) =>
      (beginsWithY(rollouts, context) as number[]).map((reward, i) => (rollouts[i]!.item === "a" ? 0 : reward));
    const { pairs, dropped, rolloutCount, reward } = (await samplePairs(options({ reward: none })))!;
    expect(rolloutCount).toBe(16 * 8);
    expect(pairs.length + dropped.noneRight + dropped.noneWrong).toBe(16);
    expect(dropped.noneRight).toBeGreaterThanOrEqual(4); // those of "a"
    expect(pairs.length).toBeGreaterThan(3);
    expect(reward).toBeGreaterThan(0);
    const y = tokenizer.tokenId("y")!;
    for (const { chosen, rejected } of pairs) {
      expect(chosen.tokens.slice(0, 2)).toEqual(rejected.tokens.slice(0, 2));
      expect([chosen.tokens[2], chosen.trained[1], chosen.trained[2]]).toEqual([y, false, true]);
      expect(rejected.tokens[2]).not.toBe(y);
    }
    expect((await samplePairs(options({ reward: none })))!.pairs).toEqual(pairs);
  });
});

suite("trainOnSampledPairs", () => {
  test("makes right answers likelier, more so with each round, and goes on after a stop", async () => {
    const rewards: number[] = [];
    const run = (dir: string, signal?: AbortSignal, onStep?: SampledPairOptions<string>["onStep"]) =>
      trainOnSampledPairs(
        options({
          settings: { ...settings, rounds: 3 },
          dir: join(folder, dir),
          signal,
          onStep,
          onRound: (round, figures) => {
            rewards[round] = figures.reward;
          },
        }),
      );
    const straight = await run("straight");
    expect([straight.rounds, straight.stopped]).toEqual([3, false]);
    expect(rewards[1]).toBeLessThan(0.4);
    expect(rewards[3]).toBeGreaterThan(rewards[1]! + 0.3);

    const controller = new AbortController();
    const cut = await run("cut", controller.signal, (round, step) => round === 2 && step === 2 && controller.abort());
    expect([cut.rounds, cut.stopped]).toEqual([1, true]);
    const resumed = await run("cut");
    expect(await numbersOf(resumed.params)).toEqual(await numbersOf(straight.params));
  });

  test("refuses to learn from answers of which none is right", async () => {
    const run = trainOnSampledPairs(options({ reward: countY, rightReward: 2 }));
    await expect(run).rejects.toThrow("128 answers make no pair: 16 prompts have none that is right");
  });
});
