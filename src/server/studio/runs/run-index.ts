/**
 * All runs, kept in memory so that a list of ten thousand is searched without reading ten thousand files each time:
 * only new folders and those of runs that may still change are read again.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { wordsOf } from "../../../core/command-line.ts";
import { UsageError } from "../../../core/errors.ts";
import { type RunInfo, readRunInfo, runStatus, type StatusOfRun } from "./run-status.ts";

export interface IndexedRun {
  key: string;
  dir: string;
  status: StatusOfRun;
  info: RunInfo | null;
  /** ISO 8601, to sort by. */
  started: string;
  /** What a search looks through, in lower case. */
  text: string;
}

export interface RunIndex {
  /** Newest first. */
  all(): Promise<readonly IndexedRun[]>;
  /** By id or folder name. @throws UsageError when there is none */
  find(key: string): Promise<IndexedRun>;
}

/** The list is not older than this when it is shown. */
const freshMs = 700;

export function createRunIndex(root: string): RunIndex {
  const known = new Map<string, IndexedRun & { mtimeMs: number }>();
  let sorted: readonly IndexedRun[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  async function refresh(): Promise<void> {
    const names = await readdir(root).catch(() => []);
    const there = new Set(names);
    const before = known.size;
    for (const name of known.keys()) if (!there.has(name)) known.delete(name);
    let isChanged = known.size !== before;
    await Promise.all(
      names.map(async (name) => {
        const old = known.get(name);
        if (old?.status === "finished") return; // nothing changes any more
        const run = await look(join(root, name), old);
        if (!run || run === old) return;
        known.set(name, run);
        isChanged = true;
      }),
    );
    if (isChanged) sorted = [...known.values()].sort((a, b) => (a.started < b.started ? 1 : -1));
    readAt = performance.now();
  }

  const all = async () => {
    if (performance.now() - readAt > freshMs) {
      reading ??= refresh().finally(() => {
        reading = undefined;
      });
      await reading;
    }
    return sorted;
  };
  return {
    all,
    async find(key) {
      await all();
      const run = sorted.find((one) => one.key === key || basename(one.dir) === key);
      if (run) return (await look(run.dir, known.get(basename(run.dir)))) ?? run; // as it is now, not a moment ago
      throw new UsageError(`There is no run "${key.slice(0, 80)}" in ${root}`, { hint: "It may have been deleted." });
    },
  };
}

/** @returns `old` itself when nothing changed; undefined for a folder that is no run */
async function look(dir: string, old: (IndexedRun & { mtimeMs: number }) | undefined) {
  const file = join(dir, "run.json");
  const found = await stat(file).catch(() => undefined);
  if (!found) return undefined;
  const { mtimeMs } = found;
  if (old?.info && old.mtimeMs === mtimeMs) {
    const status = runStatus(dir, old.info);
    return status === old.status ? old : { ...old, status };
  }
  const name = basename(dir);
  try {
    const info = await readRunInfo(dir);
    const text = [info.id, name, info.command, wordsOf(info), info.error?.message ?? ""].join(" ").toLowerCase();
    return { key: info.id, dir, status: runStatus(dir, info), info, started: info.started, text, mtimeMs };
  } catch {
    const text = `${name} ${await readFile(file, "utf8").catch(() => "")}`.slice(0, 2000).toLowerCase();
    return { key: name, dir, status: "damaged" as const, info: null, started: startOf(name), text, mtimeMs };
  }
}

/** `2026-11-25T20-43-19-claim-hrdrqk` has its time in front. */
const startOf = (name: string) => name.replace(/T(\d\d)-(\d\d)-(\d\d)-.*$/, "T$1:$2:$3.000Z");
