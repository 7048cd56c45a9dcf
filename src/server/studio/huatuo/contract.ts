/** Calls about HuatuoGPT-o1: whole searches, verdicts that a person overturns, what was left out and why. */
import { z } from "zod";
import type { Interval } from "../../../core/statistics/index.ts";
import type { Attempt } from "../../../systems/huatuogpt-o1/index.ts";
import { call } from "../call.ts";

export interface SearchRun {
  run: string;
  words: string;
  started: string;
  foundCount: number;
  notFoundCount: number;
}

export interface ProblemRow {
  /** Of the run's problems: those found, then the others. */
  index: number;
  question: string;
  answer: string;
  isFound: boolean;
  attemptCount: number;
  stepCount: number;
  /** Verdicts that a person gave. */
  judgedCount: number;
}

export interface SearchedProblem extends ProblemRow {
  options: Record<string, string> | null;
  /** All attempts, the accepted one last. */
  attempts: Attempt[];
  isLabelRevealed: boolean;
  teacher: string | null;
  verifier: string | null;
  /** As a later run wrote it as natural thinking. */
  merged: { run: string; thinking: string; response: string } | null;
  /** Why a later run left it out. */
  mergeReject: { run: string; stage: string; label: string; detail: string } | null;
  /** What a person says of a conclusion, by `stepKey`. */
  opinions: Record<string, boolean>;
}

/** A verifier's verdicts beside those of a person, over the conclusions that somebody judged. */
export interface VerifierAudit {
  judgedCount: number;
  agreedCount: number;
  /** Accepted by the verifier, wrong to the person; and the other way round. */
  falseAcceptCount: number;
  falseRejectCount: number;
  /** The verifier said neither. */
  unclearCount: number;
  /** Shares with 95 % intervals; null where nothing was judged. */
  agreement: Interval | null;
  /** Of the judged acceptances, those that the person accepts, too. */
  precision: Interval | null;
}

export interface RejectRow {
  /** Of the input file, from 1. */
  row: number;
  stage: string;
  label: string;
  question: string;
  /** As JSON, cut. */
  detail: string;
}

export interface RejectsPage {
  total: number;
  /** By stage and label, most first. */
  groups: { stage: string; label: string; count: number }[];
  offset: number;
  rows: RejectRow[];
}

const run = z.string().min(1).max(200);
const index = z.int().min(0);
const page = { offset: z.int().min(0).default(0), limit: z.int().min(1).max(200).default(50) };

export const huatuoCalls = {
  "huatuo.runs": call(z.object({})).returns<{ searches: SearchRun[]; rejecting: { run: string; words: string }[] }>(),
  "huatuo.problems": call(z.object({ run, search: z.string().max(200).default(""), ...page })).returns<{
    total: number;
    rows: ProblemRow[];
    audit: VerifierAudit;
  }>(),
  "huatuo.problem": call(z.object({ run, index })).returns<SearchedProblem>(),
  /** `verdict`: what the person says; null takes it back. */
  "huatuo.judge": call(z.object({ run, index, attempt: index, step: index, verdict: z.boolean().nullable() })).returns<{
    problem: SearchedProblem;
    audit: VerifierAudit;
  }>(),
  "huatuo.rejects": call(
    z.object({ run, stage: z.string().optional(), label: z.string().optional(), ...page }),
  ).returns<RejectsPage>(),
};
