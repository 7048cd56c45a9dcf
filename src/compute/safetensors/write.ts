/**
 * Writes safetensors, one file or shards: equal tensors give equal bytes, in whatever order they are passed.
 * Layout of the reference writer (`prepare` in safetensors/src/tensor.rs): tensors by dtype, widest first, then by
 * name, and a header padded with spaces to a multiple of 8; so a file of the reference library, read and written
 * again, keeps its bytes.
 */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createAtomicFile, writeFileAtomic } from "../../core/atomic.ts";
import { DataError } from "../../core/errors.ts";
import { SAFE_DTYPES } from "./dtypes.ts";
import { LENGTH_BYTES, MAX_HEADER_BYTES } from "./header.ts";
import type { SafeTensor } from "./safe-tensor.ts";
import { compareUtf8, formatIndex, INDEX_FILE, isCheckpointFile, SINGLE_FILE, shardFile } from "./shard-index.ts";

export interface WriteOptions {
  /** Free-form strings, written as `__metadata__` in the order given; transformers wants `{ format: "pt" }`. */
  metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes one file, tensor by tensor: memory holds one tensor at a time, and the file appears whole or not at all.
 * The tensors may be lazy ones of the file that is being replaced.
 * @throws DataError for a name the format cannot hold, or a tensor whose bytes do not fill its shape
 */
export async function writeSafetensors(
  file: string,
  tensors: ReadonlyMap<string, SafeTensor>,
  { metadata = {} }: WriteOptions = {},
): Promise<void> {
  const ordered = inReferenceOrder(tensors);
  const header = formatHeader(ordered, metadata, file);
  const output = await createAtomicFile(file);
  try {
    await output.write(header);
    for (const [name, tensor] of ordered) await output.write(await exactBytes(name, tensor, file));
    await output.commit();
  } catch (error) {
    await output.abort();
    throw error;
  }
}

export interface CheckpointOptions extends WriteOptions {
  /** Data bytes after which a new shard begins; a larger tensor gets a shard of its own. Default 5e9, as the Hub's. */
  maxShardBytes?: number;
}

/**
 * Writes model.safetensors, or shards with an index when they exceed `maxShardBytes`, into a folder; files of an
 * earlier checkpoint that the new one does not replace are removed.
 */
export async function writeCheckpoint(
  folder: string,
  tensors: ReadonlyMap<string, SafeTensor>,
  { maxShardBytes = 5e9, metadata }: CheckpointOptions = {},
): Promise<void> {
  const shards = splitIntoShards(tensors, maxShardBytes);
  const written = new Set<string>();
  const shardOf = new Map<string, string>();
  for (const [index, shard] of shards.entries()) {
    const name = shards.length === 1 ? SINGLE_FILE : shardFile(index + 1, shards.length);
    await writeSafetensors(join(folder, name), shard, { metadata });
    written.add(name);
    for (const tensorName of shard.keys()) shardOf.set(tensorName, name);
  }
  if (shards.length > 1) {
    const totalBytes = tensors.values().reduce((total, tensor) => total + tensor.byteLength, 0);
    await writeFileAtomic(join(folder, INDEX_FILE), formatIndex(shardOf, totalBytes));
    written.add(INDEX_FILE);
  }
  for (const name of await readdir(folder)) {
    if (isCheckpointFile(name) && !written.has(name)) await rm(join(folder, name));
  }
}

/** Fills shards in name order, so that the split does not depend on the order of insertion. */
function splitIntoShards(tensors: ReadonlyMap<string, SafeTensor>, maxShardBytes: number): Map<string, SafeTensor>[] {
  const shards = [new Map<string, SafeTensor>()];
  let shardBytes = 0;
  for (const [name, tensor] of [...tensors].sort(([a], [b]) => compareUtf8(a, b))) {
    if (shardBytes > 0 && shardBytes + tensor.byteLength > maxShardBytes) {
      shards.push(new Map());
      shardBytes = 0;
    }
    shards.at(-1)!.set(name, tensor);
    shardBytes += tensor.byteLength;
  }
  return shards;
}

/** A tensor's bytes, checked: one too few would shift every tensor behind it. */
async function exactBytes(name: string, tensor: SafeTensor, file: string): Promise<Uint8Array> {
  const bytes = await tensor.bytes();
  if (bytes.length === tensor.byteLength) return bytes;
  const { dtype, shape, byteLength } = tensor;
  throw new DataError(
    `${file}: tensor ${JSON.stringify(name)}: ${dtype} [${shape}] needs ${byteLength} bytes, got ${bytes.length}`,
    { hint: "The code that made this tensor gave a shape that does not fit its data." },
  );
}

function inReferenceOrder(tensors: ReadonlyMap<string, SafeTensor>): [string, SafeTensor][] {
  const rank = (tensor: SafeTensor) => SAFE_DTYPES.indexOf(tensor.dtype);
  return [...tensors].sort(([nameA, a], [nameB, b]) => rank(b) - rank(a) || compareUtf8(nameA, nameB));
}

/** Length field and header. Assembled by hand: an object would move names that look like integers to the front. */
function formatHeader(
  ordered: readonly [string, SafeTensor][],
  metadata: Readonly<Record<string, string>>,
  file: string,
): Uint8Array {
  const fields: string[] = [];
  if (Object.keys(metadata).length > 0) fields.push(`"__metadata__":${JSON.stringify(metadata)}`);
  let offset = 0;
  for (const [name, { dtype, shape, byteLength }] of ordered) {
    if (name === "__metadata__" || !name.isWellFormed()) {
      throw new DataError(`${file}: tensor ${JSON.stringify(name)}: the safetensors format cannot hold this name`, {
        hint: "Rename the tensor.",
      });
    }
    const entry = { dtype, shape, data_offsets: [offset, offset + byteLength] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    offset += byteLength;
  }
  const text = new TextEncoder().encode(`{${fields.join(",")}}`);
  const paddedBytes = Math.ceil(text.length / 8) * 8;
  if (paddedBytes > MAX_HEADER_BYTES) {
    throw new DataError(`${file}: a header of ${paddedBytes} bytes exceeds the format's ${MAX_HEADER_BYTES}`, {
      hint: "Write fewer tensors per file.",
    });
  }
  const header = new Uint8Array(LENGTH_BYTES + paddedBytes).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(paddedBytes), true);
  header.set(text, LENGTH_BYTES);
  return header;
}
