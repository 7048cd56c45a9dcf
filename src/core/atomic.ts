/**
 * Files that are whole or absent: written beside their place, flushed to the disk, then renamed over it.
 * A process killed at any point leaves the old file as it was.
 */
import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Replaces `path` by `data` in one step; missing folders are made. */
export async function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  const file = await createAtomicFile(path);
  try {
    await file.write(data);
    await file.commit();
  } catch (error) {
    await file.abort();
    throw error;
  }
}

/** As `writeFileAtomic`, with two spaces of indentation and a last newline. */
export async function writeJsonAtomic(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** A file in the making: nothing is seen at its path until `commit`. */
export interface AtomicFile {
  write(chunk: string | Uint8Array): Promise<void>;
  /** Flushes, then puts the file in place; the call that makes it exist. */
  commit(): Promise<void>;
  /** Throws away what was written; harmless after `commit`. */
  abort(): Promise<void>;
}

/** Starts a file beside its place; exactly one of `commit` and `abort` must follow. */
export async function createAtomicFile(path: string): Promise<AtomicFile> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  // In the same folder, because a rename is atomic only inside one file system.
  const temporary = join(folder, `.${basename(path)}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`);
  let handle: FileHandle | undefined = await open(temporary, "wx");
  const close = async () => {
    await handle?.close();
    handle = undefined;
  };
  return {
    async write(chunk) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      // One write may take less than it was given.
      for (let offset = 0; offset < bytes.length; ) {
        offset += (await handle!.write(bytes, offset, bytes.length - offset)).bytesWritten;
      }
    },
    async commit() {
      await handle!.sync();
      await close();
      await rename(temporary, path);
      await syncFolder(folder);
    },
    async abort() {
      await close();
      await rm(temporary, { force: true });
    },
  };
}

/** Removes the temporary files that killed processes left under `folder`; only where no other process writes. */
export async function removeTemporaryFiles(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && /^\..+\.\d+-[0-9a-f]{8}\.tmp$/.test(entry.name)) {
      await rm(join(entry.parentPath, entry.name), { force: true });
    }
  }
}

/** Makes the rename itself durable. Some systems cannot open a folder: there the rename is atomic all the same. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
