/**
 * Scheduling in real time: the scheduler and the programs of the simulator, before our own engine or any endpoint.
 * What a branch writes depends only on its question, its number and the seed, so that every policy meets the same
 * answers, and a difference between two policies is one of scheduling.
 */
import type { Endpoint } from "../../../endpoint/index.ts";
import type { Engine } from "../../../language/engine/index.ts";
import type { TraceEvent } from "../schemas.ts";
import { type Allocation, type DriveOptions, drive, type Executor, type PlannedProgram } from "./drive.ts";
import { type Clock, realClock } from "./virtual-clock.ts";

export interface BranchSampling {
  maxTokens: number;
  /** Default 1. */
  temperature?: number;
  stop?: readonly string[];
}

export interface ExecutorOptions extends BranchSampling {
  /** Branches at a time; the engine must have as many rows. */
  slots: number;
  seed: number | string;
}

/** Our engine: its prefix cache holds the prompts, its statistics know the programs, an abort frees the place at once. */
export function engineExecutor(engine: Engine, options: ExecutorOptions): Executor {
  const { slots, seed, maxTokens, temperature = 1, stop } = options;
  return {
    slots,
    start({ id, question = id, prompt = "" }, index, done) {
      const handle = engine.submit({
        prompt,
        program: id,
        seed: `${seed}/${question}`,
        firstStream: index,
        maxTokens,
        temperature,
        stop,
      });
      handle.completions.then(
        ([completion]) => {
          const { text, tokens } = completion!;
          done({ index, text, tokens: tokens.length, cachedTokens: handle.cachedTokenCount });
        },
        (error) => done(error),
      );
      return () => handle.abort();
    },
  };
}

/** Any endpoint; prompts are texts that it goes on with. */
export function endpointExecutor(endpoint: Endpoint, options: ExecutorOptions & { isChat?: boolean }): Executor {
  const { slots, seed, maxTokens, temperature = 1, stop, isChat = false } = options;
  return {
    slots,
    start({ prompt = "", question = "" }, index, done) {
      const abort = new AbortController();
      const request = { maxTokens, temperature, stop, seed: seedOf(`${seed}/${question}/${index}`) };
      const call = { signal: abort.signal, sample: index };
      const text = String(prompt);
      const reply = isChat
        ? endpoint.chat({ ...request, messages: [{ role: "user", content: text }] }, call)
        : endpoint.complete({ ...request, prompt: text }, call);
      reply.then(
        ({ choices, usage }) => {
          const { text: written, reasoning = "" } = choices[0]!;
          const { completionTokens: tokens, cachedTokens = 0 } = usage;
          done({ index, text: reasoning + written, tokens, cachedTokens });
        },
        (error) => done(error instanceof Error ? error : new Error(String(error))),
      );
      return () => abort.abort(new Error("The program has ended"));
    },
  };
}

/** Servers take whole numbers: FNV-1a, 31 bits. */
function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 1;
}

export interface LiveOptions {
  executor: Executor;
  programs: readonly PlannedProgram[];
  scheduler: DriveOptions["scheduler"];
  allocation: Allocation;
  /** Told of each event as it happens, e.g. to write it down. */
  record?(event: TraceEvent): void;
  /** Ends all programs as they stand. */
  signal?: AbortSignal;
  /** Default: this machine's. */
  clock?: Clock;
}

/** The trace of a run, in the order of time. */
export async function runLive(options: LiveOptions): Promise<TraceEvent[]> {
  const events: TraceEvent[] = [];
  const record = (event: TraceEvent) => {
    events.push(event);
    options.record?.(event);
  };
  await drive({ ...options, clock: options.clock ?? realClock(), record });
  return events;
}
