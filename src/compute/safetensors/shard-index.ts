/**
 * `model.safetensors.index.json`: which shard holds which tensor. As transformers writes it:
 * `{"metadata": {"total_size": bytes}, "weight_map": {"tensor name": "model-00001-of-00002.safetensors"}}`.
 */
import { DataError } from "../../core/errors.ts";
import { findRepeatedKey } from "./repeated-key.ts";

export const SINGLE_FILE = "model.safetensors";
export const INDEX_FILE = "model.safetensors.index.json";

export function shardFile(number: number, count: number): string {
  const digits = (value: number) => String(value).padStart(5, "0");
  return `model-${digits(number)}-of-${digits(count)}.safetensors`;
}

/** True for every file name that a checkpoint may consist of. */
export function isCheckpointFile(name: string): boolean {
  return name === SINGLE_FILE || name === INDEX_FILE || /^model-\d{5}-of-\d{5}\.safetensors$/.test(name);
}

/**
 * Reads the weight map.
 * @returns tensor name to shard file name, a plain name in the index's own folder
 * @throws DataError naming the file and field
 */
export function parseIndex(text: string, file: string): Map<string, string> {
  const hint = "The index is damaged; fetch or write it again.";
  let root: any;
  try {
    root = JSON.parse(text);
  } catch (cause) {
    throw new DataError(`${file}: invalid JSON: ${(cause as Error).message}`, { hint, cause });
  }
  const weightMap = root?.weight_map;
  if (typeof weightMap !== "object" || weightMap === null || Array.isArray(weightMap)) {
    throw new DataError(`${file}: weight_map: expected an object from tensor names to file names`, { hint });
  }
  const repeated = findRepeatedKey(text);
  if (repeated !== undefined) {
    throw new DataError(`${file}: key ${JSON.stringify(repeated)} appears twice in one object`, { hint });
  }
  for (const [name, shard] of Object.entries(weightMap)) {
    // A name with a folder in it could make us open any file of the machine.
    if (typeof shard !== "string" || !/^[^/\\\0]+\.safetensors$/.test(shard)) {
      const found = typeof shard === "string" ? JSON.stringify(shard) : typeof shard;
      throw new DataError(
        `${file}: weight_map: ${JSON.stringify(name)}: expected a .safetensors file name without a folder, got ${found}`,
        { hint },
      );
    }
  }
  return new Map(Object.entries(weightMap as Record<string, string>));
}

/** The index's text; names sorted as transformers sorts them, so equal checkpoints have equal bytes. */
export function formatIndex(shardOf: ReadonlyMap<string, string>, totalBytes: number): string {
  const names = [...shardOf.keys()].sort(compareUtf8);
  // Assembled by hand: an object would move names that look like integers to the front.
  const lines = names.map((name) => `    ${JSON.stringify(name)}: ${JSON.stringify(shardOf.get(name))}`);
  return `{\n  "metadata": {\n    "total_size": ${totalBytes}\n  },\n  "weight_map": {\n${lines.join(",\n")}\n  }\n}\n`;
}

/** Orders strings by their UTF-8 bytes, as Rust and Python do; JavaScript's own order differs past U+FFFF. */
export function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
