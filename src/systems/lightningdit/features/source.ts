/**
 * The features of every picture of a set on the grid that the tokenizer needs, computed once and kept on disk: they are
 * asked for in every epoch, and a large vision model costs more than the tokenizer.
 */
import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { createAtomicFile, writeJsonAtomic } from "../../../core/atomic.ts";
import type { CommandContext } from "../../../core/command.ts";
import { ConfigError, DataError } from "../../../core/errors.ts";
import { readJson } from "../../../core/json.ts";
import { type ImageSet, readSigned } from "../../../media/index.ts";
import { type FeatureNet, resizeGrid } from "../../../vision/index.ts";

export interface FeatureSource {
  readonly dim: number;
  /** @returns [indices.length, dim, side, side] */
  read(indices: readonly number[]): Promise<Float32Array<ArrayBuffer>>;
  close(): Promise<void>;
}

const Index = z.object({ net: z.string(), count: z.number(), dim: z.number(), side: z.number() });

export interface CacheOptions {
  folder: string;
  /** Of the latent grid. */
  side: number;
  /** Resize features of another grid instead of refusing it. */
  resize: boolean;
  progress?: CommandContext["progress"];
  signal?: AbortSignal;
}

/** Pictures per call of the net. */
const atOnce = 256;

/**
 * @returns null when `signal` stopped it; what was computed is lost then
 * @throws ConfigError when the grids differ and `resize` is off
 */
export async function cacheFeatures(
  set: ImageSet,
  net: FeatureNet,
  options: CacheOptions,
): Promise<FeatureSource | null> {
  const { folder, side, resize, progress, signal } = options;
  if (net.gridSide !== side && !resize)
    throw new ConfigError(
      `features: ${net.name} has a grid of ${net.gridSide}x${net.gridSide}, the latents one of ${side}x${side}`,
      {
        hint: "Choose a net or a resolution whose grids agree, or allow features to be resized (resizeFeatures).",
      },
    );
  const index = join(folder, "features.json");
  const file = join(folder, "features.bin");
  const expected = { net: net.name, count: set.count, dim: net.dim, side };
  if (!existsSync(index)) {
    const bar = progress?.({ label: "extract features", total: set.count, unit: "images" });
    const output = await createAtomicFile(file);
    try {
      for (let start = 0; start < set.count; start += atOnce) {
        if (signal?.aborted) {
          await output.abort();
          return null;
        }
        const indices = Array.from({ length: Math.min(atOnce, set.count - start) }, (_, i) => start + i);
        const { grid } = await net.run(await readSigned(set, indices), set.side);
        const fitting = net.gridSide === side ? grid : resizeGrid(grid, net.gridSide, side);
        await output.write(new Uint8Array(fitting.buffer, fitting.byteOffset, fitting.byteLength));
        bar?.update(start + indices.length);
      }
      await output.commit();
    } catch (error) {
      await output.abort();
      throw error;
    } finally {
      bar?.stop();
    }
    await writeJsonAtomic(index, expected);
  }
  const found = await readJson(index, Index);
  if (JSON.stringify(found) !== JSON.stringify(expected))
    throw new DataError(
      `${index}: holds features of ${found.net} (${found.count} pictures), not of ${net.name} (${set.count})`,
      {
        hint: "Delete the folder, or use another.",
      },
    );
  return openSource(file, net.dim, side);
}

async function openSource(file: string, dim: number, side: number): Promise<FeatureSource> {
  const handle = await open(file);
  const size = dim * side * side;
  return {
    dim,
    async read(indices) {
      const values = new Float32Array(indices.length * size);
      const bytes = new Uint8Array(values.buffer);
      for (const [place, index] of indices.entries()) {
        const { bytesRead } = await handle.read(bytes, place * size * 4, size * 4, index * size * 4);
        if (bytesRead !== size * 4)
          throw new DataError(`${file}: ends before picture ${index}`, { hint: "Delete its folder; it is made anew." });
      }
      return values;
    },
    close: () => handle.close(),
  };
}
