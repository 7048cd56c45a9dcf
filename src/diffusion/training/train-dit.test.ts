import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, suite, test } from "vitest";
import type { Tensor } from "../../compute/tensor.ts";
import type { StepReport } from "../../compute/train.ts";
import { namedLeaves } from "../../compute/tree.ts";
import { DitConfig } from "../transformer/config.ts";
import { initDit } from "../transformer/parameters.ts";
import { createDitSampler, sampleNoise } from "../transformer/sample-dit.ts";
import { epochOrder } from "./epoch-order.ts";
import { FlowRecipe } from "./recipe.ts";
import { type DitTrainOptions, type LatentExamples, trainDit } from "./train-dit.ts";

const config = DitConfig.parse({ depth: 1, width: 16, heads: 1, grid: 2, channels: 2, classes: 2 });
const recipe = FlowRecipe.parse({ steps: 6, batch: 8, lr: 1e-2, ema: 0.9, clipNorm: 1 });
/** Class 0 is all ones, class 1 all minus ones. */
const examples: LatentExamples = {
  count: 20,
  read: (indices) => ({
    latents: Float32Array.from(indices.flatMap((index) => new Array(8).fill(index % 2 === 0 ? 1 : -1))),
    labels: Int32Array.from(indices, (index) => index % 2),
  }),
};
const options = (more: Partial<DitTrainOptions> = {}): DitTrainOptions => ({
  config,
  recipe,
  examples,
  seed: 3,
  ...more,
});
const bytes = async (tree: unknown) => {
  const all: number[] = [];
  for (const leaf of namedLeaves<Tensor>(tree).values()) all.push(...((await leaf.data()) as Float32Array));
  return all;
};

const noiseFor = (count: number) => sampleNoise(config, { seed: 9, first: 0, count });

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "polymath-dit-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

suite("epochOrder", () => {
  test("shows every example once per epoch, in another order each time", () => {
    const order = epochOrder(12, 4, 7);
    const epoch = (first: number) => [0, 1, 2].flatMap((i) => order(first + i));
    expect(epoch(0).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    expect(epoch(3).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    expect(epoch(3)).not.toEqual(epoch(0));
  });
  test("is a function of the step: whoever begins in the middle sees the same", () => {
    const whole = Array.from({ length: 9 }, (_, step) => step).map(epochOrder(10, 4, 1));
    expect(epochOrder(10, 4, 1)(7)).toEqual(whole[7]);
    expect(whole[2]).toHaveLength(4); // two of one epoch and two of the next
  });
});

suite("trainDit", () => {
  test("learns two classes that lie apart, and the average draws them", async () => {
    const longer = { ...recipe, steps: 150 };
    const reports: StepReport[] = [];
    const { ema } = await trainDit(options({ recipe: longer, onStep: (report) => reports.push(report) }));
    expect(reports.at(-1)!.metrics.squares).toBeLessThan(0.7 * reports[0]!.metrics.squares!);
    const sampler = createDitSampler(config);
    const request = { params: ema!, labels: Int32Array.of(0, 1, 0, 1), noise: noiseFor(4), points: 20 };
    const mean = (latents: Float32Array, i: number) =>
      latents.slice(8 * i, 8 * i + 8).reduce((sum, v) => sum + v / 8, 0);
    const plain = await sampler.sample(request);
    for (const [i, wanted] of [1, -1, 1, -1].entries()) expect(Math.abs(mean(plain, i) - wanted)).toBeLessThan(0.5);
    sampler.dispose();
  });

  test("stopped and gone on with, it ends with the same bytes", async () => {
    const whole = await trainDit(options());
    const stop = new AbortController();
    const onStep = ({ step }: StepReport) => step === 3 && stop.abort();
    const first = await trainDit(options({ checkpointDir: dir, signal: stop.signal, onStep: onStep as any }));
    expect([first.stopped, first.step < 6]).toEqual([true, true]);
    const second = await trainDit(options({ checkpointDir: dir }));
    expect(await bytes(second.params)).toEqual(await bytes(whole.params));
    expect(await bytes(second.ema)).toEqual(await bytes(whole.ema));
  });

  test("a step on broken latents changes nothing, and the run goes on", async () => {
    let visit = 0;
    const broken: LatentExamples = {
      ...examples,
      read: async (indices, rng) => {
        const batch = await examples.read(indices, rng);
        if (visit++ === 2) batch.latents[0] = Number.NaN;
        return batch;
      },
    };
    const skipped: number[] = [];
    const { params } = await trainDit(
      options({ examples: broken, onStep: (report) => report.skipped && skipped.push(report.step) }),
    );
    expect(skipped).toEqual([3]);
    expect((await bytes(params)).every(Number.isFinite)).toBe(true);
  });

  test("latents that stay broken end it, and the error says what to turn", async () => {
    const broken: LatentExamples = {
      ...examples,
      read: (indices) => ({
        latents: new Float32Array(indices.length * 8).fill(Number.NaN),
        labels: new Int32Array(indices.length),
      }),
    };
    await expect(trainDit(options({ examples: broken, recipe: { ...recipe, steps: 20 } }))).rejects.toMatchObject({
      code: "DIVERGED",
      hint: expect.stringContaining("learning rate"),
    });
  });

  test("refuses a batch that no epoch fills", async () => {
    await expect(trainDit(options({ recipe: { ...recipe, batch: 21 } }))).rejects.toThrow(
      "a batch of 21 from 20 examples",
    );
  });
});

suite("createDitSampler", () => {
  const sampler = createDitSampler(config);
  let trained: Awaited<ReturnType<typeof trainDit>>["ema"];
  beforeAll(async () => {
    ({ ema: trained } = await trainDit(options({ recipe: { ...recipe, steps: 40, labelDropout: 0.4 } })));
  });
  afterAll(() => sampler.dispose());
  test("below its interval guidance is the conditional model alone; above it, channels decide", async () => {
    const labels = Int32Array.of(0, 1);
    const x = Float32Array.from({ length: 16 }, (_, i) => Math.sin(i));
    const at = (time: number, guidance?: any) => sampler.velocity(trained!, labels, guidance)(x, time);
    const guidance = { scale: 4, from: 0.3 };
    expect(await at(0.2, guidance)).toEqual(await at(0.2));
    expect(await at(0.5, guidance)).not.toEqual(await at(0.5));
    const [conditional, unconditional] = [await at(0.5), await sampler.velocity(trained!, Int32Array.of(2, 2))(x, 0.5)];
    const guided = await at(0.5, guidance);
    for (const [i, value] of conditional.entries())
      expect(guided[i]).toBeCloseTo(unconditional[i]! + 4 * (value - unconditional[i]!), 4);
  });
  test("the same seed draws the same latents, by any solver of the same field", async () => {
    const draw = (method: "euler" | "heun" | "dopri5", points: number) =>
      sampler.sample({ params: trained!, labels: Int32Array.of(0, 1), noise: noiseFor(2), points, method });
    expect(await draw("euler", 5)).toEqual(await draw("euler", 5));
    const fine = await draw("dopri5", 2);
    const error = (x: Float32Array) => Math.max(...Array.from(x, (value, i) => Math.abs(value - fine[i]!)));
    const rough = error(await draw("euler", 9));
    expect(error(await draw("heun", 9))).toBeLessThan(rough);
    expect(error(await draw("euler", 65))).toBeLessThan(rough / 4);
  });
  test("noise belongs to the sample's number, whatever batch it is in", () => {
    const whole = sampleNoise(config, { seed: 1, first: 0, count: 4 });
    expect(sampleNoise(config, { seed: 1, first: 2, count: 2 })).toEqual(whole.slice(16));
  });
  test("names a label that is no class", async () => {
    await expect(
      sampler.sample({ params: initDit(config, 0), labels: Int32Array.of(3), noise: noiseFor(1), points: 2 }),
    ).rejects.toThrow("label 3 is none of the 2 classes (0 to 1) or 2, no label");
  });
});
