/** Calls about runs: the list, one run, its figures while it works, its log. */
import { z } from "zod";
import type { Report } from "../../../core/report.ts";
import type { RunInfo, RunSummary } from "../../../core/run.ts";
import { call } from "../call.ts";

export type StatusOfRun = RunSummary["status"];
export const statuses = ["running", "finished", "failed", "interrupted", "damaged"] as const satisfies StatusOfRun[];

/** A run in a list. */
export interface RunRow {
  /** Its id; the folder's name where run.json is damaged. */
  key: string;
  command: string;
  /** Arguments and options as they would be typed. */
  words: string;
  status: StatusOfRun;
  /** ISO 8601; null when damaged. */
  started: string | null;
  finished: string | null;
  /** Summary of the report, or the error. */
  result: string | null;
  progress: ProgressState | null;
}

/** How far a job of a run was when it last said so. */
export interface ProgressState {
  label: string;
  done: number;
  total: number | null;
  unit: string;
  fields: Record<string, number | string>;
  /** ISO 8601. */
  time: string;
}

export interface RunsPage {
  /** Runs that match, of all that there are. */
  total: number;
  all: number;
  counts: Record<StatusOfRun, number>;
  offset: number;
  rows: RunRow[];
}

export interface Artifact {
  /** Inside the run folder, with "/". */
  path: string;
  bytes: number;
  kind: "image" | "page" | "text" | "data";
}

export interface RunDetail extends RunRow {
  folder: string;
  /** As it would be typed, to run it again. */
  commandLine: string;
  info: RunInfo | null;
  report: Report | null;
  artifacts: Artifact[];
  /** There were more than a page can show. */
  artifactsCut: boolean;
}

/** One metric over its steps: the last value of each bucket, with the least and greatest in it. */
export interface MetricSeries {
  name: string;
  /** [step, value, low, high], steps rising. */
  points: [step: number, value: number, low: number, high: number][];
  /** Values it was made of. */
  count: number;
}

export interface RunLive {
  status: StatusOfRun;
  /** False: the journal is still being read, for the first time or on. */
  isComplete: boolean;
  /** Bytes of events.jsonl read so far, and its size. */
  readBytes: number;
  totalBytes: number;
  eventCount: number;
  progress: ProgressState[];
  metrics: MetricSeries[];
}

export interface LogLine {
  /** From 0. */
  index: number;
  time: string;
  type: string;
  /** The event's other fields as JSON, cut. */
  text: string;
}

export interface RunLog {
  /** Lines known so far; rises while the run goes on. */
  total: number;
  isComplete: boolean;
  offset: number;
  lines: LogLine[];
}

const run = z.string().min(1).max(200);
/** Rows of a page of a long list. */
const page = { offset: z.int().min(0).default(0), limit: z.int().min(1).max(500).default(100) };

export const runCalls = {
  "runs.list": call(
    z.object({ search: z.string().max(200).default(""), status: z.enum(statuses).optional(), ...page }),
  ).returns<RunsPage>(),
  "runs.read": call(z.object({ run })).returns<RunDetail>(),
  "runs.live": call(z.object({ run })).returns<RunLive>(),
  "runs.log": call(z.object({ run, ...page })).returns<RunLog>(),
};
