/** One process per run folder, by the file `lock` in it. */
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { UsageError } from "./errors.ts";
import { type FileLock, isFileLocked, type LockOwner, tryLockFile } from "./file-lock.ts";

export type RunLock = FileLock;

/** Held until released or until the process exits. @throws UsageError when a living process holds the folder */
export function lockRun(dir: string): RunLock {
  const path = join(dir, "lock");
  const result = tryLockFile(path);
  if ("owner" in result) throw heldError(dir, path, result.owner);
  const release = () => {
    process.off("exit", release);
    result.lock.release();
  };
  process.on("exit", release);
  return { release };
}

/** Whether a living process holds the run folder. */
export function isLocked(dir: string): boolean {
  return isFileLocked(join(dir, "lock"));
}

function heldError(dir: string, path: string, { pid, host }: LockOwner): UsageError {
  const here = host === hostname();
  return new UsageError(`Run ${basename(dir)} is held by process ${pid}${here ? "" : ` on ${host}`}`, {
    hint: here
      ? `Wait until it ends, or stop it: kill ${pid}`
      : `If that process is gone for sure, delete ${path} and try again.`,
  });
}
