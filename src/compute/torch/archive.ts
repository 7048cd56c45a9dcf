/**
 * The zip file that torch.save writes: NAME/data.pkl, NAME/data/0, NAME/data/1, ... stored as they are, so that a
 * tensor's bytes are read from their place in the file when somebody asks for them.
 * Source: PyTorch's torch/serialization.py (`_save`, `_load`) and caffe2/serialize/inline_container.cc.
 */
import { type FileHandle, open } from "node:fs/promises";
import { inflateRawSync } from "node:zlib";
import { type Entry, Reader, ZipReader } from "@zip.js/zip.js/index-native.js";
import { DataError } from "../../core/errors.ts";

export interface TorchArchive {
  /** The program of the values. */
  readonly pickle: Uint8Array;
  /** Bytes of a storage. @param key as in `data/KEY` @throws DataError when it is absent or shorter */
  storageSize(key: string): number;
  read(key: string, start: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** A pickle holds names and numbers, and of the largest models a few megabytes of them. */
const mostPickleBytes = 256 * 2 ** 20;
const storedAsIs = 0;
const localHeaderBytes = 30;

class HandleReader extends Reader<FileHandle> {
  readonly #handle: FileHandle;
  readonly #file: string;

  constructor(handle: FileHandle, file: string) {
    super(handle);
    this.#handle = handle;
    this.#file = file;
  }

  override async init() {
    await super.init?.();
    this.size = (await this.#handle.stat()).size;
  }

  override async readUint8Array(start: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    return readRange(this.#handle, this.#file, start, Math.min(length, this.size - start));
  }
}

/** @throws DataError for what torch.save did not write */
export async function openTorchArchive(file: string): Promise<TorchArchive> {
  const handle = await open(file).catch((cause) => {
    const reason = cause.code === "ENOENT" ? "no such file" : cause.message;
    throw new DataError(`${file}: ${reason}`, { cause });
  });
  try {
    const entries = await listEntries(handle, file);
    const program = [...entries.keys()].find((name) => name.endsWith("/data.pkl") || name === "data.pkl");
    if (program === undefined)
      throw new DataError(`${file}: a zip file without data.pkl`, {
        hint: "torch.save writes one; is it another archive?",
      });
    const folder = program.slice(0, -"data.pkl".length);
    if (entries.has(`${folder}constants.pkl`))
      throw new DataError(`${file}: a TorchScript archive, which holds a program`, {
        hint: "In Python: torch.save(torch.jit.load(file).state_dict(), other).",
      });
    const bytesOf = (name: string) => readEntry(handle, file, entries.get(name)!);
    if (entries.has(`${folder}byteorder`)) {
      const order = new TextDecoder().decode(await bytesOf(`${folder}byteorder`));
      if (order !== "little") throw new DataError(`${file}: byteorder: expected little, got ${order}`);
    }
    if (entries.get(program)!.uncompressedSize > mostPickleBytes)
      throw new DataError(
        `${file}: data.pkl has ${entries.get(program)!.uncompressedSize} bytes, more than any model's`,
      );
    const storageOf = (key: string) => {
      const entry = entries.get(`${folder}data/${key}`);
      if (!entry)
        throw new DataError(`${file}: storage ${key} is not in the file`, { hint: "It is damaged; fetch it again." });
      return entry;
    };
    return {
      pickle: await bytesOf(program),
      storageSize: (key) => storageOf(key).uncompressedSize,
      async read(key, start, length) {
        const entry = storageOf(key);
        if (entry.compressionMethod !== storedAsIs)
          return (await readEntry(handle, file, entry)).slice(start, start + length);
        return readRange(handle, file, (await dataStart(handle, file, entry)) + start, length);
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function listEntries(handle: FileHandle, file: string): Promise<Map<string, Entry>> {
  const head = await readRange(handle, file, 0, Math.min(4, (await handle.stat()).size));
  if (head[0] === 0x80)
    throw new DataError(`${file}: a pickle of PyTorch before 1.6, not a zip file`, {
      hint: "In Python: torch.save(torch.load(file, weights_only=True), other) with a newer PyTorch.",
    });
  try {
    const reader = new ZipReader(new HandleReader(handle, file), { useWebWorkers: false });
    return new Map((await reader.getEntries()).map((entry) => [entry.filename, entry]));
  } catch (cause) {
    throw new DataError(`${file}: not a zip file: ${(cause as Error).message}`, {
      hint: "torch.save writes zip files; this one is cut short, damaged or of another kind.",
      cause,
    });
  }
}

async function readEntry(handle: FileHandle, file: string, entry: Entry): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readRange(handle, file, await dataStart(handle, file, entry), entry.compressedSize);
  if (entry.compressionMethod === storedAsIs) return bytes;
  try {
    return Uint8Array.from(inflateRawSync(bytes, { maxOutputLength: entry.uncompressedSize }));
  } catch (cause) {
    throw new DataError(`${file}: ${entry.filename}: ${(cause as Error).message}`, { cause });
  }
}

/** Behind the entry's own header, whose extra field may differ in length from the directory's. */
async function dataStart(handle: FileHandle, file: string, { offset }: Entry): Promise<number> {
  const header = await readRange(handle, file, offset, localHeaderBytes);
  const view = new DataView(header.buffer);
  return offset + localHeaderBytes + view.getUint16(26, true) + view.getUint16(28, true);
}

async function readRange(handle: FileHandle, file: string, start: number, length: number) {
  const bytes = new Uint8Array(Math.max(0, length));
  for (let done = 0; done < length; ) {
    // Linux reads at most 2^31 - 4096 bytes at once.
    const { bytesRead } = await handle.read(bytes, done, Math.min(length - done, 2 ** 30), start + done);
    if (bytesRead === 0)
      throw new DataError(`${file}: expected ${length} bytes from byte ${start}, the file ends before`);
    done += bytesRead;
  }
  return bytes;
}
