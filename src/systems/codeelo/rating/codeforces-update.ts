/**
 * One contest's rating changes as Codeforces computes them.
 * Source: M. Mirzayanov, "Open Codeforces Rating System", and the code published with it. Integers throughout, and
 * truncation where that code truncates, so that results are the same to the last point.
 */
import { winProbability } from "./expected-place.ts";

export interface Contestant {
  /** Before the contest; an integer. */
  rating: number;
  /** From 1; those with one result share the worst of their places. */
  rank: number;
}

/** @returns each contestant's change, in the order given */
export function codeforcesUpdate(contestants: readonly Contestant[]): number[] {
  const count = contestants.length;
  if (count === 0) return [];
  const seeds = createSeeds(contestants.map(({ rating }) => rating));
  const changes = contestants.map(({ rating, rank }) => {
    const middle = Math.sqrt(seeds.of(rating) * rank);
    return Math.trunc((seeds.ratingOf(middle) - rating) / 2);
  });
  // The sum must not be positive: else ratings would grow from nothing.
  const total = changes.reduce((sum, change) => sum + change, 0);
  const shift = Math.trunc(-total / count) - 1;
  const shifted = changes.map((change) => change + shift);
  // Nor must those at the top gain together, 4 sqrt(n) of them.
  const topCount = Math.min(count, 4 * Math.round(Math.sqrt(count)));
  const top = contestants
    .map(({ rating }, index) => ({ rating, index }))
    .sort((a, b) => b.rating - a.rating || a.index - b.index)
    .slice(0, topCount);
  const topTotal = top.reduce((sum, { index }) => sum + shifted[index]!, 0);
  const topShift = Math.min(Math.max(Math.trunc(-topTotal / topCount), -10), 0);
  return shifted.map((change) => change + topShift);
}

/** Ranks from results, best first: equal ones get the worst place of the tie. @param scores higher is better */
export function worstRanks(scores: readonly number[]): number[] {
  const sorted = Float64Array.from(scores).sort();
  return scores.map((score) => sorted.length - lowerBound(sorted, score));
}

/**
 * Expected ranks in the field, remembered. Win probabilities come from a table: ratings are whole numbers, and a contest
 * asks for millions of them.
 */
function createSeeds(ratings: readonly number[]) {
  const counts = new Map<number, number>();
  for (const rating of ratings) counts.set(rating, (counts.get(rating) ?? 0) + 1);
  const groups = [...counts];
  const known = new Map<number, number>();
  /** The expected rank of somebody of rating `x` beside the whole field. */
  const all = (x: number): number => {
    let seed = known.get(x);
    if (seed === undefined) {
      seed = 1;
      for (const [rating, many] of groups) seed += many * chance(rating - x);
      known.set(x, seed);
    }
    return seed;
  };
  return {
    /** Of a player of the field: not his own opponent. */
    of: (rating: number) => all(rating) - 0.5,
    /** The rating for which the expected rank is `wanted`; here the published code leaves the player in the field. */
    ratingOf(wanted: number): number {
      let [low, high] = [1, 8000];
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (all(middle) < wanted) high = middle;
        else low = middle;
      }
      return low;
    },
  };
}

const tableReach = 16_000;
const table = Float64Array.from({ length: 2 * tableReach + 1 }, (_, index) => winProbability(index - tableReach, 0));
/** Of winning with so many points more than the opponent. */
const chance = (difference: number) => table[difference + tableReach] ?? winProbability(difference, 0);

/** How many of the rising numbers are below `value`. */
export function lowerBound(rising: ArrayLike<number>, value: number): number {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rising[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
