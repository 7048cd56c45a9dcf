/**
 * The run: one folder per command that does work, `runs/<time>-<command>-<id>/`, from which it can be understood,
 * resumed and shown.
 *   run.json      what was asked: arguments, seed, versions, revision, machine, status
 *   events.jsonl  what happened, append-only: progress, metrics, samples
 *   report.json, report.html, artifacts, and `lock` while a process works on it
 */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";
import { basename, dirname, join, resolve, sep } from "node:path";
import { removeTemporaryFiles } from "./atomic.ts";
import { ConfigError, PolymathError, UsageError } from "./errors.ts";
import { type Journal, openJournal } from "./journal.ts";
import { type Report, writeReport } from "./report.ts";
import { type RunInfo, readRunInfo, runsRoot, writeRunInfo } from "./run-info.ts";
import { lockRun, type RunLock } from "./run-lock.ts";
import { createScrubber, redact } from "./secrets.ts";
import { gitRevision, versions } from "./version.ts";

export { findRun, listRuns, RunInfo, RunStatus, type RunSummary, readRunInfo, runsRoot } from "./run-info.ts";

export interface RunOptions {
  /** Words after `polymath`: "train reasoner". */
  command: string;
  /** Positional arguments. */
  args?: readonly unknown[];
  /** What the command was given, by camelCase name; secrets are left out of the files. */
  options?: Record<string, unknown>;
  /** What they are where nothing is said: left out of the command line that reports show. */
  defaults?: Record<string, unknown>;
  /** Default 0. */
  seed?: number;
  /** Folder of all runs; default: POLYMATH_RUNS, else ./runs. */
  root?: string;
  /** Added to the description of the machine, e.g. the executor chosen. */
  device?: Record<string, unknown>;
}

/** Names a field of an event may have: `time` and `type` belong to the journal. */
type EventFields = Record<string, unknown> & { time?: never; type?: never };

export interface Run {
  readonly id: string;
  readonly dir: string;
  readonly seed: number;
  readonly info: Readonly<RunInfo>;
  /** Whether an earlier process worked on this run: look for its checkpoints and results first. */
  readonly resumed: boolean;
  /** Adds an event to the journal; it is in the file when the call returns. */
  event(type: string, fields?: EventFields): void;
  /** A number over time. After a resume a step may come again: the later value counts. */
  metric(name: string, step: number, value: number): void;
  /** Where an artifact goes: a path inside the run folder, whose folder exists. @throws UsageError for one outside */
  path(name: string): string;
  /** Ends the run well, writes the report, and gives the folder back. */
  finish(report?: Report): Promise<void>;
  /** Ends the run with an error, which stays readable in run.json. It can be resumed. */
  fail(error: unknown): Promise<void>;
  /** Gives the folder back with the run unfinished, as after Ctrl-C. It can be resumed. */
  interrupt(): void;
}

/** Starts a run in a new folder. */
export async function openRun(options: RunOptions): Promise<Run> {
  const { command, args = [], options: given = {}, seed = 0 } = options;
  const id = newId();
  const started = new Date().toISOString();
  const name = `${started.slice(0, 19).replaceAll(":", "-")}-${slug(command)}-${id}`;
  const dir = join(runsRoot(options.root), name);
  await mkdir(dir, { recursive: true }).catch((cause) => {
    throw new ConfigError(`Cannot make the run folder ${dir}: ${cause.message}`, {
      hint: "Set POLYMATH_RUNS to a folder you may write to.",
      cause,
    });
  });
  const lock = lockRun(dir);
  const info: RunInfo = {
    id,
    command,
    args: redact([...args]),
    options: redact(given),
    ...(options.defaults && { defaults: redact(options.defaults) }),
    seed,
    started,
    resumed: [],
    finished: null,
    status: "running",
    error: null,
    versions: versions(),
    revision: gitRevision() ?? null,
    device: { ...describeMachine(), ...redact(options.device) },
  };
  const scrub = createScrubber({ args, options: given });
  await writeRunInfo(dir, info, scrub);
  const run = createRun(dir, info, lock, scrub);
  run.event("run-start");
  return run;
}

/**
 * Goes on with a run whose process ended early.
 * Options that hold secrets come back as "[redacted]": their values must be given anew.
 * @param dir the run's folder; `findRun` finds it by id
 * @throws UsageError when another process holds it or it is finished; DataError when run.json is damaged
 */
export async function reopenRun(dir: string, given: Record<string, unknown> = {}): Promise<Run> {
  const folder = resolve(dir);
  await readRunInfo(folder); // no lock in a folder that is no run
  const lock = lockRun(folder);
  try {
    const info = await readRunInfo(folder); // again: it may have changed before the lock was ours
    if (info.status === "finished") {
      throw new UsageError(`Run ${basename(folder)} is finished: there is nothing to resume`, {
        hint: `Its results are in ${folder}`,
      });
    }
    await removeTemporaryFiles(folder);
    Object.assign(info, { status: "running", error: null, finished: null });
    info.resumed.push(new Date().toISOString());
    const scrub = createScrubber(given);
    await writeRunInfo(folder, info, scrub);
    const run = createRun(folder, info, lock, scrub);
    run.event("run-resume");
    return run;
  } catch (error) {
    lock.release();
    throw error;
  }
}

function createRun(dir: string, info: RunInfo, lock: RunLock, scrub: (text: string) => string): Run {
  const journal: Journal = openJournal(join(dir, "events.jsonl"), scrub);
  let open = true;
  const event = (type: string, fields: Record<string, unknown> = {}) => {
    if (!open) throw new Error(`Run ${info.id} has ended: event "${type}" comes too late`);
    journal.append({ time: new Date().toISOString(), type, ...fields });
  };
  const close = () => {
    if (open) journal.close();
    open = false;
    lock.release();
  };
  const end = async (change: Pick<RunInfo, "status" | "error">) => {
    Object.assign(info, change, { finished: new Date().toISOString() });
    await writeRunInfo(dir, info, scrub);
    close();
  };
  const run: Run = {
    id: info.id,
    dir,
    seed: info.seed,
    info,
    resumed: info.resumed.length > 0,
    event,
    metric: (name, step, value) => event("metric", { name, step, value }),
    path(name) {
      const path = resolve(dir, name);
      if (!path.startsWith(dir + sep)) {
        throw new UsageError(`Artifact "${name}" lies outside the run folder`);
      }
      mkdirSync(dirname(path), { recursive: true });
      return path;
    },
    async finish(report) {
      if (report) await writeReport(run, report);
      event("run-finish");
      await end({ status: "finished", error: null });
    },
    async fail(error) {
      const described = describeError(error);
      event("run-fail", { ...described, stack: error instanceof Error ? error.stack : undefined });
      await end({ status: "failed", error: described });
    },
    interrupt() {
      if (open) event("run-interrupt");
      close();
    },
  };
  return run;
}

function describeError(error: unknown): { code: string; message: string; hint?: string } {
  if (error instanceof PolymathError) return { code: error.code, message: error.message, hint: error.hint };
  return { code: "FAULT", message: error instanceof Error ? error.message : String(error) };
}

function describeMachine(): Record<string, unknown> {
  return {
    platform: platform(),
    arch: arch(),
    cpu: cpus()[0]?.model ?? "unknown",
    coreCount: availableParallelism(),
    memoryBytes: totalmem(),
    choice: process.env.POLYMATH_DEVICE ?? null,
  };
}

/** Six letters and digits that cannot be taken for one another when read aloud. */
function newId(): string {
  const alphabet = "23456789abcdefghjkmnpqrstuvwxyz";
  return Array.from(randomBytes(6), (byte) => alphabet[byte % alphabet.length]).join("");
}

function slug(text: string): string {
  return (
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "") || "run"
  );
}
