/** The generator's room with a tokenizer of four numbers in place of a real one. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { createLog } from "../../../core/log.ts";
import { Random } from "../../../core/random.ts";
import { DitConfig, FlowRecipe, initDit } from "../../../diffusion/index.ts";
import { saveDit } from "../checkpoints/dit-file.ts";
import { computeStats, openLatents, shardName, writeShard, writeStats } from "../latents/index.ts";
import type { LatentTokenizer } from "../latents/latent-tokenizer.ts";
import {
  describeMemorisation,
  drawPictures,
  findMemorised,
  labelsInTurn,
  openGenerator,
  trainGenerator,
} from "./index.ts";

const config = DitConfig.parse({ depth: 1, width: 16, heads: 1, grid: 2, channels: 3, classes: 2 });
const recipe = FlowRecipe.parse({ steps: 120, batch: 16, lr: 1e-2, ema: 0.9, clipNorm: 1 });
/** Latents of 3 x 2 x 2 are the picture itself, a hundred times as large and moved by 7: normalisation must undo it. */
const tokenizer: LatentTokenizer = {
  hash: "tok",
  latentDim: 3,
  latentSide: 2,
  encode: async (images) => ({
    mean: images.map((v) => 100 * v + 7),
    logvar: new Float32Array(images.length).fill(-30),
  }),
  decode: async (z) => z.map((v) => (v - 7) / 100),
};

let dir: string;
let latents: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "polymath-generator-"));
  latents = join(dir, "latents");
  // Class 0 is bright, class 1 dark, with some noise.
  const rng = new Random("pictures");
  const labels = Int32Array.from({ length: 64 }, (_, i) => i % 2);
  const values = Float32Array.from(
    { length: 64 * 12 },
    (_, i) => 100 * ((Math.floor(i / 12) % 2 === 0 ? 0.5 : -0.5) + 0.05 * rng.normal()) + 7,
  );
  await writeShard(join(latents, shardName(0)), {
    latents: values,
    flipped: values,
    labels,
    shape: [3, 2, 2],
    tokenizer: "tok",
  });
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const none = () => ({ update() {}, stop() {} });
const context = (name: string, more = {}) => ({
  log: createLog(),
  progress: none,
  signal: new AbortController().signal,
  dir: join(dir, `${name}-run`),
  out: join(dir, name),
  ...more,
});
const options = {
  config,
  recipe,
  seed: 1,
  get latents() {
    return latents;
  },
};

suite("trainGenerator", () => {
  test("does not begin without statistics", async () => {
    await expect(trainGenerator(options, context("none"))).rejects.toThrow(
      "has neither stats/latents_stats.safetensors",
    );
  });
  test("learns, shows samples on the way, and its folder knows the scale of its latents", async () => {
    const set = await openLatents(latents);
    await writeStats(latents, await computeStats(set));
    await set.close();
    const generator = await trainGenerator({ ...options, tokenizer, sampleEvery: 60 }, context("generator"));
    expect(await readdir(join(dir, "generator-run", "samples"))).toEqual(["step-00000060.png", "step-00000120.png"]);
    const labels = labelsInTurn(8, 2);
    const pictures = await drawPictures(generator!, tokenizer, { labels, seed: 3, sampling: { points: 20 }, batch: 8 });
    for (const [i, label] of labels.entries()) {
      const brightness = pictures.slice(12 * i, 12 * i + 12).reduce((sum, v) => sum + v / 12, 0);
      expect(Math.abs(brightness - (label === 0 ? 0.5 : -0.5)), String(i)).toBeLessThan(0.25);
    }
    const inThrees = await drawPictures(generator!, tokenizer, { labels, seed: 3, sampling: { points: 20 }, batch: 3 });
    for (const [i, value] of pictures.entries()) expect(inThrees[i]).toBeCloseTo(value, 4);
  });
  test("refuses a model for other latents, and labels beyond its classes", async () => {
    await expect(trainGenerator({ ...options, config: { ...config, channels: 4 } }, context("x"))).rejects.toThrow(
      "latents [3, 2, 2], the model takes [4, 2, 2]",
    );
    await expect(trainGenerator({ ...options, config: { ...config, classes: 1 } }, context("y"))).rejects.toThrow(
      "has label 1, expected 0 to 0",
    );
  });
});

suite("openGenerator", () => {
  test("a tokenizer other than the latents' is refused before anything is drawn", async () => {
    const generator = await openGenerator(join(dir, "generator"));
    const draw = (other: Partial<LatentTokenizer>) =>
      drawPictures(
        generator,
        { ...tokenizer, ...other },
        { labels: labelsInTurn(1, 2), seed: 0, sampling: { points: 2 } },
      );
    await expect(draw({ hash: "another" })).rejects.toThrow(
      "tokenizer another, the generator was trained on latents of tok",
    );
    await expect(draw({ latentDim: 4 })).rejects.toThrow(
      "the tokenizer's latents are [4, 2, 2], the generator's [3, 2, 2]",
    );
  });
  test("a bare checkpoint needs its statistics", async () => {
    const file = join(dir, "bare.safetensors");
    await saveDit(file, { params: initDit(config, 0), config });
    await expect(openGenerator(file)).rejects.toMatchObject({
      code: "USAGE",
      hint: expect.stringContaining("--stats"),
    });
    const opened = await openGenerator(file, { stats: latents });
    expect([opened.config, opened.latents.tokenizer]).toEqual([config, "tok"]);
  });
});

suite("findMemorised", () => {
  const rng = new Random("vectors");
  const draw = (count: number) => Float32Array.from({ length: count * 4 }, () => rng.normal());
  const [training, heldOut] = [draw(300), draw(200)];
  const find = (samples: Float32Array) => findMemorised({ samples, training, heldOut, dim: 4, space: "pixels" });
  test("fresh draws of the same kind are near either side equally often", () => {
    const { closerToTraining, pictureCount } = find(draw(200));
    expect(pictureCount).toBe(200); // the larger side is cut
    expect(closerToTraining.low).toBeLessThan(0.5);
    expect(closerToTraining.high).toBeGreaterThan(0.5);
  });
  test("repeated training pictures are found, and said", () => {
    const repeated = training.slice(0, 100 * 4).map((v) => v + 0.01 * rng.normal());
    const found = find(repeated);
    expect(found.closerToTraining.value).toBeGreaterThan(0.95);
    expect(found.trainingDistance).toBeLessThan(found.heldOutDistance / 5);
    expect(describeMemorisation(found)).toContain("some are repeated");
  });
  test("samples that crowd around one picture prove nothing", () => {
    const blur = Float32Array.from({ length: 200 * 4 }, (_, i) => training[i % 4]! + 0.5 + 1e-3 * rng.normal());
    const { closerToTraining } = find(blur);
    expect([0, 1]).toContain(Math.round(closerToTraining.value)); // all are nearest to the same picture
    expect(closerToTraining.low).toBeLessThanOrEqual(0.5);
    expect(closerToTraining.high).toBeGreaterThanOrEqual(0.5);
  });
  test("wants something to compare", () => {
    expect(() => find(new Float32Array(0))).toThrow("0 samples");
  });
});
