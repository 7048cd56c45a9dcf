/**
 * Mean and deviation of each latent channel, by which latents are normalised before training and brought back before
 * decoding. Training on latents that are not normalised is the published trap (FID above 130), so there is no way
 * around these numbers, and they must be of the same tokenizer as the latents.
 * Files: `stats/latents_stats.safetensors` (ours; in a folder of its own, because the official loader takes every
 * .safetensors beside the shards for a shard) or the official `latents_stats.pt`, both `mean` and `std` [1, channels, 1, 1].
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { SafeTensor, writeSafetensors } from "../../../compute/safetensors/index.ts";
import { openStateDict } from "../../../compute/torch/index.ts";
import { ConfigError, DataError } from "../../../core/errors.ts";
import { Random } from "../../../core/random.ts";
import { median } from "../../../core/statistics/index.ts";
import type { LatentSet } from "./latent-set.ts";

export interface LatentStats {
  mean: Float32Array;
  std: Float32Array;
  /** Hash of the tokenizer, where the file tells it. */
  tokenizer: string | undefined;
}

const ourFile = join("stats", "latents_stats.safetensors");
const officialFile = "latents_stats.pt";
/** The official number of pictures that statistics are of. */
const usualCount = 10_000;
const smallestStd = 1e-6;
const widestSpread = 50;

/**
 * Over at most `count` latents drawn without repeats, each channel over all places; the deviation is that of a sample
 * (n - 1), as torch.std computes it.
 */
export async function computeStats(set: LatentSet, { count = usualCount, seed = 0 } = {}): Promise<LatentStats> {
  const [channels = 0, side = 0] = set.shape;
  const places = side * side;
  const all = Array.from({ length: set.count }, (_, index) => index);
  const chosen = set.count <= count ? all : new Random(seed).split("latent statistics").shuffle(all).slice(0, count);
  const [sums, squares] = [new Float64Array(channels), new Float64Array(channels)];
  const row = new Float32Array(channels * places);
  // Around a first guess of the mean: sums of squares of numbers far from zero would cancel.
  let shift: Float64Array | undefined;
  for (const index of chosen) {
    await set.readRow(index, false, row, 0);
    shift ??= Float64Array.from({ length: channels }, (_, c) => row[c * places]!);
    for (let c = 0; c < channels; c++) {
      for (let place = c * places; place < (c + 1) * places; place++) {
        const value = row[place]! - shift[c]!;
        sums[c]! += value;
        squares[c]! += value * value;
      }
    }
  }
  const n = chosen.length * places;
  return {
    mean: Float32Array.from(sums, (sum, c) => shift![c]! + sum / n),
    std: Float32Array.from(squares, (square, c) => Math.sqrt(Math.max(0, square - sums[c]! ** 2 / n) / (n - 1))),
    tokenizer: set.tokenizer,
  };
}

/** Writes mean and deviation of each channel, with the hash of the tokenizer they are of. @returns the file */
export async function writeStats(folder: string, { mean, std, tokenizer }: LatentStats): Promise<string> {
  const shape = [1, mean.length, 1, 1];
  const tensors = new Map([
    ["mean", SafeTensor.from(Float32Array.from(mean), shape)],
    ["std", SafeTensor.from(Float32Array.from(std), shape)],
  ]);
  const file = join(folder, ourFile);
  await writeSafetensors(file, tensors, { metadata: tokenizer ? { tokenizer } : {} });
  return file;
}

/** @param path a statistics file, or a folder of latents that has one @throws DataError when there is none */
export async function readStats(path: string): Promise<LatentStats> {
  const found = /\.(safetensors|pt)$/.test(path)
    ? path
    : [ourFile, officialFile].map((name) => join(path, name)).find(existsSync);
  if (found === undefined || !existsSync(found))
    throw new DataError(`${path}: has neither ${ourFile} nor ${officialFile}`, {
      hint: "Compute them with: polymath lightningdit latents stats FOLDER.",
    });
  const { tensors, metadata, close } = await openStateDict(found);
  try {
    const channel = async (name: string) => {
      const tensor = tensors.get(name);
      if (!tensor) throw new DataError(`${found}: has no "${name}"`);
      if (tensor.size !== tensor.shape[1] && tensor.size !== tensor.shape[0])
        throw new DataError(`${found}: ${name}: expected [1, channels, 1, 1], got [${tensor.shape.join(", ")}]`);
      return tensor.toFloat32();
    };
    return { mean: await channel("mean"), std: await channel("std"), tokenizer: metadata.tokenizer };
  } finally {
    await close();
  }
}

/**
 * Statistics that would poison a training, or are of other latents, stop here.
 * @throws DataError naming the channel; ConfigError for the statistics of another tokenizer
 */
export function checkStats(
  { mean, std, tokenizer }: LatentStats,
  set: Pick<LatentSet, "shape" | "tokenizer">,
  where: string,
): void {
  const channels = set.shape[0]!;
  if (mean.length !== channels || std.length !== channels)
    throw new ConfigError(`${where}: statistics of ${mean.length} channels, latents of ${channels}`, {
      hint: "They are of another tokenizer; compute them anew with: polymath lightningdit latents stats FOLDER.",
    });
  if (tokenizer !== undefined && set.tokenizer !== undefined && tokenizer !== set.tokenizer)
    throw new ConfigError(
      `${where}: statistics of tokenizer ${tokenizer.slice(0, 12)}, latents of tokenizer ${set.tokenizer.slice(0, 12)}`,
      {
        hint: "Compute them anew with: polymath lightningdit latents stats FOLDER.",
      },
    );
  for (const [channel, deviation] of std.entries()) {
    if (!Number.isFinite(mean[channel]!) || !Number.isFinite(deviation))
      throw new DataError(
        `${where}: channel ${channel}: mean ${mean[channel]} and deviation ${deviation} are no numbers to divide by`,
        { hint: "Some latents are NaN or infinite: extract them anew." },
      );
  }
  const usual = median(std);
  for (const [channel, deviation] of std.entries()) {
    if (deviation < smallestStd)
      throw new DataError(`${where}: channel ${channel} is dead: its deviation is ${deviation}`, {
        hint: "The tokenizer does not use it; train one with fewer channels or a smaller weight on the KL term.",
      });
    if (deviation > widestSpread * usual)
      throw new DataError(
        `${where}: channel ${channel} has a deviation of ${deviation.toPrecision(3)}, more than ${widestSpread} times the median ${usual.toPrecision(3)}`,
        {
          hint: "Some pictures have broken latents, or the tokenizer collapsed onto this channel.",
        },
      );
  }
}
