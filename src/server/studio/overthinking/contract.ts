/** Calls about overthinking: a file of responses dropped on the page, its traces, and cuts made by hand. */
import { z } from "zod";
import type { ReportSection, Tone } from "../../../core/report.ts";
import type { Group, Money, TokenBasis } from "../../../systems/overthinking/index.ts";
import { call } from "../call.ts";

export interface OpenedFile {
  /** Names the file in later calls. */
  file: string;
  name: string;
  tokenizer: string;
  rowCount: number;
  rejectedCount: number;
  /** What is wrong with the first rows that were left out. */
  rejects: string[];
  overview: Overview;
}

/** What changes when a trace is cut anew. */
export interface Overview {
  /** Over all traces. */
  all: Group;
  totals: { tokenCount: number; wastedTokenCount: number; repeatedTokenCount: number };
  money: Money | null;
  /** Tables and charts by level, model and index of solution. */
  sections: ReportSection[];
  traces: TraceRow[];
}

export interface TraceRow {
  index: number;
  id: string;
  problem: string;
  level: string | null;
  correct: boolean | null;
  solutionCount: number;
  tokenCount: number;
  wastedTokenCount: number;
  /** Shares from 0 to 1; null where they are not known. */
  outcome: number | null;
  process: [low: number, high: number] | null;
  isRecut: boolean;
}

export interface TraceView extends TraceRow {
  expected: string | null;
  answer: string | null;
  flags: string[];
  /** Joined, they are the reasoning. */
  pieces: TracePiece[];
  closing: string;
}

export interface TracePiece {
  text: string;
  tone: Tone;
  answer: string | null;
  correct: boolean | null;
  strategy: string | null;
  /** In a strategy that had occurred before. */
  isRepeat: boolean;
  tokenCount: number;
}

const file = z.string().min(1).max(100);
const index = z.int().min(0);
/** Ends of the pieces in characters of the reasoning, by index of the trace. */
const cuts = z.record(z.string(), z.array(z.int().min(1)));

const measuring = {
  tokens: z.enum(["reasoning", "full"] satisfies TokenBasis[]).default("reasoning"),
  /** Of a million tokens. */
  price: z.number().min(0).optional(),
};

export const overthinkingCalls = {
  /** `text`: the file itself. `run`: the analysed rows of a run. `cuts`: made by hand before, to be made again. */
  "overthinking.open": call(
    z.object({
      name: z.string().max(300),
      text: z.string().optional(),
      run: z.string().optional(),
      unlabelled: z.boolean().default(true),
      cuts: cuts.default({}),
      ...measuring,
    }),
  ).returns<OpenedFile>(),
  "overthinking.overview": call(z.object({ file, ...measuring })).returns<Overview>(),
  "overthinking.trace": call(z.object({ file, index, ...measuring })).returns<TraceView>(),
  "overthinking.recut": call(
    z.object({ file, index, ends: z.array(z.int().min(1)).nullable(), ...measuring }),
  ).returns<{ overview: Overview; trace: TraceView }>(),
  /** Runs that left analysed rows. */
  "overthinking.runs": call(z.object({})).returns<
    { run: string; words: string; started: string; result: string | null }[]
  >(),
};
