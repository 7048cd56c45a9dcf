/**
 * Load for a service: Poisson arrivals, and deadlines that are longer for harder questions.
 * Source: Fu et al. 2024, arXiv 2412.20993, online workload: deadline = scale x difficulty x base deadline, difficulty
 * 1 for questions that are always right over many trials, 2 for those that vary, 3 for those that are never right.
 */
import { ConfigError } from "../../../core/errors.ts";
import type { Random } from "../../../core/random.ts";
import type { PlannedProgram } from "./drive.ts";
import type { ProgramTemplate } from "./workload.ts";

/**
 * Seconds from the start of a Poisson process. With the same random numbers another rate gives the same pattern,
 * faster or slower: rates can be compared pair by pair.
 */
export function poissonArrivals(perSecond: number, count: number, random: Random): number[] {
  if (!(perSecond > 0)) throw new ConfigError(`rate: expected a number above 0, got ${perSecond}`);
  let now = 0;
  return Array.from({ length: count }, () => {
    now -= Math.log(1 - random.next()) / perSecond;
    return now;
  });
}

export interface Difficulty {
  factor: 1 | 2 | 3;
  rightCount: number;
  trialCount: number;
}

/** @param trials whether each trial run of one question was right; the paper wants more than 100 */
export function difficultyOf(trials: readonly boolean[]): Difficulty {
  if (trials.length === 0) throw new RangeError("difficultyOf: there are no trials");
  const rightCount = trials.filter(Boolean).length;
  const factor = rightCount === trials.length ? 1 : rightCount === 0 ? 3 : 2;
  return { factor, rightCount, trialCount: trials.length };
}

export interface LoadOptions {
  /** Programs a second. */
  rate: number;
  random: Random;
  /** Seconds; of programs with difficulty 1 at scale 1. Without it there are no deadlines. */
  baseDeadline?: number;
  /** Default 1. */
  scale?: number;
  /** Default 1 for all. */
  difficultyOf?(program: ProgramTemplate): number;
}

/** Gives programs their arrivals, in the order given, and their deadlines. */
export function planLoad(programs: readonly ProgramTemplate[], options: LoadOptions): PlannedProgram[] {
  const { rate, random, baseDeadline, scale = 1, difficultyOf: difficulty = () => 1 } = options;
  const arrivals = poissonArrivals(rate, programs.length, random);
  return programs.map((program, index) => ({
    ...program,
    arriveAt: arrivals[index]!,
    ...(baseDeadline !== undefined && { deadline: scale * difficulty(program) * baseDeadline }),
  }));
}
