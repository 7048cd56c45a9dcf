/** What a policy saved and what it cost, from one result per question. */
import { clopperPearson, type Interval } from "../../../core/statistics/index.ts";
import { answersEqual } from "../../../endpoint/answers/index.ts";
import type { StopReason } from "../schemas.ts";
import type { ReplayResult } from "./replay.ts";

/** Shares are from 0 to 1; null where there is nothing to divide by. */
export interface ReplaySummary {
  questionCount: number;
  /** Questions with a label; accuracy and losses are of these. */
  labelledCount: number;
  /** With its 95 % Clopper-Pearson interval. */
  accuracy: Interval | null;
  /** Accuracy of the whole recorded budget. */
  fullAccuracy: Interval | null;
  tokens: number;
  probeTokens: number;
  fullTokens: number;
  /** Share of the full budget's generated tokens that was saved, tokens of probes counted as spent. */
  saved: number | null;
  /** The same as if probes were free. */
  savedBeforeProbes: number | null;
  /** Right with the full budget and wrong when stopped: what stopping cost. */
  falseStops: number;
  /** Wrong with the full budget and right when stopped: thinking on would have lost the answer. */
  avoidedOverthinking: number;
  /** falseStops : avoidedOverthinking, for chains of thought called truncated recoveries : avoided overthinking. */
  recoveriesPerAvoided: number | null;
  /** Stopped early, and the full run gives another answer (labelled or not), by the equality of endpoint/answers. */
  changedAnswers: number;
  /** Stopped before the end of the recording. */
  stoppedEarly: number;
  reasons: Partial<Record<StopReason, number>>;
  /** Tokens a server works through, prompts and probes included. */
  cost: {
    /** Generated tokens, those of probes included. */
    output: number;
    /** Prompt tokens read where every call reads its whole prompt anew. */
    promptWithoutCache: number;
    /** Prompt tokens read where the shared prefixes of a program are read once. */
    promptWithCache: number;
  };
  /**
   * Recordings that a policy had cut short: their full budget is unknown, and they count in no comparison with it. Where
   * there are some, `full...` and `saved` are of the others, mostly the hard questions, and say nothing of all.
   */
  unknownFullCount: number;
  results: ReplayResult[];
}

/** Adds up results of questions; `results` is kept in order. */
export function summarize(results: ReplayResult[]): ReplaySummary {
  const sum = (of: (result: ReplayResult) => number, over = results) => over.reduce((total, one) => total + of(one), 0);
  const known = results.filter((one) => one.isFullKnown);
  const labelled = results.filter((one) => one.correct !== null);
  const compared = known.filter((one) => one.correct !== null && one.fullCorrect !== null);
  const fullTokens = sum((one) => one.fullTokens, known);
  const savedOf = (spent: (one: ReplayResult) => number) =>
    fullTokens > 0 ? 1 - sum(spent, known) / fullTokens : null;
  const falseStops = compared.filter((one) => one.fullCorrect && !one.correct).length;
  const avoidedOverthinking = compared.filter((one) => !one.fullCorrect && one.correct).length;
  const early = known.filter(stoppedEarly);
  return {
    questionCount: results.length,
    labelledCount: labelled.length,
    accuracy: shareOf(labelled.map((one) => one.correct!)),
    fullAccuracy: shareOf(compared.map((one) => one.fullCorrect!)),
    tokens: sum((one) => one.tokens),
    probeTokens: sum((one) => one.probeTokens),
    fullTokens,
    saved: savedOf((one) => one.tokens + one.probeTokens),
    savedBeforeProbes: savedOf((one) => one.tokens),
    falseStops,
    avoidedOverthinking,
    recoveriesPerAvoided: avoidedOverthinking > 0 ? falseStops / avoidedOverthinking : null,
    changedAnswers: early.filter(hasChanged).length,
    stoppedEarly: early.length,
    reasons: countReasons(results),
    cost: {
      output: sum((one) => one.tokens + one.probeTokens),
      promptWithoutCache: sum((one) => one.promptTokens),
      promptWithCache: sum((one) => one.promptTokens - one.sharedPromptTokens),
    },
    unknownFullCount: results.length - known.length,
    results,
  };
}

/** Whether more would have come. */
export const stoppedEarly = ({ tokens, fullTokens, isFullKnown }: ReplayResult): boolean =>
  isFullKnown && tokens < fullTokens;

/** Texts are only compared where labels do not tell: that costs more than all the rest. */
function hasChanged({ answer, correct, fullAnswer, fullCorrect }: ReplayResult): boolean {
  if (correct !== null && fullCorrect !== null && (correct || fullCorrect)) return correct !== fullCorrect;
  return !sameAnswer(answer, fullAnswer);
}

/** Two programs without an answer say the same. */
export const sameAnswer = (a: string | null, b: string | null): boolean =>
  a === b || (a !== null && b !== null && answersEqual(a, b).equal);

function shareOf(outcomes: readonly boolean[]): Interval | null {
  return outcomes.length > 0 ? clopperPearson(outcomes.filter(Boolean).length, outcomes.length) : null;
}

function countReasons(results: readonly ReplayResult[]): Partial<Record<StopReason, number>> {
  const counts: Partial<Record<StopReason, number>> = {};
  for (const { reason } of results) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}
