/** The calls about runs. */
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { commandLineOf, wordsOf } from "../../../core/command-line.ts";
import { Report } from "../../../core/report.ts";
import type { Handlers } from "../contract.ts";
import { type ProgressState, type RunRow, type runCalls, type StatusOfRun, statuses } from "./contract.ts";
import { createEventDigest, type EventDigest } from "./event-digest.ts";
import { listArtifacts } from "./run-files.ts";
import type { IndexedRun, RunIndex } from "./run-index.ts";

/** Digests kept; each holds some hundred kilobytes. */
const maxDigests = 24;

export function createRunHandlers(index: RunIndex): Handlers<keyof typeof runCalls> {
  const digests = new Map<string, EventDigest>();
  const digestOf = async ({ dir }: IndexedRun): Promise<EventDigest> => {
    const digest = digests.get(dir) ?? createEventDigest(dir);
    digests.delete(dir); // the one used last stands last
    digests.set(dir, digest);
    if (digests.size > maxDigests) digests.delete(digests.keys().next().value!);
    await digest.update();
    return digest;
  };

  return {
    async "runs.list"({ search, status, offset, limit }) {
      const runs = await index.all();
      const words = search.toLowerCase().split(/\s+/).filter(Boolean);
      const matching = runs.filter(({ text }) => words.every((word) => text.includes(word)));
      const counts = Object.fromEntries(statuses.map((name) => [name, 0])) as Record<StatusOfRun, number>;
      for (const run of matching) counts[run.status]++;
      const shown = status ? matching.filter((run) => run.status === status) : matching;
      const rows = await Promise.all(shown.slice(offset, offset + limit).map(toRow));
      return { total: shown.length, all: runs.length, counts, offset, rows };
    },
    async "runs.read"({ run: key }) {
      const run = await index.find(key);
      const [row, report, { artifacts, cut }] = await Promise.all([
        toRow(run),
        readReport(run.dir),
        listArtifacts(run.dir),
      ]);
      const { dir, info } = run;
      return {
        ...row,
        folder: dir,
        commandLine: info ? commandLineOf(info) : "",
        info,
        report,
        artifacts,
        artifactsCut: cut,
      };
    },
    async "runs.live"({ run: key }) {
      const run = await index.find(key);
      const digest = await digestOf(run);
      const { isComplete, readBytes, totalBytes, eventCount } = digest;
      return {
        status: run.status,
        isComplete,
        readBytes,
        totalBytes,
        eventCount,
        progress: digest.progress(),
        metrics: digest.metrics(),
      };
    },
    async "runs.log"({ run: key, offset, limit }) {
      const digest = await digestOf(await index.find(key));
      const { eventCount: total, isComplete } = digest;
      return { total, isComplete, offset, lines: await digest.lines(offset, limit) };
    },
  };
}

/** What a list shows; report and journal are looked into for the rows of one page only. */
export async function toRow({ key, dir, status, info, started }: IndexedRun): Promise<RunRow> {
  const report = status === "finished" ? await readReport(dir) : null;
  return {
    key,
    command: info?.command ?? "",
    words: info ? wordsOf(info) : "",
    status,
    started: info?.started ?? (Number.isNaN(Date.parse(started)) ? null : started),
    finished: info?.finished ?? null,
    result: info?.error?.message ?? report?.summary ?? null,
    progress: status === "running" ? await lastProgress(dir) : null,
  };
}

async function readReport(dir: string): Promise<Report | null> {
  try {
    return Report.parse(JSON.parse(await readFile(join(dir, "report.json"), "utf8")));
  } catch {
    return null; // none yet, or of another version
  }
}

/** From the end of the journal, which may be long. */
export async function lastProgress(dir: string): Promise<ProgressState | null> {
  const file = await open(join(dir, "events.jsonl")).catch(() => undefined);
  if (!file) return null;
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, 64 * 1024));
    await file.read(bytes, 0, bytes.length, size - bytes.length);
    const line = bytes
      .toString("utf8")
      .split("\n")
      .findLast((one) => one.includes('"type":"progress"') && one.endsWith("}"));
    return line ? (JSON.parse(line) as ProgressState) : null;
  } catch {
    return null;
  } finally {
    await file.close();
  }
}
