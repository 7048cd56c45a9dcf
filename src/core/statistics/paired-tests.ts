/** Tests of whether two systems differ on the same items. All p-values are two-sided. */
import { ShapeError } from "../errors.ts";
import { Random } from "../random.ts";
import { binomialCdf } from "./distributions.ts";

export interface McNemarResult {
  /** Items that only one of the two got right: the others say nothing about the difference. */
  onlyFirst: number;
  onlySecond: number;
  p: number;
}

/**
 * Exact McNemar test of right and wrong answers.
 * Source: McNemar 1947; exact form: a binomial test of the discordant pairs against one half.
 */
export function mcnemar(first: readonly boolean[], second: readonly boolean[]): McNemarResult {
  expectPairs("mcnemar", first, second);
  const onlyFirst = first.filter((right, i) => right && !second[i]).length;
  const onlySecond = second.filter((right, i) => right && !first[i]).length;
  const p = Math.min(1, 2 * binomialCdf(Math.min(onlyFirst, onlySecond), onlyFirst + onlySecond, 0.5));
  return { onlyFirst, onlySecond, p };
}

export interface PermutationResult {
  /** Mean of second minus first. */
  difference: number;
  p: number;
  /** Whether all sign patterns were counted; otherwise they were drawn. */
  exact: boolean;
}

/**
 * Paired permutation test of the mean difference: were the labels of each pair exchangeable, how often would the
 * difference be as large? Source: Fisher 1935; drawn p-values by Phipson and Smyth 2010, (b + 1) / (m + 1).
 */
export function pairedPermutation(
  first: readonly number[],
  second: readonly number[],
  { permutationCount = 10_000, seed = 0 }: { permutationCount?: number; seed?: number | string } = {},
): PermutationResult {
  expectPairs("pairedPermutation", first, second);
  const differences = first.map((value, i) => second[i]! - value);
  const total = differences.reduce((sum, value) => sum + value, 0);
  const size = differences.reduce((sum, value) => sum + Math.abs(value), 0);
  const limit = Math.abs(total) - 1e-12 * size; // sums in another order differ in the last bits
  const difference = total / differences.length;
  if (2 ** differences.length <= permutationCount) {
    const patterns = 2 ** differences.length;
    let extreme = 0;
    for (let pattern = 0; pattern < patterns; pattern++) {
      const sum = differences.reduce((part, value, i) => part + ((pattern >> i) & 1 ? value : -value), 0);
      if (Math.abs(sum) >= limit) extreme++;
    }
    return { difference, p: extreme / patterns, exact: true };
  }
  const rng = new Random(`permutation/${seed}`);
  let extreme = 0;
  for (let i = 0; i < permutationCount; i++) {
    let sum = 0;
    for (const value of differences) sum += rng.bool() ? value : -value;
    if (Math.abs(sum) >= limit) extreme++;
  }
  return { difference, p: (extreme + 1) / (permutationCount + 1), exact: false };
}

function expectPairs(name: string, first: readonly unknown[], second: readonly unknown[]): void {
  if (first.length !== second.length)
    throw new ShapeError(`${name}: ${first.length} and ${second.length} items are no pairs`);
  if (first.length === 0) throw new RangeError(`${name}: there are no pairs`);
}
