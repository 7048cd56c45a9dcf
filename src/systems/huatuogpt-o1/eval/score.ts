/**
 * Accuracy on multiple-choice questions: the last match counts. The published scorer computes a first-match and a
 * last-match figure and reports the higher one; which rule is better was then decided by the answers themselves.
 */
import { clopperPearson, type Interval } from "../../../core/statistics/index.ts";
import { matchChoice, type Tier, tiers } from "./match-choice.ts";

export interface AnsweredQuestion {
  options: Readonly<Record<string, string>>;
  answer_idx: string;
  output: string;
}

export interface McqScore {
  count: number;
  /** By the last match. */
  accuracy: Interval;
  /** How many answers each tier settled, and how many of these were right. */
  tiers: Record<Tier, { count: number; right: number }>;
  /** What the published scorer reports, 0 to 1. */
  legacyMax: number;
}

/** @param answered at least one */
export function scoreAnswers(answered: readonly AnsweredQuestion[]): McqScore {
  const counts = Object.fromEntries(tiers.map((tier) => [tier, { count: 0, right: 0 }])) as McqScore["tiers"];
  let [firstRight, lastRight] = [0, 0];
  for (const { output, options, answer_idx } of answered) {
    const { first, last, tier } = matchChoice(output, options);
    const isSame = (letter: string) => letter.toLowerCase() === answer_idx.toLowerCase();
    if (isSame(first)) firstRight++;
    counts[tier].count++;
    if (!isSame(last)) continue;
    lastRight++;
    counts[tier].right++;
  }
  return {
    count: answered.length,
    accuracy: clopperPearson(lastRight, answered.length),
    tiers: counts,
    legacyMax: Math.max(firstRight, lastRight) / answered.length,
  };
}
