/** Calls about CodeElo: models beside people, contest by contest and tag by tag; what failed and why; a judge to try. */
import { z } from "zod";
import type { Interval } from "../../../core/statistics/index.ts";
import { type Attempt, type Judgement, LanguageId, type Rating } from "../../../systems/codeelo/index.ts";
import { call } from "../call.ts";

/** A run of a model over problems. */
export interface ModelRun {
  run: string;
  model: string;
  started: string;
  isRunning: boolean;
  language: string;
  problemCount: number;
  attemptCount: number;
  /** Share of problems solved by one attempt; null where attempts are missing. */
  pass1: Interval | null;
  rating: { mean: Interval; percentile: number; contestCount: number } | null;
  /** In what its protocol differs from that of the first rated run: such ratings do not compare. */
  differsIn: string[];
}

/** Share solved by one attempt, of the problems with a tag. */
export interface TagRow {
  tag: string;
  problemCount: number;
  /** By run. */
  shares: Record<string, number | null>;
}

export interface ModelBoard {
  runs: ModelRun[];
  tags: TagRow[];
}

export interface AttemptRow
  extends Pick<Attempt, "problem" | "attempt" | "accepted" | "verdict" | "reason" | "failedTest" | "language"> {
  title: string;
  rating: number | null;
  tags: string[];
}

export interface AttemptsPage {
  total: number;
  /** Of all attempts of the run, by verdict. */
  verdicts: Record<string, number>;
  offset: number;
  rows: AttemptRow[];
}

export interface AttemptDetail {
  attempt: Attempt;
  title: string;
  statement: string;
}

export interface CatalogProblem {
  name: string;
  title: string;
  tags: string[];
}

export interface CatalogStatement {
  id: string;
  statement: string;
  rating: number | null;
  timeLimitMs: number;
  memoryLimitMb: number;
  testCount: number;
}

const run = z.string().min(1).max(200);
const place = { name: z.string().max(100), level: z.union([z.literal(1), z.literal(2), z.literal(3)]) };

export const codeeloCalls = {
  "codeelo.board": call(z.object({})).returns<ModelBoard>(),
  "codeelo.rating": call(z.object({ run })).returns<{ rating: Rating | null }>(),
  "codeelo.attempts": call(
    z.object({
      run,
      verdict: z.string().max(60).optional(),
      search: z.string().max(200).default(""),
      offset: z.int().min(0).default(0),
      limit: z.int().min(1).max(200).default(50),
    }),
  ).returns<AttemptsPage>(),
  "codeelo.attempt": call(
    z.object({ run, problem: z.string().max(300), attempt: z.int().min(0) }),
  ).returns<AttemptDetail>(),
  "codeelo.catalog": call(z.object({})).returns<{ problems: CatalogProblem[]; languages: LanguageId[] }>(),
  "codeelo.statement": call(z.object(place)).returns<CatalogStatement>(),
  "codeelo.judge": call(
    z.object({
      ...place,
      language: LanguageId,
      source: z
        .string()
        .min(1)
        .max(2 ** 20),
    }),
  ).returns<Judgement>(),
};
