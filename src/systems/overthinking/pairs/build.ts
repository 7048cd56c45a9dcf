/**
 * Preference pairs from sampled traces: for each prompt the shortest positive of a kind against the longest correct
 * sample. Every prompt that gives no pair is counted with its reason.
 * Source: papers/overthinking section 2.6.
 */
import { DataError } from "../../../core/errors.ts";
import type { PositiveKind, PreferencePair, SampleSet } from "../schemas.ts";
import { type Candidate, type TrimFailure, trim, whole } from "./trim.ts";

export interface PairOptions {
  /** Default fcs-reflection, the paper's best trade of length against accuracy. */
  positive?: PositiveKind;
  /** `longest` correct sample (default), or the `greedy` one, which was worse in the paper's first runs. */
  negative?: "longest" | "greedy";
  /** gds at a repeated strategy: `stop` (default), or `skip` it and go on. */
  repeats?: "stop" | "skip";
  /** Correct samples a prompt needs; default 2. silc needs one correct and one wrong instead. */
  minCorrect?: number;
  /** At most so many silc pairs beside the others, so that hard problems keep their length; default 0. */
  silcQuota?: number;
}

/** Why prompts gave no pair. */
export type DropReason =
  | TrimFailure
  | "few-correct"
  | "no-wrong"
  | "no-greedy"
  | "equal"
  | "chosen-longer"
  | "chosen-shorter";

export type PairResult = {
  pairs: PreferencePair[];
  /** Sample sets read. */
  setCount: number;
  /** Sets without a pair, by reason; for silc pairs of a quota in `silcDropped`. */
  dropped: Partial<Record<DropReason, number>>;
  silcDropped: Partial<Record<DropReason, number>>;
  /** Every correct sample has one solution only: there is no overthinking to unlearn. */
  nothingToGain: boolean;
};

/** Fewer than this teach next to nothing and overfit. */
export const FEWEST_PAIRS = 200;

/** Deterministic: the same sets give the same pairs, in order of the sets. */
export function buildPairs(sets: Iterable<SampleSet>, options: PairOptions = {}): PairResult {
  const { positive = "fcs-reflection", silcQuota = 0 } = options;
  const result: PairResult = { pairs: [], setCount: 0, dropped: {}, silcDropped: {}, nothingToGain: true };
  const silc: PreferencePair[] = [];
  for (const set of sets) {
    result.setCount++;
    if (set.samples.some((sample) => sample.correct && sample.solutions.length > 1)) result.nothingToGain = false;
    const pair = positive === "silc" ? pairSilc(set) : pairByLength(set, positive, options);
    if (typeof pair === "string") count(result.dropped, pair);
    else result.pairs.push(pair);
    if (positive === "silc" || silc.length >= silcQuota) continue;
    const extra = pairSilc(set);
    if (typeof extra === "string") count(result.silcDropped, extra);
    else silc.push(extra);
  }
  if (result.setCount === 0) result.nothingToGain = false;
  result.pairs.push(...silc);
  return result;
}

/** @throws DataError when there are too few pairs to train on, or nothing to gain, unless forced */
export function expectEnoughPairs({ pairs, dropped, nothingToGain }: PairResult, { force = false } = {}): void {
  if (force) return;
  if (nothingToGain) {
    throw new DataError("Every correct sample reaches its answer in one solution: there is nothing to gain", {
      hint: "The model does not overthink these problems; sample harder ones or another model.",
    });
  }
  if (pairs.length >= FEWEST_PAIRS) return;
  const reasons = Object.entries(dropped).map(([reason, number]) => `${number} ${reason}`);
  const why = reasons.length > 0 ? ` (dropped: ${reasons.join(", ")})` : "";
  throw new DataError(`${pairs.length} pairs, fewer than ${FEWEST_PAIRS}${why}`, {
    hint: "Sample more problems, or more answers to each; --force goes on all the same.",
  });
}

/** A shorter text of one's own is preferred to the longest. */
function pairByLength(
  set: SampleSet,
  kind: Exclude<PositiveKind, "silc">,
  { negative = "longest", repeats, minCorrect = 2 }: PairOptions,
): PreferencePair | DropReason {
  const correct = set.samples.filter((sample) => sample.correct);
  if (correct.length < minCorrect) return "few-correct";
  if (negative === "greedy" && !set.greedy) return "no-greedy";
  const trimmed = correct.map((sample) => trim(sample, kind, { ...(repeats && { repeats }) }));
  const candidates = trimmed.filter((one) => typeof one !== "string");
  if (candidates.length === 0) return mostFrequent(trimmed as TrimFailure[]);
  const chosen = shortest(candidates);
  const rejected = negative === "greedy" ? whole(set.greedy!) : longest(correct.map(whole));
  if (chosen.text === rejected.text) return "equal";
  if (chosen.tokenCount > rejected.tokenCount) return "chosen-longer";
  return makePair(set, kind, chosen, rejected);
}

/** Short incorrect, long correct: thinking long is preferred where thinking short fails. As implemented by Sky-T1. */
function pairSilc(set: SampleSet): PreferencePair | DropReason {
  const [correct, wrong] = [true, false].map((verdict) => set.samples.filter((sample) => sample.correct === verdict));
  if (correct!.length === 0) return "few-correct";
  if (wrong!.length === 0) return "no-wrong";
  const [chosen, rejected] = [longest(correct!.map(whole)), shortest(wrong!.map(whole))];
  return chosen.tokenCount < rejected.tokenCount ? "chosen-shorter" : makePair(set, "silc", chosen, rejected);
}

function makePair(
  { id, prompt }: SampleSet,
  kind: PositiveKind,
  chosen: Candidate,
  rejected: Candidate,
): PreferencePair {
  return {
    id,
    kind,
    prompt,
    chosen: chosen.text,
    rejected: rejected.text,
    chosenTokenCount: chosen.tokenCount,
    rejectedTokenCount: rejected.tokenCount,
    chosenSolutionCount: chosen.solutions.length,
    rejectedSolutionCount: rejected.solutions.length,
  };
}

// Of equals the first: the result does not depend on how a sort treats them.
const shortest = (candidates: readonly Candidate[]): Candidate =>
  candidates.reduce((best, one) => (one.tokenCount < best.tokenCount ? one : best));
const longest = (candidates: readonly Candidate[]): Candidate =>
  candidates.reduce((best, one) => (one.tokenCount > best.tokenCount ? one : best));

function mostFrequent<T extends string>(values: readonly T[]): T {
  const counts: Partial<Record<T, number>> = {};
  for (const value of values) count(counts, value);
  return values.reduce((best, value) => (counts[value]! > counts[best]! ? value : best));
}

function count<T extends string>(counts: Partial<Record<T, number>>, name: T): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
