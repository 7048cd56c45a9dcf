/**
 * Opens safetensors: one file, a sharded checkpoint by its index, or a Hugging Face folder holding either.
 * Only headers are read at first; a tensor's bytes come from disk (one positioned read) when they are asked for.
 */
import { type FileHandle, open, readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DataError } from "../../core/errors.ts";
import { LENGTH_BYTES, parseHeader, readHeaderLength } from "./header.ts";
import { SafeTensor } from "./safe-tensor.ts";
import { INDEX_FILE, parseIndex, SINGLE_FILE } from "./shard-index.ts";

export interface Safetensors {
  /** The free-form strings of `__metadata__`; of a sharded checkpoint, those of its first shard. */
  readonly metadata: Readonly<Record<string, string>>;
  /** By name, in file order. Usable until `close()`. */
  readonly tensors: ReadonlyMap<string, SafeTensor>;
  close(): Promise<void>;
}

/**
 * Opens a checkpoint without reading its tensors. Close it when done.
 * @param path a .safetensors file, a .safetensors.index.json, or a folder with model.safetensors or such an index
 * @throws DataError naming the file, tensor and field at fault
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  if (path.endsWith(".json")) return readSharded(path);
  const info = await stat(path).catch((cause) => {
    throw unreadable(path, cause);
  });
  if (!info.isDirectory()) return readFileLazily(path);
  if (await exists(join(path, SINGLE_FILE))) return readFileLazily(join(path, SINGLE_FILE));
  if (await exists(join(path, INDEX_FILE))) return readSharded(join(path, INDEX_FILE));
  throw new DataError(`${path}: expected ${SINGLE_FILE} or ${INDEX_FILE} in this folder, found neither`, {
    hint: "Give the folder of a model in Hugging Face format, or one .safetensors file.",
  });
}

async function readFileLazily(file: string): Promise<Safetensors> {
  const handle = await open(file).catch((cause) => {
    throw unreadable(file, cause);
  });
  try {
    const { size } = await handle.stat();
    const prefix = await readRange(handle, file, 0, Math.min(LENGTH_BYTES, size));
    const headerBytes = readHeaderLength(prefix, size, file);
    const dataStart = LENGTH_BYTES + headerBytes;
    const { metadata, entries } = parseHeader(
      await readRange(handle, file, LENGTH_BYTES, headerBytes),
      size - dataStart,
      file,
    );
    const tensors = new Map<string, SafeTensor>();
    for (const { name, dtype, shape, begin, end } of entries) {
      const read = () => readRange(handle, file, dataStart + begin, end - begin);
      tensors.set(name, new SafeTensor(dtype, shape, read));
    }
    return { metadata, tensors, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readSharded(indexFile: string): Promise<Safetensors> {
  const text = await readFile(indexFile, "utf8").catch((cause) => {
    throw unreadable(indexFile, cause);
  });
  const shardOf = parseIndex(text, indexFile);
  const shards = new Map<string, Safetensors>();
  const close = async () => {
    await Promise.all(Array.from(shards.values(), (shard) => shard.close()));
  };
  try {
    for (const name of new Set([...shardOf.values()].sort())) {
      shards.set(name, await readFileLazily(join(dirname(indexFile), name)));
    }
    const tensors = joinShards(shards, shardOf, indexFile);
    return { metadata: shards.values().next().value?.metadata ?? {}, tensors, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The index and the shards must name the same tensors; a difference means that files of two models were mixed. */
function joinShards(
  shards: ReadonlyMap<string, Safetensors>,
  shardOf: ReadonlyMap<string, string>,
  indexFile: string,
): Map<string, SafeTensor> {
  const hint = "The shards and the index are not of one model; fetch all of them again.";
  const tensors = new Map<string, SafeTensor>();
  for (const [shardName, shard] of shards) {
    for (const [name, tensor] of shard.tensors) {
      const listed = shardOf.get(name);
      if (listed !== shardName) {
        const where =
          listed === undefined ? `which ${basename(indexFile)} does not list` : `but is listed in ${listed}`;
        throw new DataError(`${indexFile}: ${shardName} holds tensor ${JSON.stringify(name)}, ${where}`, { hint });
      }
      tensors.set(name, tensor);
    }
  }
  for (const [name, shardName] of shardOf) {
    if (tensors.has(name)) continue;
    throw new DataError(`${indexFile}: weight_map: tensor ${JSON.stringify(name)} is not in ${shardName}`, { hint });
  }
  return tensors;
}

/** Linux reads at most 2^31 - 4096 bytes at once. */
const READ_LIMIT = 2 ** 30;

async function readRange(handle: FileHandle, file: string, start: number, length: number) {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const part = Math.min(length - done, READ_LIMIT);
    const { bytesRead } = await handle.read(bytes, done, part, start + done);
    if (bytesRead === 0) {
      throw new DataError(`${file}: expected ${length} bytes from byte ${start}, the file ends after ${done} of them`, {
        hint: "Something shortened the file while it was being read.",
      });
    }
    done += bytesRead;
  }
  return bytes;
}

function unreadable(path: string, cause: NodeJS.ErrnoException): DataError {
  const reason = cause.code === "ENOENT" ? "no such file or folder" : cause.message;
  return new DataError(`${path}: ${reason}`, { hint: "Check the path; a sharded model needs every shard.", cause });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
