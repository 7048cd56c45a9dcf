/** What a run of `codeelo run` left in its folder, read once and again when it grew. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { readJsonLines } from "../../../core/jsonl.ts";
import {
  Attempt,
  JudgedContest,
  LoadedProblem,
  Protocol,
  type Rating,
  type RunSummary,
  rateContests,
  summarizeRun,
} from "../../../systems/codeelo/index.ts";
import type { IndexedRun } from "../runs/run-index.ts";

export interface ModelRunFiles {
  problems: ReadonlyMap<string, LoadedProblem>;
  attempts: readonly Attempt[];
  /** Every tag is shown, however few problems have it: their number stands beside it. */
  summary: RunSummary;
  rating: Rating | null;
}

export type ReadModelRun = (run: IndexedRun) => Promise<ModelRunFiles | null>;

export function createModelRunReader(): ReadModelRun {
  const known = new Map<string, { stamp: string; files: ModelRunFiles }>();
  return async ({ dir }) => {
    const stamps = await Promise.all(
      ["attempts.jsonl", "problems.jsonl", "judged.jsonl"].map((name) => stampOf(join(dir, name))),
    );
    if (stamps[0] === null || stamps[1] === null) return null; // of a version that kept no problems
    const stamp = stamps.join(" ");
    const old = known.get(dir);
    if (old?.stamp === stamp) return old.files;
    const files = await read(dir);
    known.set(dir, { stamp, files });
    return files;
  };
}

async function stampOf(path: string): Promise<string | null> {
  const found = await stat(path).catch(() => undefined);
  return found ? `${found.size}-${found.mtimeMs}` : null;
}

async function read(dir: string): Promise<ModelRunFiles> {
  const problems = await collect(join(dir, "problems.jsonl"), LoadedProblem);
  const attempts = await collect(join(dir, "attempts.jsonl"), Attempt);
  // An attempt that was missing may have been made again: the later line counts.
  const latest = new Map(attempts.map((one) => [`${one.problem}#${one.attempt}`, one]));
  const made = [...latest.values()];
  return {
    problems: new Map(problems.map((loaded) => [loaded.problem.id, loaded])),
    attempts: made,
    summary: summarizeRun(problems, made, { ks: [1], tagSize: 1 }),
    rating: await readRating(join(dir, "judged.jsonl")),
  };
}

async function readRating(file: string): Promise<Rating | null> {
  if ((await stampOf(file)) === null) return null;
  const contests = await collect(file, JudgedContest);
  const protocol = Protocol.safeParse(contests[0]?.protocol);
  if (!protocol.success) return null;
  try {
    return rateContests(contests, protocol.data);
  } catch (error) {
    if (error instanceof RangeError) return null; // no contest could be rated
    throw error;
  }
}

/** A torn last line, of a run under way, is left out. */
async function collect<Schema extends Parameters<typeof readJsonLines>[1]>(file: string, schema: Schema) {
  const rows: unknown[] = [];
  for await (const row of readJsonLines(file, schema, { onError: () => {} })) rows.push(row);
  return rows as Awaited<ReturnType<Schema["parse"]>>[];
}
