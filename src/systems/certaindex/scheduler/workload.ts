/**
 * Programs to put on a scheduler: drawn from a distribution, or recorded from a model and replayed.
 * Both know the length of each branch beforehand and what the program looks like after it, so that a policy decides as
 * it would have decided in life.
 */
import { DataError } from "../../../core/errors.ts";
import type { Random } from "../../../core/random.ts";
import type { Recording, Step } from "../schemas.ts";
import type { BranchResult, PlannedProgram } from "./drive.ts";

/** A program before it is given a time to arrive. */
export type ProgramTemplate = Omit<PlannedProgram, "arriveAt">;

export interface SyntheticOptions {
  count: number;
  random: Random;
  /** Tokens of a branch: lognormal. Defaults 60 and 0.7. */
  medianTokens?: number;
  sigma?: number;
  /** Of the variance of the logarithm, the part between programs: the branches of one have the rest. Default 0. */
  sharedVariance?: number;
  /** Units after which a program can be settled (default 5), and the share of programs that then are (default 0.55). */
  detectAt?: number;
  settledShare?: number;
  promptTokens?: number;
}

/** Programs whose branches are independent draws and whose answers agree or do not, as planned. */
export function syntheticPrograms(options: SyntheticOptions): (ProgramTemplate & { isSettled: boolean })[] {
  const { count, random, medianTokens = 60, sigma = 0.7, settledShare = 0.55, detectAt = 5 } = options;
  const { promptTokens = 64, sharedVariance = 0 } = options;
  const [between, within] = [sharedVariance, 1 - sharedVariance].map((part) => sigma * Math.sqrt(part));
  return Array.from({ length: count }, (_, number) => {
    const own = random.split(number);
    const isSettled = own.bool(settledShare);
    const middle = medianTokens * Math.exp(between! * own.normal());
    const lengths: number[] = [];
    const tokensOf = (index: number) => {
      while (lengths.length <= index) lengths.push(Math.max(1, Math.round(middle * Math.exp(within! * own.normal()))));
      return lengths[index]!;
    };
    const entropy = (knob: number) => ({ entropy: isSettled && knob >= detectAt ? 1 : 0 });
    return {
      id: `program-${number}`,
      isSettled,
      promptTokens,
      estimatedTokens: medianTokens,
      tokensOf,
      observe: (results) =>
        stepOf(results, promptTokens, { signals: entropy(results.length), answer: "a", correct: null }),
    };
  });
}

/** The step after these branches, tokens counted. */
export function stepOf(
  results: readonly BranchResult[],
  promptTokens: number,
  judged: Pick<Step, "signals" | "answer" | "correct" | "votes">,
): Step {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    knob: results.length,
    tokens: sum(results.map(({ tokens }) => tokens)),
    probeTokens: 0,
    promptTokens: promptTokens * results.length,
    sharedPromptTokens: sum(results.map(({ cachedTokens }) => cachedTokens)),
    ...judged,
  };
}

/**
 * Recorded runs, one program each: its branches are as long as they were, and its steps what they were.
 * @throws DataError for a recording whose steps do not rise by one unit
 */
export function recordedPrograms(recordings: readonly Recording[]): ProgramTemplate[] {
  return recordings.map(({ id, steps }, number) => {
    const gap = steps.findIndex(({ knob }, index) => knob !== index + 1);
    if (gap !== -1) {
      throw new DataError(`recording ${id}: step ${gap + 1}: knob: expected ${gap + 1}, got ${steps[gap]!.knob}`, {
        hint: "A recording for the simulator has one step for each unit.",
      });
    }
    const tokensOf = (index: number) => (steps[index]?.tokens ?? 0) - (steps[index - 1]?.tokens ?? 0);
    return {
      id: `${id}#${number}`,
      question: id,
      promptTokens: steps[0]!.promptTokens,
      estimatedTokens: Math.max(1, steps[0]!.tokens),
      tokensOf,
      observe: (results) => steps[results.length - 1]!,
    };
  });
}
