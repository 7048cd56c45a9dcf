/**
 * One shard of a latent data set, as the official extraction writes it: `latents` and `latents_flip` F32
 * [n, channels, grid, grid] (a picture and its mirror image), `labels` I64 [n]. Rows are read from their places in the
 * file, so a data set may be larger than memory.
 * Source: hustvl/LightningDiT, extract_features.py and datasets/img_latent_dataset.py.
 */
import { type FileHandle, open } from "node:fs/promises";
import { type HeaderEntry, LENGTH_BYTES, parseHeader, readHeaderLength } from "../../../compute/safetensors/header.ts";
import { SafeTensor, writeSafetensors } from "../../../compute/safetensors/index.ts";
import { DataError } from "../../../core/errors.ts";

export interface ShardContent {
  latents: Float32Array<ArrayBuffer>;
  flipped: Float32Array<ArrayBuffer>;
  labels: Int32Array<ArrayBuffer>;
  /** [channels, grid, grid] */
  shape: readonly number[];
  /** Of the tokenizer; the official files have none. */
  tokenizer?: string;
}

export interface ShardFile {
  readonly file: string;
  readonly count: number;
  readonly shape: readonly number[];
  /** Of the tokenizer, where the writer told it. */
  readonly tokenizer: string | undefined;
  readonly labels: Int32Array;
  /** One picture's latents into `into` at `offset`. */
  readRow(row: number, flipped: boolean, into: Float32Array, offset: number): Promise<void>;
  close(): Promise<void>;
}

/** @param part 0 and up: `latents_rank00_shard007.safetensors` is part 7 of the first process */
export function shardName(part: number, rank = 0): string {
  return `latents_rank${String(rank).padStart(2, "0")}_shard${String(part).padStart(3, "0")}.safetensors`;
}

/** Metadata as the official script writes it, and the tokenizer's hash besides. */
export async function writeShard(
  file: string,
  { latents, flipped, labels, shape, tokenizer }: ShardContent,
): Promise<void> {
  const count = labels.length;
  const tensors = new Map([
    ["latents", SafeTensor.from(latents, [count, ...shape])],
    ["latents_flip", SafeTensor.from(flipped, [count, ...shape])],
    ["labels", SafeTensor.from(BigInt64Array.from(labels, BigInt), [count])],
  ]);
  const metadata = {
    total_size: String(count),
    dtype: "torch.float32",
    device: "cpu",
    ...(tokenizer && { tokenizer }),
  };
  await writeSafetensors(file, tensors, { metadata });
}

/** Only the header and the labels are read. @throws DataError naming the file and the tensor at fault */
export async function openShard(file: string): Promise<ShardFile> {
  const handle = await open(file).catch((cause) => {
    throw new DataError(`${file}: ${cause.message}`, { cause });
  });
  try {
    const { entries, metadata, dataStart } = await readHeader(handle, file);
    const entry = (name: string, dtype: string) => {
      const found = entries.find((one) => one.name === name);
      if (found?.dtype === dtype) return found;
      throw new DataError(`${file}: ${name}: expected ${dtype}, got ${found ? found.dtype : "no such tensor"}`, {
        hint: "A shard holds latents and latents_flip (F32) and labels (I64).",
      });
    };
    const [latents, flipped, labels] = [entry("latents", "F32"), entry("latents_flip", "F32"), entry("labels", "I64")];
    const [count = 0, ...shape] = latents.shape;
    if (shape.length !== 3 || shape[1] !== shape[2])
      throw new DataError(
        `${file}: latents: expected [count, channels, grid, grid], got [${latents.shape.join(", ")}]`,
      );
    if (String(flipped.shape) !== String(latents.shape) || String(labels.shape) !== String([count]))
      throw new DataError(
        `${file}: latents [${latents.shape}], latents_flip [${flipped.shape}] and labels [${labels.shape}] do not belong together`,
      );
    const rowBytes = 4 * shape.reduce((product, dim) => product * dim, 1);
    const wide = new BigInt64Array((await readBytes(handle, file, dataStart + labels.begin, 8 * count)).buffer);
    return {
      file,
      count,
      shape,
      tokenizer: metadata.tokenizer,
      labels: Int32Array.from(wide, Number),
      async readRow(row, isFlipped, into, offset) {
        const start = dataStart + (isFlipped ? flipped : latents).begin + row * rowBytes;
        into.set(new Float32Array((await readBytes(handle, file, start, rowBytes)).buffer), offset);
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readHeader(handle: FileHandle, file: string) {
  const { size } = await handle.stat();
  const prefix = await readBytes(handle, file, 0, Math.min(LENGTH_BYTES, size));
  const length = readHeaderLength(prefix, size, file);
  const dataStart = LENGTH_BYTES + length;
  const header = parseHeader(await readBytes(handle, file, LENGTH_BYTES, length), size - dataStart, file);
  return { ...header, dataStart } as { entries: HeaderEntry[]; metadata: Record<string, string>; dataStart: number };
}

async function readBytes(
  handle: FileHandle,
  file: string,
  start: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(bytes, done, length - done, start + done);
    if (bytesRead === 0) throw new DataError(`${file}: ends before byte ${start + length}`);
    done += bytesRead;
  }
  return bytes;
}
