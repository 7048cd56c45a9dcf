/**
 * What early exit saves and costs on sums: the same problems answered in full and with an exit, paired.
 * Source: papers/overthinking section 9, statement 13.
 */
import { type Interval, pairedBootstrap } from "../../../core/statistics/index.ts";
import type { Endpoint } from "../../../endpoint/index.ts";
import { mapInOrder } from "../map-in-order.ts";
import { type Level, levelOf, type Problem, renderPrompt, trueSum } from "../world/problem.ts";
import { ANSWER, digits, END_OF_ANSWER, END_OF_THINKING, EOS, splitTokens, THINK } from "../world/vocabulary.ts";
import { solveEarly } from "./solve.ts";

export type EarlyExitRow = {
  level: Level;
  full: { correct: boolean; tokenCount: number };
  early: { correct: boolean; tokenCount: number; stoppedEarly: boolean };
};

export interface MeasureEarlyExitOptions {
  /** Problems at once; default 64. */
  concurrency?: number;
  /** Default 0. */
  temperature?: number;
  onRow?(done: number): void;
  signal?: AbortSignal;
}

/**
 * Tokens of the early answer are counted as if the model had still closed its thinking and written the answer, so that
 * nothing is saved by leaving out what a reader needs.
 * @param endpoint of a model trained on this world
 */
export async function measureEarlyExit(
  endpoint: Endpoint,
  problems: readonly Problem[],
  { concurrency = 64, temperature = 0, onRow, signal }: MeasureEarlyExitOptions = {},
): Promise<EarlyExitRow[]> {
  const call = signal ? { signal } : {};
  const answer = async (problem: Problem): Promise<EarlyExitRow> => {
    const messages = [{ role: "user" as const, content: renderPrompt(problem) }];
    const [reply, early] = await Promise.all([
      endpoint.chat({ messages, temperature }, call),
      solveEarly(endpoint, messages, { temperature, ...call }),
    ]);
    const [choice] = reply.choices;
    const truth = String(trueSum(problem));
    const said = new RegExp(`${ANSWER}(\\d+)${END_OF_ANSWER}`, "u").exec(choice!.text)?.[1];
    const closing = early.stoppedEarly
      ? [END_OF_THINKING, ANSWER, ...digits(Number(early.answer)), END_OF_ANSWER, EOS].length
      : splitTokens(`${END_OF_THINKING}${early.text}${EOS}`).length;
    return {
      level: levelOf(problem),
      full: { correct: said === truth, tokenCount: reply.usage.completionTokens },
      early: {
        correct: early.answer === truth,
        tokenCount: splitTokens(THINK + early.reasoning).length + closing,
        stoppedEarly: early.stoppedEarly,
      },
    };
  };
  const rows: EarlyExitRow[] = [];
  for await (const row of mapInOrder(streamOf(problems), concurrency, answer)) {
    rows.push(row);
    onRow?.(rows.length);
  }
  return rows;
}

export type EarlyExitFigures = {
  problemCount: number;
  stoppedShare: number;
  fullTokens: number;
  earlyTokens: number;
  /** Share of the tokens saved; of the ratio of sums, by resampling problems. */
  saved: Interval;
  fullAccuracy: number;
  earlyAccuracy: number;
  /** Early minus full, in shares. */
  accuracyChange: Interval;
};

/** @param rows at least one */
export function earlyExitFigures(rows: readonly EarlyExitRow[]): EarlyExitFigures {
  const mean = (pick: (row: EarlyExitRow) => number) => rows.reduce((sum, row) => sum + pick(row), 0) / rows.length;
  const fullTokens = mean((row) => row.full.tokenCount);
  const change = pairedBootstrap(
    rows.map((row) => row.full.tokenCount),
    rows.map((row) => row.early.tokenCount),
    { resampleCount: 1000, method: "percentile" },
  );
  return {
    problemCount: rows.length,
    stoppedShare: mean((row) => Number(row.early.stoppedEarly)),
    fullTokens,
    earlyTokens: mean((row) => row.early.tokenCount),
    saved: {
      value: -change.value / fullTokens,
      low: -change.high / fullTokens,
      high: -change.low / fullTokens,
      level: change.level,
    },
    fullAccuracy: mean((row) => Number(row.full.correct)),
    earlyAccuracy: mean((row) => Number(row.early.correct)),
    accuracyChange: pairedBootstrap(
      rows.map((row) => Number(row.full.correct)),
      rows.map((row) => Number(row.early.correct)),
      { resampleCount: 1000, method: "percentile" },
    ),
  };
}

async function* streamOf<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
