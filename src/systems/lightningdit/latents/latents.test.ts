import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import { readSafetensors, SafeTensor, writeSafetensors } from "../../../compute/safetensors/index.ts";
import { SavedTensor, torchSave } from "../../../compute/torch/torch-save.fixtures.ts";
import { Random } from "../../../core/random.ts";
import { imageSetOf } from "../../../media/index.ts";
import { extractLatents, mirrored } from "./extract.ts";
import {
  checkLabels,
  denormalise,
  examplesOf,
  intoMemory,
  type LatentSet,
  normalise,
  openLatents,
} from "./latent-set.ts";
import type { LatentTokenizer } from "./latent-tokenizer.ts";
import { shardName, writeShard } from "./shard-file.ts";
import { checkStats, computeStats, readStats, writeStats } from "./stats.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "polymath-latents-"));
});
afterEach(async () => {
  for (const set of opened.splice(0)) await set.close();
  await rm(dir, { recursive: true, force: true });
});
const opened: LatentSet[] = [];
/** Opens a folder until the end of the test. */
const open = async () => {
  const set = await openLatents(dir);
  opened.push(set);
  return set;
};

const shape = [2, 2, 2];
/** Latents 0, 1, 2, ... of `count` pictures; the mirrored ones are negative. */
const content = (count: number, from = 0, tokenizer = "tok") => {
  const latents = Float32Array.from({ length: count * 8 }, (_, i) => 8 * from + i);
  const labels = Int32Array.from({ length: count }, (_, i) => (from + i) % 3);
  return { latents, flipped: latents.map((v) => -v), labels, shape, tokenizer };
};
const write = (part: number, count: number, from: number, tokenizer?: string) =>
  writeShard(join(dir, shardName(part)), content(count, from, tokenizer));

suite("shards", () => {
  test("have the official names, keys, element types and metadata", async () => {
    await write(7, 3, 0);
    expect(await readdir(dir)).toEqual(["latents_rank00_shard007.safetensors"]);
    const { tensors, metadata, close } = await readSafetensors(join(dir, shardName(7)));
    const described = Object.fromEntries([...tensors].map(([name, { dtype, shape }]) => [name, `${dtype} ${shape}`]));
    expect(described).toEqual({ labels: "I64 3", latents: "F32 3,2,2,2", latents_flip: "F32 3,2,2,2" });
    expect(metadata).toEqual({ total_size: "3", dtype: "torch.float32", device: "cpu", tokenizer: "tok" });
    await close();
  });
  test("follow each other as one set", async () => {
    await write(0, 3, 0);
    await write(1, 2, 3);
    const set = await open();
    expect([set.count, set.shape, [...set.labels]]).toEqual([5, shape, [0, 1, 2, 0, 1]]);
    const row = new Float32Array(16);
    await set.readRow(4, false, row, 8);
    await set.readRow(2, true, row, 0);
    expect([...row]).toEqual([-16, -17, -18, -19, -20, -21, -22, -23, 32, 33, 34, 35, 36, 37, 38, 39]);
    const memory = await intoMemory(set);
    await memory.readRow(3, true, row, 0);
    expect(row[0]).toBe(-24);
  });
  test("of two tokenizers in one folder are refused", async () => {
    await write(0, 1, 0, "one");
    await write(1, 1, 1, "two");
    await expect(openLatents(dir)).rejects.toThrow("latents of tokenizer two, those of");
  });
  test("that are none are refused by what they lack", async () => {
    await expect(openLatents(dir)).rejects.toThrow("has no latents_*.safetensors");
    await writeSafetensors(
      join(dir, shardName(0)),
      new Map([["latents", SafeTensor.from(new Float32Array(8), [1, ...shape])]]),
    );
    await expect(openLatents(dir)).rejects.toThrow("latents_flip: expected F32, got no such tensor");
  });
});

suite("statistics", () => {
  const set = async (count = 5) => {
    await write(0, count, 0);
    return open();
  };
  test("are mean and sample deviation per channel, by hand", async () => {
    const found = await computeStats(await set(2)); // channel 0: 0-3 and 8-11; channel 1: 4-7 and 12-15
    expect([...found.mean]).toEqual([5.5, 9.5]);
    const squares = [0, 1, 2, 3, 8, 9, 10, 11].reduce((sum, v) => sum + (v - 5.5) ** 2, 0);
    for (const std of found.std) expect(std).toBeCloseTo(Math.sqrt(squares / 7), 5);
  });
  test("of far values do not cancel, and a sample of the set is near the whole", async () => {
    const rng = new Random(1);
    const latents = Float32Array.from(
      { length: 400 * 8 },
      (_, i) => (Math.floor(i / 4) % 2 === 0 ? 10_000 : 0) + rng.normal(),
    );
    await writeShard(join(dir, shardName(0)), { ...content(400), latents });
    const whole = await computeStats(await open());
    expect(whole.std[0]).toBeCloseTo(1, 1);
    const part = await computeStats(await open(), { count: 200, seed: 3 });
    expect(part.mean).not.toEqual(whole.mean);
    expect(part.mean[0]).toBeCloseTo(whole.mean[0]!, 0);
  });
  test("are read back from our file and from the official .pt alike", async () => {
    const stats = await computeStats(await set());
    await writeStats(dir, stats);
    // The official loader takes every .safetensors of the folder for a shard: there must be none but shards.
    expect((await readdir(dir)).filter((name) => name.endsWith(".safetensors"))).toEqual([shardName(0)]);
    expect(await readStats(dir)).toEqual(stats);
    const official = join(dir, "latents_stats.pt");
    const saved = (values: Float32Array) => new SavedTensor("Float", Float32Array.from(values), [1, 2, 1, 1]);
    await torchSave(official, { mean: saved(stats.mean), std: saved(stats.std) });
    expect(await readStats(official)).toEqual({ ...stats, tokenizer: undefined });
  });
  test("that are not there are asked for, by the command that makes them", async () => {
    await expect(readStats(dir)).rejects.toMatchObject({
      message: expect.stringContaining("has neither stats/latents_stats.safetensors nor latents_stats.pt"),
      hint: expect.stringContaining("latents stats"),
    });
  });
  test("that would poison a training are refused with the channel", () => {
    const check = (std: number[], more = {}) =>
      checkStats(
        { mean: new Float32Array(std.length), std: Float32Array.from(std), tokenizer: "tok", ...more },
        { shape: [4, 2, 2], tokenizer: "tok" },
        "x",
      );
    expect(() => check([1, 2, 1, 1])).not.toThrow();
    expect(() => check([1, 1, 1e-7, 1])).toThrow("x: channel 2 is dead");
    expect(() => check([1, 1, 1, 51])).toThrow("channel 3 has a deviation of 51.0, more than 50 times the median 1.00");
    expect(() => check([1, Number.NaN, 1, 1])).toThrow("channel 1: mean 0 and deviation NaN");
    expect(() => check([1, 1])).toThrow("statistics of 2 channels, latents of 4");
    expect(() => check([1, 1, 1, 1], { tokenizer: "other" })).toThrow(
      "statistics of tokenizer other, latents of tokenizer tok",
    );
    expect(() => check([1, 1, 1, 1], { tokenizer: undefined })).not.toThrow(); // official files do not tell
  });
});

suite("normalisation", () => {
  const stats = { mean: Float32Array.of(1, -2), std: Float32Array.of(2, 4) };
  test("is (z - mean) / std · multiplier per channel, and back", () => {
    const latents = Float32Array.of(1, 3, 5, 7, -2, 2, 6, 10);
    normalise(latents, shape, { stats, multiplier: 0.5 });
    expect([...latents]).toEqual([0, 0.5, 1, 1.5, 0, 0.5, 1, 1.5]);
    denormalise(latents, shape, { stats, multiplier: 0.5 });
    expect([...latents]).toEqual([1, 3, 5, 7, -2, 2, 6, 10]);
  });
  test("without statistics is SD-VAE's multiplier alone", () => {
    const latents = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    normalise(latents, shape, { stats: null, multiplier: 0.5 });
    expect(latents[7]).toBe(4);
    denormalise(latents, shape, { stats: null, multiplier: 0.5 });
    expect(latents[7]).toBe(8);
  });
  test("of a set comes with a coin for the mirror image", async () => {
    await write(0, 4, 0);
    const examples = examplesOf(await open(), { stats: null });
    const indices = Array.from({ length: 400 }, (_, i) => i % 4);
    const { latents, labels } = await examples.read(indices, new Random(1));
    expect([...labels.slice(0, 4)]).toEqual([0, 1, 2, 0]);
    const signs = Array.from({ length: 300 }, (_, i) => Math.sign(latents[8 * i + 7]!)); // its last number is never 0
    const plain = signs.filter((sign) => sign === 1).length;
    expect(plain).toBeGreaterThan(100);
    expect(plain).toBeLessThan(200);
  });
  test("labels that no class has, and classes that no picture has, are named", () => {
    expect(() => checkLabels(Int32Array.of(0, 3), 3, "x")).toThrow("x: latent 1 has label 3, expected 0 to 2");
    expect(() => checkLabels(Int32Array.of(0, 2), 4, "x")).toThrow("2 of 4 classes have no pictures: 1, 3");
    expect(() => checkLabels(Int32Array.of(1, 0), 2, "x")).not.toThrow();
  });
});

suite("extraction", () => {
  // Pictures of 2 x 2, bright on the right; the "tokenizer" keeps red as its mean, with a deviation of 0.1.
  const grey = (index: number) => [20 * index, 20 * index + 30];
  const labels = Int32Array.from({ length: 10 }, (_, i) => i % 2);
  const pixels = Uint8Array.from(
    Array.from(labels, (_, i) => [...grey(i), ...grey(i)].flatMap((v) => [v, 0, 0])).flat(),
  );
  const pictures = imageSetOf(pixels, { side: 2, labels, classNames: ["even", "odd"] });
  const tokenizer: LatentTokenizer = {
    hash: "tok",
    latentDim: 1,
    latentSide: 2,
    encode: async (images) => {
      const mean = Float32Array.from(
        { length: images.length / 3 },
        (_, i) => images[12 * Math.floor(i / 4) + (i % 4)]!,
      );
      return { mean, logvar: new Float32Array(mean.length).fill(2 * Math.log(0.01)) };
    },
    decode: async (latents) => latents,
  };
  const progress = () => ({ update() {}, stop() {} });
  const extract = (more = {}) =>
    extractLatents({
      tokenizer,
      pictures,
      folder: dir,
      seed: 4,
      shardSize: 4,
      batch: 3,
      progress,
      signal: new AbortController().signal,
      ...more,
    });
  const bytes = async () => Promise.all((await readdir(dir)).sort().map((name) => readFile(join(dir, name))));

  test("writes pictures and mirror images, drawn around their means", async () => {
    expect(await extract()).toEqual({ shardCount: 3, count: 10 });
    const set = await open();
    const row = new Float32Array(4);
    for (const flipped of [false, true]) {
      await set.readRow(9, flipped, row, 0);
      const sides = grey(9).map((value) => value / 127.5 - 1);
      const [left, right] = (flipped ? sides.toReversed() : sides) as [number, number];
      for (const [i, value] of [left, right, left, right].entries()) {
        expect(Math.abs(row[i]! - value)).toBeLessThan(0.06);
        expect(row[i]).not.toBe(value);
      }
    }
  });
  test("stopped at any picture and gone on with, in other batches too, writes the same bytes", async () => {
    await extract();
    const whole = await bytes();
    await rm(dir, { recursive: true });
    const stop = new AbortController();
    let calls = 0;
    const encode: LatentTokenizer["encode"] = (images) => {
      if (++calls === 5) stop.abort();
      return tokenizer.encode(images);
    };
    const slow = { ...tokenizer, encode };
    expect(await extract({ tokenizer: slow, signal: stop.signal })).toBeNull();
    expect((await bytes()).length).toBeLessThan(3);
    await extract({ batch: 4 });
    expect(await bytes()).toEqual(whole);
  });
  test("does not mix with what another tokenizer wrote", async () => {
    await extract();
    await expect(extract({ tokenizer: { ...tokenizer, hash: "other" } })).rejects.toThrow(
      "is there already, with 4 latents of tokenizer tok",
    );
  });
  test("mirrors rows", () => {
    expect([...mirrored(Float32Array.of(1, 2, 3, 4), 2)]).toEqual([2, 1, 4, 3]);
  });
});
