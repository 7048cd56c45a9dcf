/**
 * Which rules may be promised to lose at most delta, where several are tried on the same questions.
 * Rules stand in an order fixed before the data are seen, from safest to boldest; each is tested in turn by its
 * one-sided Clopper-Pearson bound, and the first failure ends the sequence. The chance that any accepted rule loses
 * more than delta is then at most 1 - confidence, without a correction for their number: the first rule in order that
 * really loses more would have to pass its one test. Several sequences share the allowed error equally (Bonferroni).
 * Source: Angelopoulos et al. 2021, "Learn then Test", arXiv 2110.01052, section 4 (fixed sequence testing).
 */
import { clopperPearson } from "../../../core/statistics/index.ts";

export interface TestOptions {
  /** Share of losses allowed, above 0 and below 1. */
  delta: number;
  /** Share of calibrations whose promise holds, e.g. 0.95. */
  confidence: number;
  /** Sequences that are tested on the same questions. Default 1. */
  sequenceCount?: number;
}

export interface TestedRule {
  /** One-sided upper bound on the share of losses, at the confidence that its test uses. */
  bound: number;
  verdict: "accepted" | "refused" | "not tested";
}

/** The confidence that each single test uses. */
export const testConfidence = ({ confidence, sequenceCount = 1 }: TestOptions): number =>
  1 - (1 - confidence) / sequenceCount;

/**
 * Tests one sequence.
 * @param losses of each rule on the n questions, from safest to boldest
 */
export function testInOrder(losses: readonly number[], n: number, options: TestOptions): TestedRule[] {
  const level = testConfidence(options);
  let isOpen = true;
  return losses.map((count) => {
    const bound = clopperPearson(count, n, { side: "upper", level }).high;
    if (!isOpen) return { bound, verdict: "not tested" };
    isOpen = bound <= options.delta;
    return { bound, verdict: isOpen ? "accepted" : "refused" };
  });
}

/**
 * Questions it takes to show a share of losses of at most delta when `losses` of them are lost.
 * 299 for 1 % at 95 % with none lost: 0.99^299 is the first power of 0.99 below 0.05.
 */
export function questionsNeeded(options: TestOptions, losses = 0): number {
  const level = testConfidence(options);
  const isEnough = (n: number) =>
    n > losses && clopperPearson(losses, n, { side: "upper", level }).high <= options.delta;
  let high = Math.max(2, losses + 1);
  while (!isEnough(high)) {
    high *= 2;
    if (high > 2 ** 40)
      throw new RangeError(`no number of questions shows a share of losses of at most ${options.delta}`);
  }
  let low = losses;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
