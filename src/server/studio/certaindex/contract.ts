/** Calls about certaindex: programs as they think and stop, loads over time, and what a policy saves and loses. */
import { z } from "zod";
import type { Interval } from "../../../core/statistics/index.ts";
import {
  type LoadReport,
  type Policy,
  SignalName,
  type Step,
  type StopReason,
  type TraceEvent,
} from "../../../systems/certaindex/index.ts";
import { call } from "../call.ts";
import type { StatusOfRun } from "../runs/contract.ts";

export interface TracedRun {
  run: string;
  words: string;
  status: StatusOfRun;
  started: string;
  /** Files inside its folder: traces, and recordings to replay policies on. */
  traces: string[];
  recordings: string[];
}

export interface ProgramRow {
  program: string;
  question: string | null;
  stepCount: number;
  tokens: number;
  /** Of the last step. */
  signals: Step["signals"];
  answer: string | null;
  correct: boolean | null;
  /** Null: it still thinks. */
  reason: StopReason | null;
  /** Went on after its stop, to tell what the full run says. */
  isShadowed: boolean;
}

export interface ProgramRequest {
  request: string;
  /** Seconds since the trace began. */
  issuedAt: number;
  endedAt: number | null;
  tokens: number;
  probeTokens: number;
}

export interface ProgramView extends ProgramRow {
  arrivedAt: number;
  requests: ProgramRequest[];
  steps: (Step & { t: number })[];
  stop: { t: number; knob: number } | null;
  finish: { t: number; answer: string | null; correct: boolean | null } | null;
  /** The policy of the run, if it names one. */
  policy: Policy | null;
  policyWords: string | null;
  /** The rows of the trace that all of this is made of. */
  events: TraceEvent[];
}

export interface LoadView {
  report: LoadReport;
  /** In order of arrival; cut where there are too many to draw. */
  programs: {
    program: string;
    tenant: string | null;
    arrivedAt: number;
    latency: number;
    deadline: number | null;
    reason: StopReason;
    tokens: number;
  }[];
  /** Programs under way over time. */
  active: { t: number; count: number }[];
}

/** What a policy makes of recorded runs. */
export interface PolicyOutcome {
  /** Shares. */
  saved: number | null;
  accuracy: number | null;
  fullAccuracy: number | null;
  stoppedEarly: number;
  losses: number;
  labelledCount: number;
  /** Upper 95 % bound on the share of questions lost; null without labels. */
  bound: number | null;
}

/** One threshold of the curve. */
export interface PolicyPoint extends PolicyOutcome {
  threshold: number;
}

/** A policy of `certaindex calibrate`, replayed on these recordings. */
export interface CalibratedPolicy {
  /** The run that calibrated it. */
  run: string;
  /** In sentences, with what it promises. */
  words: string;
  /** In what it was calibrated for something else; what it promises then does not hold here. */
  differs: string[];
  outcome: PolicyOutcome;
}

export interface FalseStop {
  id: string;
  target: string | null;
  /** When it was stopped, and what it said. */
  knob: number;
  tokens: number;
  value: number | null;
  answer: string | null;
  correct: boolean | null;
  fullTokens: number;
  fullAnswer: string | null;
  fullCorrect: boolean | null;
}

export interface PolicyView {
  program: string;
  model: string;
  cap: number;
  questionCount: number;
  /** Signals that the recordings have. */
  signals: SignalName[];
  detectAt: number;
  curve: PolicyPoint[];
  chosen: PolicyPoint;
  accuracy: Interval | null;
  policyWords: string;
  calibrated: CalibratedPolicy[];
  /** Stopped, and the full run gives another answer. */
  changed: FalseStop[];
}

const run = z.string().min(1).max(200);
const file = z.string().min(1).max(300);

export const certaindexCalls = {
  "certaindex.runs": call(z.object({})).returns<TracedRun[]>(),
  "certaindex.programs": call(z.object({ run, file })).returns<{ programs: ProgramRow[]; isComplete: boolean }>(),
  "certaindex.program": call(z.object({ run, file, program: z.string().max(4000) })).returns<ProgramView>(),
  "certaindex.load": call(z.object({ run, file })).returns<LoadView>(),
  "certaindex.policy": call(
    z.object({
      run,
      file,
      signal: SignalName.optional(),
      detectAt: z.int().min(1).optional(),
      threshold: z.number().min(0).max(1).default(0.7),
    }),
  ).returns<PolicyView>(),
};
