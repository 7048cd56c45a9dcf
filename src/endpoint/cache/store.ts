/**
 * Recorded answers on disk, one file per call under the first two letters of its key:
 *   ab/ab12....json   the call, its answer, and the pieces in which a stream brought it
 *   ab/ab12....lock   a process is asking for it now
 * Files appear whole or not at all, and any number of processes may share the folder.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { type FileLock, tryLockFile } from "../../core/file-lock.ts";
import { redact } from "../../core/secrets.ts";
import type { Reply, StreamDelta } from "../endpoint.ts";
import type { CallIdentity } from "./key.ts";

export interface CacheEntry {
  /** Names the payment, for ledgers. */
  callId: string;
  reply: Reply;
  /** In the order they came; absent when the answer came in one piece. */
  deltas?: StreamDelta[];
  /** The caller left the stream before its end: this is the part that came. */
  isPartial?: boolean;
}

/** Only what reading relies on: the file is ours. */
const Stored = z.looseObject({
  version: z.literal(1),
  callId: z.string(),
  reply: z.looseObject({ choices: z.array(z.unknown()), usage: z.looseObject({}) }),
});

export interface CacheStore {
  read(key: string): Promise<CacheEntry | undefined>;
  /** Durable when it resolves. */
  write(key: string, identity: CallIdentity, entry: CacheEntry): Promise<void>;
  /** The right to ask for this call; undefined while another living process (or another part of this one) has it. */
  tryLock(key: string): FileLock | undefined;
}

export function openCacheStore(folder: string): CacheStore {
  const path = (key: string, end: string) => join(folder, key.slice(0, 2), `${key}.${end}`);
  return {
    async read(key) {
      try {
        const stored = Stored.safeParse(JSON.parse(await readFile(path(key, "json"), "utf8")));
        return stored.success ? (stored.data as unknown as CacheEntry) : undefined;
      } catch {
        return undefined; // absent, or damaged by a power cut: asked anew
      }
    },
    async write(key, identity, entry) {
      // Fields of `extra` may carry secrets; they are in the key, but need not be in the file.
      const stored = { version: 1, saved: new Date().toISOString(), call: redact(identity), ...entry };
      const target = path(key, "json");
      const draft = join(dirname(target), `.${key}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`);
      mkdirSync(dirname(target), { recursive: true });
      // In place before anything else runs: a kill a moment later finds it there. Then durable, for power cuts.
      writeFileSync(draft, `${JSON.stringify(stored)}\n`);
      renameSync(draft, target);
      await syncToDisk(target, "r+");
      await syncToDisk(dirname(target), "r").catch(() => undefined); // not every system can sync a folder
    },
    tryLock(key) {
      mkdirSync(join(folder, key.slice(0, 2)), { recursive: true });
      const result = tryLockFile(path(key, "lock"));
      return "lock" in result ? result.lock : undefined;
    },
  };
}

async function syncToDisk(path: string, flags: string): Promise<void> {
  const handle = await open(path, flags);
  await handle.sync().finally(() => handle.close());
}
