/** run.json: what a run was asked and how it ended; the list of all runs. */
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { z } from "zod";
import { writeJsonAtomic } from "./atomic.ts";
import { DataError, UsageError } from "./errors.ts";
import { isLocked } from "./run-lock.ts";
import { validate } from "./schema.ts";

export type RunStatus = z.output<typeof RunStatus>;
export const RunStatus = z.enum(["running", "finished", "failed"]);

/** run.json. */
export type RunInfo = z.output<typeof RunInfo>;
export const RunInfo = z.object({
  id: z.string(),
  command: z.string(),
  args: z.array(z.unknown()),
  options: z.record(z.string(), z.unknown()),
  /** What the command's options are where nothing is said; absent in runs of earlier versions. */
  defaults: z.record(z.string(), z.unknown()).optional(),
  seed: z.number(),
  /** ISO 8601, UTC; `resumed` has one entry per later process. */
  started: z.string(),
  resumed: z.array(z.string()),
  finished: z.string().nullable(),
  status: RunStatus,
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).nullable(),
  versions: z.record(z.string(), z.string()),
  /** Git commit of a source checkout, or null. */
  revision: z.string().nullable(),
  device: z.record(z.string(), z.unknown()),
});

/** The folder of all runs. */
export function runsRoot(root?: string): string {
  return resolve(root ?? (process.env.POLYMATH_RUNS || "runs"));
}

export interface RunSummary {
  dir: string;
  /** As in run.json, and two more: the process ended without a word; run.json cannot be read. */
  status: RunStatus | "interrupted" | "damaged";
  /** Absent when damaged. */
  info?: RunInfo;
}

/** All runs, oldest first; folders without run.json are not runs. */
export async function listRuns(root?: string): Promise<RunSummary[]> {
  const folder = runsRoot(root);
  const names = await readdir(folder).catch(() => []);
  const summaries = await Promise.all(names.map((name) => summarize(join(folder, name))));
  // The folder's name has the time too, but to the second only.
  const age = ({ dir, info }: RunSummary) => info?.started ?? basename(dir);
  return summaries.filter((summary) => summary !== undefined).sort((a, b) => (age(a) < age(b) ? -1 : 1));
}

async function summarize(dir: string): Promise<RunSummary | undefined> {
  if (!(await stat(join(dir, "run.json")).catch(() => undefined))) return undefined;
  try {
    const info = await readRunInfo(dir);
    return { dir, info, status: info.status === "running" && !isLocked(dir) ? "interrupted" : info.status };
  } catch {
    return { dir, status: "damaged" };
  }
}

/**
 * The folder of a run by path, folder name or id; `latest` is the newest.
 * @throws UsageError when there is none
 */
export async function findRun(name: string, root?: string): Promise<string> {
  if (await stat(join(name, "run.json")).catch(() => undefined)) return resolve(name);
  const runs = await listRuns(root);
  const found =
    name === "latest" ? runs.at(-1) : runs.find(({ dir, info }) => basename(dir) === name || info?.id === name);
  if (found) return found.dir;
  const known = runs.slice(-3).map(({ dir, info }) => info?.id ?? basename(dir));
  throw new UsageError(`No run "${name}" in ${runsRoot(root)}`, {
    hint: known.length ? `The latest are ${known.join(", ")}; \`polymath runs\` lists all.` : "There are no runs yet.",
  });
}

/** @throws DataError when the folder is no run or its run.json is damaged */
export async function readRunInfo(dir: string): Promise<RunInfo> {
  const path = join(dir, "run.json");
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new DataError(missing ? `${dir} is not a run: it has no run.json` : `${path}: ${(cause as Error).message}`, {
      hint: missing ? "`polymath runs` lists all runs." : "The run cannot be resumed; start it anew.",
      cause,
    });
  }
  const result = validate(RunInfo, value);
  if ("problem" in result) throw new DataError(`${path}: ${result.problem.message}`, { hint: result.problem.hint });
  return result.value;
}

/** @param scrub takes secrets out of the text */
export async function writeRunInfo(dir: string, info: RunInfo, scrub: (text: string) => string): Promise<void> {
  await writeJsonAtomic(join(dir, "run.json"), JSON.parse(scrub(JSON.stringify(info))));
}
