/**
 * Traces: one line per event, append-only, from which every figure of a run can be computed again.
 * A line is in the system's hands when `append` returns, so a killed process loses none; what a program ended with is
 * also flushed to the disk, so a power cut loses no finished program. API keys never stand in events; the text of a
 * question only where it was asked for.
 */
import { closeSync, fsyncSync, openSync } from "node:fs";
import { DataError } from "../../core/errors.ts";
import { openJournal } from "../../core/journal.ts";
import { readJsonLines } from "../../core/jsonl.ts";
import { type Recording, type Step, type StopReason, TraceEvent } from "./schemas.ts";

export interface TraceWriter {
  append(event: TraceEvent): void;
  /** Flushes to the disk. */
  close(): void;
}

export interface TraceOptions {
  /** `finish` (default): flush when a program has ended. `each`: after every line, some milliseconds each. */
  flush?: "finish" | "each";
}

/** Opens a trace to add to it; a line that a crash cut short is dropped first. */
export function openTrace(file: string, { flush = "finish" }: TraceOptions = {}): TraceWriter {
  const journal = openJournal(file);
  const fd = openSync(file, "r+"); // flushing one descriptor flushes the file
  return {
    append(event) {
      journal.append(event);
      if (flush === "each" || event.kind === "finish") fsyncSync(fd);
    },
    close() {
      closeSync(fd);
      journal.close();
    },
  };
}

/**
 * The events of a trace, also while it is being written: a torn last line is left out.
 * @throws DataError naming file, line and field
 */
export async function* readTrace(file: string): AsyncGenerator<TraceEvent> {
  let torn: DataError | undefined;
  const onError = (error: DataError) => {
    torn = error;
  };
  for await (const event of readJsonLines(file, TraceEvent, { onError })) {
    if (torn) throw torn; // more lines follow it: the file is damaged, not merely cut short
    yield event;
  }
  if (torn && !/breaks off/.test(torn.message)) throw torn;
}

/** How a program ended when it was live. */
export interface TracedResult {
  program: string;
  /** Where it was stopped; a shadowed program goes on after that. */
  knob: number;
  tokens: number;
  probeTokens: number;
  promptTokens: number;
  sharedPromptTokens: number;
  answer: string | null;
  correct: boolean | null;
  reason: StopReason;
  isDegraded: boolean;
  /** Seconds from arrival to the end. */
  seconds: number;
}

/** The programs that have ended, in order of their arrival. */
export function resultsFromTrace(events: Iterable<TraceEvent>): TracedResult[] {
  return [...gather(events).entries()].flatMap(([program, { stop, finish, steps, arrivedAt }]) => {
    if (!stop || !finish) return [];
    const step = steps.findLast(({ knob }) => knob <= stop.knob);
    const { tokens = 0, probeTokens = 0, promptTokens = 0, sharedPromptTokens = 0 } = step ?? {};
    return {
      program,
      knob: stop.knob,
      tokens,
      probeTokens,
      promptTokens,
      sharedPromptTokens,
      answer: finish.answer,
      correct: finish.correct,
      reason: stop.reason,
      isDegraded: finish.degraded ?? false,
      seconds: finish.t - arrivedAt,
    };
  });
}

export interface RecordingDetails extends Pick<Recording, "program" | "model" | "cap"> {
  settings?: Recording["settings"];
  /** The right answer by question, where known. */
  targets?: ReadonlyMap<string, string>;
}

/**
 * Programs as recordings, to replay other policies on. Those that a policy stopped are marked by `ended`: replay goes
 * no further than they went. Left out: programs still under way, and those that ended before their first step.
 * @param details what a trace does not say of its programs
 */
export function recordingsFromTrace(events: Iterable<TraceEvent>, details: RecordingDetails): Recording[] {
  const { program, model, cap, settings = {}, targets } = details;
  return [...gather(events).entries()].flatMap(([id, traced]) => {
    const { stop, finish, steps } = traced;
    if (!stop || !finish || steps.length === 0) return [];
    const target = targets?.get(id) ?? null;
    const recording: Recording = { id, program, model, cap, settings, target, steps };
    return isWhole(traced, cap) ? recording : { ...recording, ended: stop.reason };
  });
}

type Of<Kind extends TraceEvent["kind"]> = Extract<TraceEvent, { kind: Kind }>;

interface TracedProgram {
  arrivedAt: number;
  granted: number;
  steps: Step[];
  stop?: Of<"stop">;
  finish?: Of<"finish">;
}

/** By program; one that was begun again after a crash counts from its last arrival. */
function gather(events: Iterable<TraceEvent>): Map<string, TracedProgram> {
  const programs = new Map<string, TracedProgram>();
  for (const event of events) {
    if (event.kind === "arrive") programs.set(event.program, { arrivedAt: event.t, granted: 0, steps: [] });
    const program = programs.get(event.program);
    if (!program) {
      throw new DataError(`trace: program ${event.program} has a ${event.kind} before it arrived`, {
        hint: "The beginning of the trace is missing: use the whole file.",
      });
    }
    if (event.kind === "grant") program.granted += event.units;
    if (event.kind === "certaindex") program.steps.push(event.step);
    if (event.kind === "stop") program.stop = event;
    if (event.kind === "finish") program.finish = event;
  }
  return programs;
}

/** Whether the program came to its cap or its own end, be it as a shadow after its stop. */
function isWhole({ stop, steps, granted }: TracedProgram, cap: number): boolean {
  const { reason, knob } = stop!;
  const reached = steps.at(-1)!.knob;
  if (reason === "natural" || reason === "cap" || reached >= cap) return true;
  return reached > knob && granted > reached; // a shadow that did not take all it was granted ended by itself
}
