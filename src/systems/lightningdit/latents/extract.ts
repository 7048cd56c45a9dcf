/**
 * Writes the latents of a set of pictures: each picture and its mirror image, drawn once from the posterior. Noise
 * depends on the seed and the picture's index alone and shards are whole or absent, so a run that was killed goes on
 * with the next shard and ends with the bytes of an uninterrupted one.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { CommandContext } from "../../../core/command.ts";
import { ConfigError } from "../../../core/errors.ts";
import { Random } from "../../../core/random.ts";
import { type ImageSet, readSigned } from "../../../media/index.ts";
import type { LatentTokenizer } from "./latent-tokenizer.ts";
import { openShard, shardName, writeShard } from "./shard-file.ts";

export interface ExtractOptions extends Pick<CommandContext, "progress" | "signal"> {
  tokenizer: LatentTokenizer;
  pictures: ImageSet;
  /** Where the shards go. */
  folder: string;
  seed: number;
  /** Pictures per shard; default the official 10,000. */
  shardSize?: number;
  /** Pictures at a time; default 64. */
  batch?: number;
}

/** @returns how many shards there are, or null when `signal` ended it before the last */
export async function extractLatents(options: ExtractOptions): Promise<{ shardCount: number; count: number } | null> {
  const { tokenizer, pictures, folder, seed, shardSize = 10_000, batch = 64, signal } = options;
  const shardCount = Math.ceil(pictures.count / shardSize);
  const progress = options.progress({ label: "latents", total: pictures.count, unit: "pictures" });
  for (let part = 0; part < shardCount; part++) {
    const begin = part * shardSize;
    const end = Math.min(pictures.count, begin + shardSize);
    const file = join(folder, shardName(part));
    if (existsSync(file)) await expectSame(file, end - begin, tokenizer);
    else if (!(await writePart(file, { begin, end, batch, seed }, options, (done) => progress.update(done))))
      return null;
    progress.update(end);
    if (signal.aborted) return null;
  }
  progress.stop();
  return { shardCount, count: pictures.count };
}

interface Part {
  begin: number;
  end: number;
  batch: number;
  seed: number;
}

async function writePart(
  file: string,
  { begin, end, batch, seed }: Part,
  { tokenizer, pictures, signal }: ExtractOptions,
  onProgress: (done: number) => void,
): Promise<boolean> {
  const { latentDim: channels, latentSide: grid } = tokenizer;
  const size = channels * grid * grid;
  const rng = new Random(seed).split("posterior");
  const count = end - begin;
  const [latents, flipped] = [new Float32Array(count * size), new Float32Array(count * size)];
  for (let first = begin; first < end; first += batch) {
    if (signal.aborted) return false;
    const indices = Array.from({ length: Math.min(batch, end - first) }, (_, i) => first + i);
    const images = await readSigned(pictures, indices);
    for (const [kind, into, input] of [
      ["plain", latents, images],
      ["flip", flipped, mirrored(images, pictures.side)],
    ] as const) {
      const { mean, logvar } = await tokenizer.encode(input);
      for (const [i, index] of indices.entries()) {
        const noise = rng.split(index).split(kind);
        for (let k = 0; k < size; k++) {
          const at = i * size + k;
          into[(index - begin) * size + k] = mean[at]! + Math.exp(0.5 * logvar[at]!) * noise.normal();
        }
      }
    }
    onProgress(first + indices.length);
  }
  const labels = Int32Array.from({ length: count }, (_, i) => pictures.labels[begin + i]!);
  await writeShard(file, { latents, flipped, labels, shape: [channels, grid, grid], tokenizer: tokenizer.hash });
  return true;
}

/** @throws ConfigError when a shard from before is of something else */
async function expectSame(file: string, count: number, tokenizer: LatentTokenizer): Promise<void> {
  const shard = await openShard(file);
  await shard.close();
  if (shard.count === count && shard.tokenizer === tokenizer.hash) return;
  throw new ConfigError(
    `${file}: is there already, with ${shard.count} latents of tokenizer ${shard.tokenizer?.slice(0, 12) ?? "unknown"}`,
    {
      hint: `Wanted are ${count} of tokenizer ${tokenizer.hash.slice(0, 12)}: write into another folder.`,
    },
  );
}

/** Left and right exchanged, picture by picture. */
export function mirrored(images: Float32Array, side: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(images.length);
  for (let row = 0; row < images.length; row += side)
    for (let x = 0; x < side; x++) out[row + x] = images[row + side - 1 - x]!;
  return out;
}
