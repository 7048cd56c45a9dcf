/** Where recordings come from: a file of them, a trace, or the folder of a run of `certaindex solve`. */
import { existsSync, statSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { z } from "zod";
import { DataError } from "../../../core/errors.ts";
import { readJson } from "../../../core/json.ts";
import { readJsonLines } from "../../../core/jsonl.ts";
import { readRows } from "../../../core/rows.ts";
import { type Policy, Recording, TraceEvent } from "../schemas.ts";
import { readTrace, recordingsFromTrace, resultsFromTrace } from "../traces.ts";
import { readPolicy } from "./policy-file.ts";

export interface Source {
  /** Complete or not: `ended` says so. */
  recordings: Recording[];
  /** Of a trace. */
  events?: TraceEvent[];
  /** The policy that a run's folder names. */
  policy?: Policy;
}

/**
 * Recordings to calibrate on, all run to the cap.
 * @param path recordings (JSON lines), or the folder of a run that has recordings.jsonl
 * @returns also the name of the data set: what the run called it, or the name of the file
 * @throws DataError for a run of which only some questions came to the cap: those that a policy stopped are the easy
 *   ones, and a calibration on the others would be biased
 */
export async function readRecordings(path: string): Promise<{ recordings: Recording[]; dataset: string }> {
  const folder = isFolder(path) ? path : undefined;
  const file = folder ? join(folder, "recordings.jsonl") : path;
  if (!folder && (await isTrace(file))) {
    throw new DataError(`${file}: is a trace, expected recordings`, {
      hint: "Give the run's folder or its recordings.jsonl, of a run with --record.",
    });
  }
  const recordings = await Array.fromAsync(readRows(file, Recording));
  const trace = folder && join(folder, "trace.jsonl");
  if (trace && existsSync(trace)) {
    const ended = resultsFromTrace(await Array.fromAsync(readTrace(trace))).filter(({ knob }) => knob > 0).length;
    if (recordings.length < ended) {
      throw new DataError(`${file}: ${recordings.length} of ${ended} questions were run to the cap`, {
        hint: "Those that were stopped are the easy ones: calibrate on a run with --record.",
      });
    }
  }
  const summary = folder ? await readSummary(folder) : undefined;
  return { recordings, dataset: summary?.name ?? basename(file, extname(file)) };
}

/** What a run's summary says of its programs: `name` is that of the data set. */
const RunSummary = z.object({ name: z.string(), program: z.string(), model: z.string() });

async function readSummary(folder: string): Promise<z.output<typeof RunSummary> | undefined> {
  const file = join(folder, "summary.json");
  return existsSync(file) ? await readJson(file, RunSummary) : undefined;
}

/**
 * What to replay on.
 * @param path recordings, a trace, or the folder of a run
 * @param cap units at most, which a trace does not say; default its own policy's, else the most that a program spent
 */
export async function readSource(path: string, cap?: number): Promise<Source> {
  const folder = isFolder(path) ? path : undefined;
  const file = folder ? join(folder, "trace.jsonl") : path;
  if (!folder && !(await isTrace(file))) return { recordings: await Array.fromAsync(readRows(file, Recording)) };
  const events = await Array.fromAsync(readTrace(file));
  const policyFile = folder && join(folder, "policy.json");
  const policy = policyFile && existsSync(policyFile) ? await readPolicy(policyFile) : undefined;
  const summary = folder ? await readSummary(folder) : undefined;
  const { program, model } = summary ?? { program: "unknown", model: "unknown" };
  const most = events.reduce(
    (knob, event) => (event.kind === "certaindex" ? Math.max(knob, event.step.knob) : knob),
    1,
  );
  const recordings = recordingsFromTrace(events, { program, model, cap: cap ?? (policy ? policy.cap : most) });
  return { recordings, events, ...(policy && { policy }) };
}

const isFolder = (path: string) => existsSync(path) && statSync(path).isDirectory();

/** Whether the first row is an event. */
async function isTrace(file: string): Promise<boolean> {
  if (!/\.(jsonl|ndjson)$/.test(file)) return false;
  for await (const row of readJsonLines(file, z.looseObject({}))) return TraceEvent.safeParse(row).success;
  return false;
}
