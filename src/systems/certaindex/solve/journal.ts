/**
 * What survives a killed process, in the run's folder:
 *   solved.jsonl   one line per question that is done, in the order of finishing
 *   trace.jsonl    every event; a program that was under way when the process died begins again with a second `arrive`
 * Calls that were paid for are in the cache, so a program that begins again pays only for what it had not got.
 */
import { z } from "zod";
import { DataError } from "../../../core/errors.ts";
import { openJournal } from "../../../core/journal.ts";
import { readJsonLines } from "../../../core/jsonl.ts";
import type { Question } from "../programs/index.ts";
import { Step, StopReason, type TraceEvent } from "../schemas.ts";
import { openTrace, readTrace } from "../traces.ts";

const count = z.int().min(0);

const Outcome = z.object({
  knob: count,
  tokens: count,
  probeTokens: count,
  promptTokens: count,
  sharedPromptTokens: count,
  answer: z.string().nullable(),
  correct: z.boolean().nullable(),
});

/** A question with its answer. */
export const SolvedQuestion = Outcome.extend({
  /** Place in the data set, from 0. */
  index: count,
  id: z.string(),
  program: z.string(),
  reason: StopReason,
  /** Some of its calls failed for good. */
  isDegraded: z.boolean(),
  error: z.string().optional(),
  /** It was to run to the end whatever the policy said. */
  isShadowed: z.boolean(),
  isComplete: z.boolean(),
  isPolicyStop: z.boolean(),
  /** The shadows had turned the policy off before it began. */
  isPolicyOff: z.literal(true).optional(),
  /** How the full run of a shadow ended. */
  full: Outcome.optional(),
  steps: z.array(Step),
});
export type SolvedQuestion = z.output<typeof SolvedQuestion>;

export interface SolveJournal {
  /** Done by earlier processes, by place. */
  readonly solved: ReadonlyMap<number, SolvedQuestion>;
  /** Seconds on the trace's clock that earlier processes used. */
  readonly elapsed: number;
  add(solved: SolvedQuestion): void;
  trace(event: TraceEvent): void;
  close(): void;
}

/**
 * @param path where a file of the run goes
 * @throws DataError when the data set is another one than before
 */
export async function openSolveJournal(
  path: (name: string) => string,
  questions: readonly Question[],
): Promise<SolveJournal> {
  const files = { solved: path("solved.jsonl"), trace: path("trace.jsonl") };
  const [done, trace] = [openJournal(files.solved), openTrace(files.trace)]; // torn lines are dropped
  const solved = new Map<number, SolvedQuestion>();
  for await (const one of readJsonLines(files.solved, SolvedQuestion)) {
    if (questions[one.index]?.id !== one.id) {
      throw new DataError(
        `${files.solved}: question ${one.index + 1} was "${one.id}" and is now "${questions[one.index]?.id}"`,
        {
          hint: "The data set has changed since this run began: start a new run.",
        },
      );
    }
    solved.set(one.index, one);
  }
  let elapsed = 0;
  for await (const { t } of readTrace(files.trace)) elapsed = Math.max(elapsed, t);
  return {
    solved,
    elapsed,
    add: (one) => done.append(one),
    trace: (event) => trace.append(event),
    close() {
      done.close();
      trace.close();
    },
  };
}
