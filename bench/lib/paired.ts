/**
 * Paired measuring: all contenders run in every round, one at a time, and ratios are taken within a round. Whatever
 * else the machine does in that second slows both sides of a ratio alike.
 */
import type { ContenderProcess } from "./contender.ts";

export interface Spread {
  median: number;
  min: number;
  max: number;
}

export interface PairedTimes {
  /** Milliseconds per step of each round, by contender. */
  times: Map<string, number[]>;
  /** Values of the first `checkSteps` steps, by contender. */
  values: Map<string, number[]>;
}

export interface PairedOptions {
  /** First steps: they warm up, and their values are kept to be compared. */
  checkSteps: number;
  rounds: number;
  stepsPerRound: number;
}

export async function measurePaired(contenders: ContenderProcess[], options: PairedOptions): Promise<PairedTimes> {
  const { checkSteps, rounds, stepsPerRound } = options;
  const values = new Map<string, number[]>();
  for (const contender of contenders) values.set(contender.name, (await contender.run(0, checkSteps)).values);
  const times = new Map(contenders.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    const first = round % contenders.length; // everyone starts a round as often as the others
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      const { ms } = await contender.run(checkSteps + round * stepsPerRound, stepsPerRound);
      times.get(contender.name)!.push(ms);
    }
  }
  return { times, values };
}

/** Of `theirs[i] / ours[i]`: how many times as fast ours is. */
export function speedup(ours: number[], theirs: number[]): Spread {
  return spread(ours.map((ms, round) => theirs[round]! / ms));
}

export function spread(numbers: number[]): Spread {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

/** Largest difference between two lists of the same length; NaN counts as infinite. */
export function largestDifference(a: number[], b: number[]): number {
  const differences = a.map((value, index) => Math.abs(value - b[index]!));
  return differences.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(...differences);
}
