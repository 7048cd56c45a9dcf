/** Measures of tokenizers and generators on stand-ins whose result is known. */
import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { imageSetOf } from "../../../media/index.ts";
import type { FeatureNet } from "../../../vision/index.ts";
import { smallAutoencoder } from "../presets.ts";
import type { Tokenizer } from "../tokenizer/index.ts";
import { evaluateGeneration } from "./generation.ts";
import { byPlace, effectiveRank, latentHealth } from "./health.ts";
import { evaluateReconstruction } from "./reconstruction.ts";

const side = 32;
const silent = { progress: () => ({ update() {}, stop() {} }) };

/** Grey pictures of two classes, dark and light. */
function greys(count: number) {
  const rng = new Random("greys");
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  const bytes = new Uint8Array(count * 3 * side ** 2);
  for (let i = 0; i < count; i++)
    bytes.fill((labels[i] ? 180 : 40) + rng.int(0, 30), i * 3 * side ** 2, (i + 1) * 3 * side ** 2);
  return imageSetOf(bytes, { side, labels, classNames: ["dark", "light"] });
}

/** Sees the mean of the picture and its first pixel's; calls light what is above 0. */
const judge: FeatureNet = {
  name: "eye",
  dim: 2,
  gridSide: 1,
  classCount: 2,
  async run(images) {
    const size = 3 * side ** 2;
    const count = images.length / size;
    const pooled = new Float32Array(count * 2);
    const logits = new Float32Array(count * 2);
    for (let i = 0; i < count; i++) {
      const mean = images.subarray(i * size, (i + 1) * size).reduce((a, b) => a + b) / size;
      pooled.set([mean, images[i * size]!], 2 * i);
      logits.set([-mean, mean], 2 * i);
    }
    return { grid: pooled, pooled, logits };
  },
  dispose() {},
};

/** Latents of the form that `latentOf` gives; decodes to the last encoded pictures plus `error`. */
function standIn(latentOf: (image: Float32Array, channel: number) => number, error = 0): Tokenizer {
  const config = smallAutoencoder(4);
  let last: Float32Array<ArrayBuffer>;
  return {
    name: "stand-in",
    hash: "0",
    config,
    latentDim: 4,
    latentSide: 4,
    async encode(images) {
      last = images;
      const size = 3 * side ** 2;
      const count = images.length / size;
      const mean = new Float32Array(count * 64);
      for (let i = 0; i < mean.length; i++) {
        const image = Math.floor(i / 64);
        mean[i] = latentOf(images.subarray(image * size, (image + 1) * size), Math.floor(i / 16) % 4);
      }
      return { mean, logvar: new Float32Array(mean.length).fill(-2 * Math.log(10)) };
    },
    decode: async () => last.map((value) => value + error),
    dispose() {},
  };
}

suite("evaluateReconstruction", () => {
  test("a perfect tokenizer", async () => {
    const result = await evaluateReconstruction(
      standIn(() => 0),
      greys(40),
      { ...silent, judge },
    );
    expect(result).toMatchObject({
      psnr: Infinity,
      ssim: 1,
      judge: "eye",
      classAgreement: 1,
      classAgreementReal: 1,
      count: 40,
    });
    expect(result.rfid).toBeCloseTo(0, 8);
  });

  test("a constant error of two grey levels", async () => {
    const result = await evaluateReconstruction(
      standIn(() => 0, 2 / 127.5),
      greys(40),
      { ...silent, judge },
    );
    expect(result.psnr).toBeCloseTo(10 * Math.log10(255 ** 2 / 4), 3);
    expect(result.rfid).toBeCloseTo(2 * (2 / 127.5) ** 2, 5); // both means are moved
    expect(result.perceptual).toBeUndefined();
  });
});

suite("latentHealth", () => {
  const rng = new Random("latents");
  test("dead channels, spread and rank", async () => {
    // Two independent channels, one that copies the first, one that is dead.
    const draws = new Map<Float32Array, number[]>();
    const latent = (image: Float32Array, channel: number) => {
      const key = [...draws.keys()].find((known) => known.byteOffset === image.byteOffset) ?? image;
      const [a, b] = draws.get(key) ?? [rng.normal(), rng.normal()];
      draws.set(key, [a!, b!]);
      return [a!, 2 * b!, a!, 0][channel]!;
    };
    const health = await latentHealth(standIn(latent), greys(300));
    expect(health.dead).toEqual([3]);
    expect(health.std.max).toBeGreaterThan(1.7);
    expect(health.correlation).toBeGreaterThan(0.3); // one pair of three is a copy
    expect(health.effectiveRank).toBeGreaterThan(1.5);
    expect(health.effectiveRank).toBeLessThan(2.1);
    expect(health.noiseShare).toBeCloseTo(0.1 / ((health.std.min + 2 + health.std.max + 0) / 4), 1);
  });

  test("latents that show the class have pure neighbours and a perfect probe, and align with features that do", async () => {
    const shade = (image: Float32Array, channel: number) => image[0]! * (channel + 1) + 0.001 * rng.normal();
    const features: FeatureNet = {
      ...judge,
      gridSide: 4,
      dim: 1,
      run: async (images) => ({ ...(await judge.run(images, side)), grid: repeat(images) }),
    };
    const health = await latentHealth(standIn(shade), greys(100), { features });
    expect([health.knnPurity, health.probeAccuracy]).toEqual([1, 1]);
    expect(health.alignment).toBeGreaterThan(0.99);
    const blind = await latentHealth(
      standIn(() => rng.normal()),
      greys(100),
      { features },
    );
    expect(blind.knnPurity).toBeLessThan(0.65);
    expect(Math.abs(blind.alignment!)).toBeLessThan(0.3);
    const coarser = await latentHealth(standIn(shade), greys(100), { features: judge });
    expect(coarser.alignment).toBeUndefined(); // no common places
  });

  /** The first pixel, at each of 16 places. */
  const repeat = (images: Float32Array) =>
    Float32Array.from({ length: (images.length / 3072) * 16 }, (_, i) => images[Math.floor(i / 16) * 3072]!);
});

test("byPlace: channels of one place side by side", () => {
  expect(byPlace(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), 2, 2)).toEqual(Float32Array.of(1, 3, 2, 4, 5, 7, 6, 8));
});

test("effectiveRank: n for even spectra, 1 for one direction, e^H between", () => {
  expect(effectiveRank(Float64Array.of(3, 0, 0, 0, 3, 0, 0, 0, 3), 3)).toBeCloseTo(3, 10);
  expect(effectiveRank(Float64Array.of(1, 1, 1, 1), 2)).toBeCloseTo(1, 6);
  const entropy = -(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25));
  expect(effectiveRank(Float64Array.of(3, 0, 0, 1), 2)).toBeCloseTo(Math.exp(entropy), 10);
  expect(effectiveRank(new Float64Array(4), 2)).toBe(0);
});

suite("evaluateGeneration", () => {
  const rows = (shade: (i: number) => number, count = 40) => {
    const images = new Float32Array(count * 3072);
    for (let i = 0; i < count; i++) images.fill(shade(i), i * 3072, (i + 1) * 3072);
    return { images, side };
  };
  const real = rows((i) => (i % 2 ? 0.5 : -0.5) + 0.002 * i);

  test("the real pictures again are perfect", async () => {
    const labels = Array.from({ length: 40 }, (_, i) => i % 2);
    const result = await evaluateGeneration(real, real, { judge, labels });
    expect(result).toMatchObject({ judge: "eye", count: 40, precision: 1, recall: 1, classAgreement: 1 });
    expect(result.fid).toBeCloseTo(0, 6);
    expect(result.sfid).toBeCloseTo(0, 6);
    expect(result.inceptionScore).toBeGreaterThan(1);
  });

  test("one class only: precise, without recall, far away", async () => {
    const result = await evaluateGeneration(
      rows((i) => 0.5 + 0.004 * (i % 20)),
      real,
      { judge },
    );
    expect(result.precision).toBe(1);
    expect(result.recall).toBeCloseTo(0.5, 1);
    expect(result.fid).toBeGreaterThan(0.2);
    expect(result.classAgreement).toBeUndefined();
  });

  test("too few pictures are refused, or shrunk with a warning", async () => {
    const few = rows((i) => i / 10, 2);
    await expect(evaluateGeneration(few, real, { judge })).rejects.toThrow("2 vectors of 2 features do not determine");
    await expect(
      evaluateGeneration(
        rows((i) => i / 10, 4),
        real,
        { judge },
      ),
    ).resolves.toMatchObject({
      warnings: [expect.stringContaining("biased upwards"), expect.stringContaining("sFID: ")],
    });
  });
});
