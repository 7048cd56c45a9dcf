/** What a solved data set cost, saved and got right. Shares are from 0 to 1. */
import { clopperPearson, type Interval } from "../../../core/statistics/index.ts";
import type { ReplayResult } from "../policy/replay.ts";
import { type ReplaySummary, sameAnswer, summarize } from "../policy/summary.ts";
import type { Policy } from "../schemas.ts";
import type { SolvedQuestion } from "./journal.ts";

export interface SolveSummary extends Omit<ReplaySummary, "results"> {
  /** Programs that gave an answer. */
  answeredCount: number;
  /** Of them, those some of whose calls failed for good. */
  degradedCount: number;
  /** Share of the full budget's tokens that was saved, where unknown by the mean tokens of a unit; null for chains. */
  savedEstimate: number | null;
  shadow: ShadowFigures | null;
}

/** What the programs that went on after their stop tell about stopping. */
export interface ShadowFigures {
  /** Programs that the policy stopped and that went on to the end. */
  stoppedCount: number;
  /** Tokens that going on cost. */
  tokens: number;
  /** The full run gave another answer. */
  changedCount: number;
  /** Right in the full run and wrong when stopped, of all labelled programs whose end is known; 95 % Clopper-Pearson. */
  falseStops: Interval | null;
}

export function summarizeSolved(
  solved: readonly SolvedQuestion[],
  policy: Pick<Policy, "algorithm" | "cap">,
): SolveSummary {
  const { results: _, ...figures } = summarize(solved.map(asReplayResult));
  return {
    ...figures,
    answeredCount: solved.filter(({ answer }) => answer !== null).length,
    degradedCount: solved.filter(({ isDegraded }) => isDegraded).length,
    savedEstimate: estimateSaved(solved, policy.cap),
    shadow: policy.algorithm === "even" ? null : shadowFigures(solved), // which stops nothing
  };
}

/** The same shape as replay's, so that live and replayed figures are one computation. */
export function asReplayResult(one: SolvedQuestion): ReplayResult {
  const { id, knob, tokens, probeTokens, promptTokens, sharedPromptTokens, answer, correct, reason, full = one } = one;
  return {
    ...{ id, knob, tokens, probeTokens, promptTokens, sharedPromptTokens, answer, correct, reason },
    fullTokens: full.tokens,
    fullAnswer: full.answer,
    fullCorrect: full.correct,
    isFullKnown: one.isComplete,
  };
}

/**
 * Share of tokens saved. The full run of a program that was stopped is known from its shadow, or else taken to cost the
 * same per unit. A chain may end by itself long before its cap, so of chains nothing is guessed.
 * @returns null when nothing can be said
 */
export function estimateSaved(solved: readonly SolvedQuestion[], cap: number): number | null {
  let [spent, full] = [0, 0];
  for (const one of solved) {
    if (one.knob === 0) continue;
    if (!one.isComplete && one.program === "chain-of-thought") return null;
    spent += one.tokens + one.probeTokens;
    full += one.isComplete ? (one.full ?? one).tokens : (one.tokens / one.knob) * cap;
  }
  return full > 0 ? 1 - spent / full : null;
}

function shadowFigures(solved: readonly SolvedQuestion[]): ShadowFigures | null {
  const shadows = solved.filter(({ isShadowed, isComplete }) => isShadowed && isComplete);
  if (shadows.length === 0) return null;
  const stopped = shadows.filter(({ full }) => full !== undefined);
  const labelled = shadows.filter(({ correct }) => correct !== null);
  const lost = labelled.filter(({ correct, full }) => full?.correct && !correct);
  return {
    stoppedCount: stopped.length,
    tokens: stopped.reduce(
      (sum, { tokens, probeTokens, full }) => sum + full!.tokens + full!.probeTokens - tokens - probeTokens,
      0,
    ),
    changedCount: stopped.filter(({ answer, full }) => !sameAnswer(answer, full!.answer)).length,
    falseStops: labelled.length > 0 ? clopperPearson(lost.length, labelled.length) : null,
  };
}
