/** The calls about certaindex. */
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { wordsOf } from "../../../core/command-line.ts";
import { DataError } from "../../../core/errors.ts";
import { readRows } from "../../../core/rows.ts";
import { type Policy, Recording, readPolicy } from "../../../systems/certaindex/index.ts";
import type { Handlers } from "../contract.ts";
import { insideOf, listArtifacts } from "../runs/run-files.ts";
import type { IndexedRun, RunIndex } from "../runs/run-index.ts";
import type { certaindexCalls, TracedRun } from "./contract.ts";
import { type PolicyOfRun, viewPolicy } from "./policy-view.ts";
import { createTraceReader, toLoadView, toProgramRow, toProgramView } from "./trace-view.ts";

const maxRuns = 60;
const shownPolicies = 10;

export function createCertaindexHandlers(index: RunIndex): Handlers<keyof typeof certaindexCalls> {
  const readTraceFile = createTraceReader();
  const readRecordingFile = createRecordingReader();
  const open = async (key: string, file: string) => {
    const run = await index.find(key);
    const path = await insideOf(run.dir, file);
    if (path?.endsWith(".jsonl")) return { run, path };
    throw new DataError(`Run ${key} has no file ${JSON.stringify(file.slice(0, 100))}`);
  };
  return {
    async "certaindex.runs"() {
      const runs = (await index.all()).filter(
        ({ info }) =>
          info &&
          /^(certaindex |claim$)/.test(info.command) &&
          (info.command !== "claim" || info.args.flat()[0] === "certaindex"),
      );
      const traced = await Promise.all(runs.slice(0, maxRuns).map(toTracedRun));
      return traced.filter(({ traces, recordings }) => traces.length + recordings.length > 0);
    },
    async "certaindex.programs"({ run: key, file }) {
      const { run, path } = await open(key, file);
      const { programs } = await readTraceFile(path);
      return {
        programs: [...programs].map(([program, events]) => toProgramRow(program, events)),
        isComplete: run.status !== "running",
      };
    },
    async "certaindex.program"({ run: key, file, program }) {
      const { run, path } = await open(key, file);
      const events = (await readTraceFile(path)).programs.get(program);
      if (!events) throw new DataError(`The trace has no program ${JSON.stringify(program.slice(0, 100))}`);
      return toProgramView(program, events, await policyOf(run));
    },
    async "certaindex.load"({ run: key, file }) {
      const { path } = await open(key, file);
      const { events } = await readTraceFile(path);
      if (!events.some(({ kind }) => kind === "finish")) throw new DataError("No program of this trace has ended yet");
      return toLoadView(events);
    },
    async "certaindex.policy"({ run: key, file, ...choice }) {
      const { path } = await open(key, file);
      return viewPolicy(await readRecordingFile(path), choice, await calibratedPolicies(index));
    },
  };
}

async function toTracedRun({ key, dir, info, status, started }: IndexedRun): Promise<TracedRun> {
  const { artifacts } = await listArtifacts(dir);
  const files = artifacts.map(({ path }) => path).filter((path) => path.endsWith(".jsonl"));
  return {
    run: key,
    words: `${info!.command} ${wordsOf(info!)}`,
    status,
    started,
    traces: files.filter((path) => /(^|\/)trace\.jsonl$|-\d+\.\d\d\.jsonl$/.test(path)), // solve's, and bench's by rate
    recordings: files.filter((path) => /record/.test(path)),
  };
}

function createRecordingReader(): (path: string) => Promise<Recording[]> {
  const known = new Map<string, { stamp: number; recordings: Recording[] }>();
  return async (path) => {
    const { mtimeMs: stamp } = await stat(path);
    const old = known.get(path);
    if (old?.stamp === stamp) return old.recordings;
    const recordings = await Array.fromAsync(readRows(path, Recording));
    known.set(path, { stamp, recordings });
    if (known.size > 6) known.delete(known.keys().next().value!);
    return recordings;
  };
}

/** Of the newest runs of `certaindex calibrate`. */
async function calibratedPolicies(index: RunIndex): Promise<PolicyOfRun[]> {
  const runs = (await index.all()).filter(
    ({ info, status }) => info?.command === "certaindex calibrate" && status === "finished",
  );
  const read = runs.slice(0, shownPolicies).map(async (run) => ({ run: run.key, policy: await policyOf(run) }));
  return (await Promise.all(read)).filter((one): one is PolicyOfRun => one.policy !== null);
}

async function policyOf({ dir }: IndexedRun): Promise<Policy | null> {
  const file = join(dir, "policy.json");
  return existsSync(file) ? readPolicy(file).catch(() => null) : null;
}
