import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { constant } from "../../compute/schedules.ts";
import type { Outside, Tensor } from "../../compute/tensor.ts";
import { namedLeaves } from "../../compute/tree.ts";
import { Random } from "../../core/random.ts";
import { defineDecoder } from "../decoder/config.ts";
import type { DecoderParams } from "../decoder/decoder.ts";
import { initDecoder } from "../decoder/init-decoder.ts";
import { createGenerator } from "../generate/generator.ts";
import { closedVocabulary } from "../tokenizers/index.ts";
import type { GuardOptions } from "./collapse-guard.ts";
import { type PreferenceOptions, trainPreference } from "./preference.ts";
import { usualLoss } from "./preference-losses.ts";
import { encodePair } from "./preference-pairs.ts";

const tokenizer = closedVocabulary([..."abcdefgh:yn", "<end>"], { eos: "<end>" });
const config = defineDecoder({
  vocabSize: tokenizer.vocabSize,
  hiddenSize: 32,
  layerCount: 1,
  headCount: 2,
  maxPositions: 32,
});
const prompts = [..."abcdefgh"].map((letter) => `${letter}:`);
const pairs = prompts.map((prompt) => encodePair({ prompt, chosen: "y", rejected: "nnnnn" }, { tokenizer }));
const start = () => initDecoder(config, new Random(1));
const options: Omit<PreferenceOptions, "params"> = {
  config,
  pairs,
  loss: usualLoss("simpo"),
  sequenceLength: 16,
  batchSize: 4,
  learningRate: 0.01,
  steps: 6,
  seed: 5,
};
const bytes = async (params: Outside<DecoderParams>) =>
  Promise.all([...namedLeaves<Tensor>(params).values()].map(async (leaf) => [...(await leaf.data())]));

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polymath-preference-"));
});
afterAll(() => rm(folder, { recursive: true }));

suite("trainPreference", () => {
  test.each(["sft", "dpo", "rpo", "simpo"] as const)("%s makes the chosen responses likelier", async (method) => {
    const metrics: Record<string, number>[] = [];
    const trained = await trainPreference({
      ...options,
      params: start(),
      loss: usualLoss(method),
      steps: 30,
      onStep: (report) => metrics.push(report.metrics),
    });
    expect(metrics.at(-1)!.chosen!).toBeGreaterThan(metrics[0]!.chosen! + 0.5);
    if (method !== "sft") {
      expect(metrics.at(-1)!.accuracy).toBe(1);
      expect(metrics.at(-1)!.margin!).toBeGreaterThan(metrics[0]!.margin! + 0.3);
    }
    const generator = createGenerator({ model: { config, params: trained.params }, tokenizer });
    const { completions } = await generator.generate({ prompts, maxTokens: 8, temperature: 0 });
    if (method !== "dpo") expect(completions.map(({ text }) => text)).toEqual(prompts.map(() => "y"));
    generator.dispose();
  });

  test("DPO starts at ln 2, because the reference is the model itself", async () => {
    const losses: number[] = [];
    await trainPreference({
      ...options,
      params: start(),
      loss: usualLoss("dpo"),
      steps: 1,
      onStep: ({ loss }) => losses.push(loss),
    });
    expect(losses[0]).toBeCloseTo(Math.LN2, 5);
  });

  test("micro-batches add up to the batch they are parts of", async () => {
    const train = (batchSize: number, accumulate: number) =>
      trainPreference({
        ...options,
        params: start(),
        batchSize,
        accumulate,
        steps: 2,
        learningRate: () => constant(0.01),
      });
    const [whole, parts] = [await train(4, 1), await train(2, 2)];
    const [a, b] = [(await bytes(whole.params)).flat(), (await bytes(parts.params)).flat()];
    expect(Math.max(...a.map((value, i) => Math.abs(value - b[i]!)))).toBeLessThan(2e-4);
  });

  test("interrupted and resumed, it ends with the same parameters; the reference is computed once", async () => {
    const run = (dir: string, signal?: AbortSignal, onStep?: () => void) =>
      trainPreference({
        ...options,
        params: start(),
        loss: usualLoss("rpo"),
        checkpointDir: join(folder, dir),
        signal,
        onStep,
      });
    const straight = await run("straight");
    const controller = new AbortController();
    const cut = await run("cut", controller.signal, () => controller.abort());
    expect([cut.stopped, cut.collapse]).toEqual([true, undefined]);
    const file = join(folder, "cut", "reference.json");
    const before = await readFile(file, "utf8");
    const resumed = await run("cut");
    expect(await bytes(resumed.params)).toEqual(await bytes(straight.params));
    expect(await readFile(file, "utf8")).toBe(before);
  });

  test("refuses to do nothing", async () => {
    await expect(trainPreference({ ...options, params: start(), pairs: [] })).rejects.toThrow("nothing to do");
    await expect(trainPreference({ ...options, params: start(), sequenceLength: 64 })).rejects.toThrow(
      "beyond the model's 32 positions",
    );
  });
});

suite("the collapse guard", () => {
  /** Accuracies by call, the one before training first. */
  const guardOf = (accuracies: number[], limits = {}): GuardOptions & { calls: number } => {
    const guard = {
      calls: 0,
      limits,
      probe: async () => ({ answers: [[1, 2, 3]], accuracy: accuracies[guard.calls++]! }),
    };
    return guard;
  };

  test("ends the training, says why, and gives the last good checkpoint back", async () => {
    const dir = join(folder, "collapse");
    const kept: number[][][] = [];
    const guard = guardOf([0.9, 0.9, 0.5]);
    const probe = guard.probe;
    const watching: GuardOptions = {
      ...guard,
      probe: async (...args: [params: Outside<DecoderParams>]) => {
        kept.push(await bytes(args[0]));
        return (probe as GuardOptions["probe"])(...args);
      },
    };
    const run = () =>
      trainPreference({ ...options, params: start(), evaluateEvery: 2, checkpointDir: dir, guard: watching });
    const result = await run();
    expect(result.collapse).toMatchObject({ cause: "accuracy", step: 4 });
    expect([result.step, result.stopped]).toEqual([2, true]);
    expect(await bytes(result.params)).toEqual(kept[1]); // as it was at step 2
    expect(kept[2]).not.toEqual(kept[1]);
    // Started again, it does not train on from the collapsed state.
    const again = await run();
    expect(again.collapse).toEqual(result.collapse);
    expect(await bytes(again.params)).toEqual(kept[1]);
    expect(kept).toHaveLength(3);
  });

  test("turns NaN into a named collapse, with the model before training", async () => {
    const result = await trainPreference({
      ...options,
      params: start(),
      learningRate: () => () => 1e30,
      guard: guardOf([1, 1, 1, 1, 1, 1]),
      evaluateEvery: 100,
    });
    expect(result.collapse).toMatchObject({ cause: "divergence", knob: expect.stringContaining("learning rate") });
    expect(await bytes(result.params)).toEqual(await bytes(start()));
  });

  test("fires by itself when the learning rate is far too high", async () => {
    const result = await trainPreference({
      ...options,
      params: start(),
      steps: 40,
      evaluateEvery: 5,
      loss: { method: "simpo", beta: 2, gamma: 0 },
      learningRate: () => constant(0.5),
      guard: { probe: async () => ({ answers: [] }) },
    });
    expect(["chosen log-probability", "divergence"]).toContain(result.collapse?.cause);
  });

  test("a stop from outside during the probe is no collapse", async () => {
    const controller = new AbortController();
    let calls = 0;
    const dir = join(folder, "stopped");
    const result = await trainPreference({
      ...options,
      params: start(),
      evaluateEvery: 2,
      checkpointDir: dir,
      signal: controller.signal,
      guard: {
        async probe() {
          if (++calls === 2) controller.abort(); // answers are cut off: all wrong
          return { answers: [], accuracy: calls === 2 ? 0 : 1 };
        },
      },
    });
    expect([result.stopped, result.collapse, result.step]).toEqual([true, undefined, 2]);
    expect(existsSync(join(dir, "guard.json"))).toBe(true);
  });
});
