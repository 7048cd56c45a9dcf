/**
 * One process per run folder. The lock is a file that names its owner; that of a dead process is taken over.
 * It is put in place by link(2), which fails when the name exists and never shows a half-written file.
 */
import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { UsageError } from "./errors.ts";

interface Owner {
  token: string;
  pid: number;
  host: string;
  /** Start of the process in clock ticks since boot, where the system tells: a process id may be used again. */
  processStart: string | undefined;
}

export interface RunLock {
  /** Gives the folder back; harmless the second time. */
  release(): void;
}

/** @throws UsageError when a living process holds the folder */
export function lockRun(dir: string): RunLock {
  const path = join(dir, "lock");
  const token = randomBytes(8).toString("hex");
  const owner: Owner = { token, pid: process.pid, host: hostname(), processStart: processStart(process.pid) };
  const draft = join(dir, `lock.${token}`);
  writeFileSync(draft, JSON.stringify(owner));
  try {
    while (!tryLink(draft, path)) clearStaleLock(dir, path, draft);
  } finally {
    rmSync(draft, { force: true });
  }
  const release = () => {
    process.off("exit", release);
    if (readOwner(path)?.token === token) rmSync(path, { force: true });
  };
  process.on("exit", release);
  return { release };
}

/** Whether a living process holds the run folder. */
export function isLocked(dir: string): boolean {
  const owner = readOwner(join(dir, "lock"));
  return owner !== undefined && isAlive(owner);
}

function clearStaleLock(dir: string, path: string, draft: string): void {
  const owner = readOwner(path);
  if (owner && isAlive(owner)) throw heldError(dir, path, owner);
  const removed = `${draft}.stale`;
  try {
    renameSync(path, removed);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return; // its owner or another waiter removed it first
    throw error;
  }
  // Between our look and our rename another process may have taken the stale lock over: then this is a living one.
  const taken = readOwner(removed);
  if (taken && taken.token !== owner?.token && isAlive(taken)) {
    tryLink(removed, path);
    rmSync(removed, { force: true });
    throw heldError(dir, path, taken);
  }
  rmSync(removed, { force: true });
}

function heldError(dir: string, path: string, { pid, host }: Owner): UsageError {
  const here = host === hostname();
  return new UsageError(`Run ${basename(dir)} is held by process ${pid}${here ? "" : ` on ${host}`}`, {
    hint: here
      ? `Wait until it ends, or stop it: kill ${pid}`
      : `If that process is gone for sure, delete ${path} and try again.`,
  });
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

function readOwner(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Owner;
  } catch {
    return undefined; // gone, or damaged by a power cut: nobody's
  }
}

/** A process on another machine cannot be asked, so it counts as alive. */
function isAlive({ pid, host, processStart: start }: Owner): boolean {
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
