/**
 * A folder of latent shards as one data set, in the order of their names, as the official loader reads it; and the same
 * set as training sees it: plain or mirrored by a coin, normalised by the statistics.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "../../../core/errors.ts";
import type { LatentExamples } from "../../../diffusion/index.ts";
import { openShard, type ShardFile } from "./shard-file.ts";
import type { LatentStats } from "./stats.ts";

export interface LatentSet {
  readonly count: number;
  /** [channels, grid, grid] */
  readonly shape: readonly number[];
  /** Of the tokenizer, where the shards tell it. */
  readonly tokenizer: string | undefined;
  readonly labels: Int32Array;
  readRow(index: number, flipped: boolean, into: Float32Array, offset: number): Promise<void>;
  close(): Promise<void>;
}

const shardPattern = /^latents.*\.safetensors$/;

/** @throws DataError when there are no shards, or shards of different tokenizers */
export async function openLatents(folder: string): Promise<LatentSet> {
  const names = await readdir(folder).catch((cause) => {
    throw new DataError(`${folder}: ${cause.code === "ENOENT" ? "no such folder" : cause.message}`, { cause });
  });
  const files = names.filter((name) => shardPattern.test(name) && !name.startsWith("latents_stats")).sort();
  if (files.length === 0)
    throw new DataError(`${folder}: has no latents_*.safetensors`, {
      hint: "Write them with: polymath lightningdit latents extract.",
    });
  const shards: ShardFile[] = [];
  const close = async () => {
    await Promise.all(shards.map((shard) => shard.close()));
  };
  try {
    for (const name of files) shards.push(await openShard(join(folder, name)));
    return joined(shards, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function joined(shards: readonly ShardFile[], close: () => Promise<void>): LatentSet {
  const [first] = shards as [ShardFile];
  for (const shard of shards) {
    if (String(shard.shape) !== String(first.shape))
      throw new DataError(
        `${shard.file}: latents [${shard.shape.join(", ")}], those of ${first.file} are [${first.shape.join(", ")}]`,
        {
          hint: "Shards of two tokenizers lie in one folder.",
        },
      );
    if (shard.tokenizer !== first.tokenizer)
      throw new DataError(
        `${shard.file}: latents of tokenizer ${shard.tokenizer ?? "unknown"}, those of ${first.file} of ${first.tokenizer ?? "unknown"}`,
        {
          hint: "Shards of two tokenizers lie in one folder.",
        },
      );
  }
  const begins: number[] = [];
  let count = 0;
  for (const shard of shards) {
    begins.push(count);
    count += shard.count;
  }
  const labels = new Int32Array(count);
  for (const [i, shard] of shards.entries()) labels.set(shard.labels, begins[i]!);
  return {
    count,
    shape: first.shape,
    tokenizer: first.tokenizer,
    labels,
    readRow(index, flipped, into, offset) {
      const at = begins.findLastIndex((begin) => begin <= index);
      return shards[at]!.readRow(index - begins[at]!, flipped, into, offset);
    },
    close,
  };
}

/** @throws DataError when a label is none of the classes, or a class has no pictures */
export function checkLabels(labels: Int32Array, classes: number, where: string): void {
  const counts = new Int32Array(classes);
  for (const [index, label] of labels.entries()) {
    if (label < 0 || label >= classes)
      throw new DataError(`${where}: latent ${index} has label ${label}, expected 0 to ${classes - 1}`, {
        hint: "Set the number of classes.",
      });
    counts[label]!++;
  }
  const empty = Array.from(counts.keys()).filter((label) => counts[label] === 0);
  if (empty.length > 0)
    throw new DataError(
      `${where}: ${empty.length} of ${classes} classes have no pictures: ${empty.slice(0, 12).join(", ")}`,
      {
        hint: "The model could not learn them; number the classes without gaps, or add pictures.",
      },
    );
}

export interface NormaliseOptions {
  /** Null with `latent_norm: false`: the multiplier alone, as in runs on SD-VAE. */
  stats: Pick<LatentStats, "mean" | "std"> | null;
  /** Default 1; SD-VAE's is 0.18215. */
  multiplier?: number;
}

/** (z - mean) / std · multiplier, in place. @param latents [count, channels, places] */
export function normalise(
  latents: Float32Array,
  [channels = 0, side = 0]: readonly number[],
  { stats, multiplier = 1 }: NormaliseOptions,
): void {
  eachChannel(latents, channels, side * side, (value, c) =>
    stats ? ((value - stats.mean[c]!) / stats.std[c]!) * multiplier : value * multiplier,
  );
}

/** The inverse: z · std / multiplier + mean, in place. */
export function denormalise(
  latents: Float32Array,
  [channels = 0, side = 0]: readonly number[],
  { stats, multiplier = 1 }: NormaliseOptions,
): void {
  eachChannel(latents, channels, side * side, (value, c) =>
    stats ? (value * stats.std[c]!) / multiplier + stats.mean[c]! : value / multiplier,
  );
}

function eachChannel(
  latents: Float32Array,
  channels: number,
  places: number,
  change: (value: number, channel: number) => number,
): void {
  for (let i = 0; i < latents.length; i++) latents[i] = change(latents[i]!, Math.floor(i / places) % channels);
}

/** The set as `trainDit` reads it. */
export function examplesOf(set: LatentSet, options: NormaliseOptions): LatentExamples {
  const size = set.shape.reduce((product, dim) => product * dim, 1);
  return {
    count: set.count,
    async read(indices, rng) {
      const latents = new Float32Array(indices.length * size);
      const flips = indices.map(() => rng.bool());
      await Promise.all(indices.map((index, i) => set.readRow(index, flips[i]!, latents, i * size)));
      normalise(latents, set.shape, options);
      return { latents, labels: Int32Array.from(indices, (index) => set.labels[index]!) };
    },
  };
}

/** The whole set in memory: for data sets that fit, reading a step's rows costs then nothing. */
export async function intoMemory(set: LatentSet): Promise<LatentSet> {
  const size = set.shape.reduce((product, dim) => product * dim, 1);
  const both = [new Float32Array(set.count * size), new Float32Array(set.count * size)] as const;
  for (let index = 0; index < set.count; index++)
    for (const flipped of [false, true]) await set.readRow(index, flipped, both[flipped ? 1 : 0], index * size);
  return {
    ...set,
    async readRow(index, flipped, into, offset) {
      into.set(both[flipped ? 1 : 0].subarray(index * size, (index + 1) * size), offset);
    },
  };
}
