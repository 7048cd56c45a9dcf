import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { Tensor } from "../../../compute/tensor.ts";
import { Random } from "../../../core/random.ts";
import { imageSetOf, readSigned } from "../../../media/index.ts";
import { initConvEncoder, poolGrid } from "../../../vision/index.ts";
import { marks } from "../world.ts";
import { lookAt } from "./augment.ts";
import { type ConvFeatureNet, loadNet, openNet, saveNet } from "./net.ts";
import { cacheFeatures } from "./source.ts";
import { denseTargets, factorCount, factorTargets } from "./targets.ts";
import { taskOf } from "./tasks.ts";

const encoder = { widths: [4, 4, 4], dim: 6, groups: 2 };
const params = { encoder: initConvEncoder(new Random("net"), encoder) };
const card = {
  kind: "polymath-feature-net" as const,
  name: "tiny",
  task: "dense" as const,
  encoder,
  side: 32,
  classNames: [],
  seed: 0,
  probeAccuracy: 0.5,
};
const set = marks("train", { seed: 3, count: 70 });
let dir: string;
let net: ConvFeatureNet;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "polymath-features-"));
  net = openNet({ ...card, sha256: "" }, params);
});
afterAll(async () => {
  net.dispose();
  await rm(dir, { recursive: true });
});

suite("targets", () => {
  test("cells know their cover and distance", () => {
    const { cover, distance, weight, shape, palette } = denseTargets(set, 4)([0, 1]);
    expect(cover!.shape).toEqual([2, 16]);
    const mark = set.mark(1);
    const inside = Array.from(mark.distance).filter((d) => d < 0).length;
    const covers = Array.from(cover!.host!).slice(16);
    expect(covers.reduce((a, b) => a + b) * 64).toBeCloseTo(inside, 3);
    // The first cell by hand: rows and columns 0 to 7.
    const cell = Array.from({ length: 64 }, (_, i) => mark.distance[32 * Math.floor(i / 8) + (i % 8)]!);
    const mean = cell.reduce((sum, d) => sum + Math.max(-1, Math.min(1, d / 0.25)), 0) / 64;
    expect(distance!.host![16]).toBeCloseTo(mean, 5);
    expect(Array.from(weight!.host!).slice(16)).toEqual(covers.map((share) => (share >= 0.1 ? 1 : 0)));
    expect([shape!.host![16], palette!.host![31]]).toEqual([mark.factors.shape, mark.factors.palette]);
  });

  test("factors are of about unit size", () => {
    const all = Array.from({ length: 400 }, (_, i) => marks("train", { seed: 1, count: 400 }).factors(i));
    const values = factorTargets(all).host!;
    for (let k = 0; k < factorCount; k++) {
      const column = all.map((_, i) => values[i * factorCount + k]!);
      const mean = column.reduce((a, b) => a + b) / column.length;
      const std = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length);
      expect(Math.abs(mean), `mean of factor ${k}`).toBeLessThan(0.3);
      expect(std, `deviation of factor ${k}`).toBeGreaterThan(0.5);
      expect(std, `deviation of factor ${k}`).toBeLessThan(1.6);
    }
  });

  test("tasks that need factors refuse other pictures", () => {
    const others = imageSetOf(new Uint8Array(3 * 32 * 32), { side: 32, labels: Int32Array.of(0), classNames: ["all"] });
    const settings = { encoder, side: 32, count: 1, steps: 1, batch: 1, lr: 1, seed: 0 };
    expect(() => taskOf(others, { ...settings, task: "dense" })).toThrow("need the world's own marks");
    expect(() => taskOf(others, { ...settings, task: "labels" })).toThrow(
      "needs two classes or more, these pictures have one",
    );
  });
});

suite("lookAt", () => {
  const image = Float32Array.from({ length: 3 * 64 }, (_, i) => Math.sin(i));
  test("is a function of its stream", () => {
    expect(lookAt(image, 8, new Random(1))).toEqual(lookAt(image, 8, new Random(1)));
    expect(lookAt(image, 8, new Random(1))).not.toEqual(lookAt(image, 8, new Random(2)));
  });
  test("a flat picture stays flat but for noise, a gain and a shift", () => {
    const look = lookAt(new Float32Array(192).fill(0.5), 8, new Random(4));
    const plane = look.subarray(0, 64);
    const mean = plane.reduce((a, b) => a + b) / 64;
    expect(Math.max(...plane.map((value) => Math.abs(value - mean)))).toBeLessThan(0.25);
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.35);
  });
});

suite("net", () => {
  test("any number of pictures, in order, pooled over the grid", async () => {
    const images = await readSigned(
      set,
      Array.from({ length: 70 }, (_, i) => i),
    ); // more than one call of the program
    const { grid, pooled, logits } = await net.run(images, 32);
    expect([grid.length, logits]).toEqual([70 * 6 * 16, undefined]);
    expect(pooled).toEqual(poolGrid(grid, 16));
    const last = await net.run(images.subarray(69 * 3072), 32);
    expect(last.grid).toBeAllclose(grid.subarray(69 * 96), { atol: 1e-5 });
    await expect(net.run(images, 16)).rejects.toThrow("pictures of 16 pixels, it was trained on 32");
  });

  test("is saved and opened, and refuses other weights", async () => {
    const folder = join(dir, "net");
    const classes = { weight: Tensor.from(new Float32Array(12).fill(0.1), [2, 6]), bias: Tensor.from([0, 1]) };
    await saveNet(folder, { ...card, classNames: ["a", "b"] }, { ...params, heads: { classes } });
    const opened = await loadNet(folder);
    const images = await readSigned(set, [0]);
    const { grid, logits } = await opened.run(images, 32);
    expect(grid).toEqual((await net.run(images, 32)).grid);
    expect([opened.classCount, logits!.length]).toEqual([2, 2]);
    expect(logits![1]! - logits![0]!).toBeCloseTo(1, 5); // the same weights, another bias
    opened.dispose();
    await writeFile(join(folder, "model.safetensors"), "other");
    await expect(loadNet(folder)).rejects.toThrow("is not the file that card.json describes");
  });
});

suite("cacheFeatures", () => {
  const options = (folder: string) => ({ folder: join(dir, folder), side: 4, resize: false });

  test("gives the features of each picture, from disk the second time", async () => {
    const source = (await cacheFeatures(set, net, options("cache")))!;
    const { grid } = await net.run(await readSigned(set, [5, 66]), 32);
    expect(await source.read([5, 66])).toBeAllclose(grid, { atol: 1e-5 });
    await source.close();
    const silent = { ...net, run: () => Promise.reject(new Error("not again")) };
    const again = (await cacheFeatures(set, silent, options("cache")))!;
    expect(await again.read([66])).toHaveLength(96);
    await again.close();
    await expect(cacheFeatures(set, { ...net, name: "another" }, options("cache"))).rejects.toThrow(
      "not of another (70)",
    );
  });

  test("another grid is refused with both shapes, or resized", async () => {
    await expect(cacheFeatures(set, net, { ...options("grid"), side: 2 })).rejects.toThrow(
      "has a grid of 4x4, the latents one of 2x2",
    );
    const source = (await cacheFeatures(set, net, { ...options("grid"), side: 2, resize: true }))!;
    expect(await source.read([0])).toHaveLength(6 * 4);
    await source.close();
  });

  test("a stop leaves nothing behind", async () => {
    expect(await cacheFeatures(set, net, { ...options("stopped"), signal: AbortSignal.abort() })).toBeNull();
  });
});
