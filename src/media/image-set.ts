/**
 * A set of square pictures with labels, as training reads it: any of them at any time, by index. Pictures from files are
 * decoded and cropped once, into one flat file of bytes, so that every later epoch reads and never decodes.
 */
import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { createAtomicFile, writeJsonAtomic } from "../core/atomic.ts";
import { DataError } from "../core/errors.ts";
import { readJson } from "../core/json.ts";
import { writeJsonLines } from "../core/jsonl.ts";
import type { Progress } from "../core/progress.ts";
import { centreCrop } from "./centre-crop.ts";
import { decodeImage } from "./image.ts";
import { listImages } from "./image-list.ts";
import { toSigned } from "./pixels.ts";

export interface ImageSet {
  readonly count: number;
  /** Height and width in pixels. */
  readonly side: number;
  readonly classNames: readonly string[];
  /** One class index per picture. */
  readonly labels: Int32Array<ArrayBuffer>;
  /** Bytes of one picture, [side, side, 3]. */
  read(index: number): Promise<Uint8Array> | Uint8Array;
  close(): Promise<void>;
}

/** @returns [indices.length, 3, side, side] in [-1, 1] */
export async function readSigned(set: ImageSet, indices: readonly number[]): Promise<Float32Array<ArrayBuffer>> {
  const size = 3 * set.side ** 2;
  const values = new Float32Array(indices.length * size);
  for (const [place, index] of indices.entries()) toSigned(await set.read(index), values, place * size);
  return values;
}

/** A set that is in memory whole. */
export function imageSetOf(
  bytes: Uint8Array,
  { side, labels, classNames }: Pick<ImageSet, "side" | "labels" | "classNames">,
): ImageSet {
  const size = 3 * side ** 2;
  return {
    count: labels.length,
    side,
    labels,
    classNames,
    read: (index) => bytes.subarray(index * size, (index + 1) * size),
    close: async () => {},
  };
}

const Packed = z.object({
  source: z.string(),
  side: z.number().int(),
  classNames: z.array(z.string()),
  labels: z.array(z.number().int()),
  rejected: z.number().int(),
});

export interface PackOptions {
  /** A folder of class folders, or a CSV of path and label. */
  source: string;
  /** Height and width of the crops, in pixels. */
  side: number;
  /** Where pixels.bin, images.json and rejects.jsonl are kept; a finished packing in it is used again. */
  folder: string;
  small?: "reject" | "enlarge";
  animated?: "first" | "reject";
  /** Share of pictures that may be rejected; default 0.05. */
  maxRejects?: number;
  progress?: Progress;
}

/** Decoded at a time; sharp decodes on its own threads. */
const atOnce = 8;

/**
 * Decodes, crops and packs all pictures; what cannot be used is listed in rejects.jsonl with its reason.
 * @throws DataError when more than `maxRejects` of them were rejected
 */
export async function packImages(options: PackOptions): Promise<ImageSet & { rejected: number }> {
  const { source, side, folder, small, animated, maxRejects = 0.05, progress } = options;
  const index = join(folder, "images.json");
  if (!existsSync(index)) {
    const { entries, classNames } = await listImages(source);
    const output = await createAtomicFile(join(folder, "pixels.bin"));
    const labels: number[] = [];
    const rejects: { name: string; reason: string }[] = [];
    try {
      for (let start = 0; start < entries.length; start += atOnce) {
        const group = entries.slice(start, start + atOnce).map(async ({ path, name }) => {
          try {
            const image = await decodeImage(path, { name, animated });
            return centreCrop(image, side, { small, name }).data;
          } catch (error) {
            if (!(error instanceof DataError)) throw error;
            return error;
          }
        });
        for (const [offset, result] of (await Promise.all(group)).entries()) {
          const { name, label } = entries[start + offset]!;
          if (result instanceof DataError) {
            rejects.push({ name, reason: result.message });
          } else {
            await output.write(result);
            labels.push(label);
          }
        }
        progress?.update(Math.min(entries.length, start + atOnce), { rejected: rejects.length });
      }
      await writeJsonLines(join(folder, "rejects.jsonl"), rejects);
      expectFewRejects(source, rejects, entries.length, maxRejects, folder);
      expectAllClasses(source, labels, classNames);
      await output.commit();
    } catch (error) {
      await output.abort();
      throw error;
    }
    await writeJsonAtomic(index, { source, side, classNames, labels, rejected: rejects.length });
  }
  return openPacked(folder, options);
}

async function openPacked(folder: string, { source, side }: PackOptions): Promise<ImageSet & { rejected: number }> {
  const packed = await readJson(join(folder, "images.json"), Packed);
  if (packed.source !== source || packed.side !== side)
    throw new DataError(`${folder}: holds ${packed.source} at ${packed.side} pixels, not ${source} at ${side}`, {
      hint: "Pack into another folder.",
    });
  const handle = await open(join(folder, "pixels.bin"));
  const size = 3 * side ** 2;
  return {
    count: packed.labels.length,
    side,
    classNames: packed.classNames,
    labels: Int32Array.from(packed.labels),
    rejected: packed.rejected,
    async read(index) {
      const bytes = new Uint8Array(size);
      const { bytesRead } = await handle.read(bytes, 0, size, index * size);
      if (bytesRead !== size)
        throw new DataError(`${folder}/pixels.bin: ends before picture ${index}`, {
          hint: "Delete the folder and pack again.",
        });
      return bytes;
    },
    close: () => handle.close(),
  };
}

function expectFewRejects(
  source: string,
  rejects: { name: string; reason: string }[],
  total: number,
  share: number,
  folder: string,
) {
  if (rejects.length <= share * total) return;
  throw new DataError(
    `${source}: ${rejects.length} of ${total} pictures cannot be used, more than ${100 * share} %; the first: ${rejects[0]!.reason}`,
    { hint: `All of them are listed in ${join(folder, "rejects.jsonl")}.` },
  );
}

function expectAllClasses(source: string, labels: readonly number[], classNames: readonly string[]) {
  const used = new Set(labels);
  const empty = classNames.find((_, label) => !used.has(label));
  if (empty !== undefined)
    throw new DataError(`${source}: no picture of class "${empty}" can be used`, { hint: "rejects.jsonl says why." });
}
