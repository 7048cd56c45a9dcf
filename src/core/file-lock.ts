/**
 * A lock between processes: a file that names its owner; that of a dead process is taken over. It is put in place by
 * link(2), which fails when the name exists and never shows a half-written file.
 */
import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";

export interface LockOwner {
  token: string;
  pid: number;
  host: string;
  /** Start of the process in clock ticks since boot, where the system tells: a process id may be used again. */
  processStart: string | undefined;
}

export interface FileLock {
  /** Removes the file; harmless the second time. */
  release(): void;
}

/** Takes the lock at `path`, whose folder must exist, or says which living process holds it. */
export function tryLockFile(path: string): { lock: FileLock } | { owner: LockOwner } {
  const token = randomBytes(8).toString("hex");
  const self: LockOwner = { token, pid: process.pid, host: hostname(), processStart: processStart(process.pid) };
  const draft = `${path}.${token}`;
  writeFileSync(draft, JSON.stringify(self));
  try {
    while (!tryLink(draft, path)) {
      const owner = clearStaleLock(path, draft);
      if (owner) return { owner };
    }
  } finally {
    rmSync(draft, { force: true });
  }
  const release = () => {
    if (readOwner(path)?.token === token) rmSync(path, { force: true });
  };
  return { lock: { release } };
}

/** Whether a living process holds the lock. */
export function isFileLocked(path: string): boolean {
  const owner = readOwner(path);
  return owner !== undefined && isAlive(owner);
}

/** @returns the owner, if it lives after all */
function clearStaleLock(path: string, draft: string): LockOwner | undefined {
  const owner = readOwner(path);
  if (owner && isAlive(owner)) return owner;
  const removed = `${draft}.stale`;
  try {
    renameSync(path, removed);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return; // its owner or another waiter removed it first
    throw error;
  }
  // Between our look and our rename another process may have taken the stale lock over: then this is a living one.
  const taken = readOwner(removed);
  const isLiving = taken !== undefined && taken.token !== owner?.token && isAlive(taken);
  if (isLiving) tryLink(removed, path);
  rmSync(removed, { force: true });
  return isLiving ? taken : undefined;
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function readOwner(path: string): LockOwner | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as LockOwner;
  } catch {
    return undefined; // gone, or damaged by a power cut: nobody's
  }
}

/** A process on another machine cannot be asked, so it counts as alive. */
function isAlive({ pid, host, processStart: start }: LockOwner): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false; // EPERM: alive, somebody else's
  }
  return start === undefined || start === processStart(pid);
}

/** Field 22 of /proc/PID/stat (Linux); counted after the last ")", since a program's name may hold anything. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
