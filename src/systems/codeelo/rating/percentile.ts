/** Which share of people a rating is better than. */
import { DataError } from "../../../core/errors.ts";
import { firstHumanRating, humanRatingCounts } from "./human-ratings.ts";

/** People by rating. */
export interface Population {
  /** In rising order. */
  ratings: readonly number[];
  /** How many have at most that rating. */
  upTo: readonly number[];
  size: number;
}

let human: Population | undefined;

/** All rated people of Codeforces, November 2024. */
export function humanPopulation(): Population {
  const counts = humanRatingCounts.replaceAll("\n", "").split(",");
  human ??= populationOf(counts.map((count, index) => [firstHumanRating + index, Number(count)]));
  return human;
}

/** @param counts pairs of a rating and how many have it, in rising order of rating */
export function populationOf(counts: Iterable<readonly [rating: number, count: number]>): Population {
  const [ratings, upTo]: [number[], number[]] = [[], []];
  let size = 0;
  for (const [rating, count] of counts) {
    if (count === 0) continue;
    size += count;
    ratings.push(rating);
    upTo.push(size);
  }
  return { ratings, upTo, size };
}

/** From a plain list of ratings in any order. @throws DataError when it is empty or not of numbers */
export function populationFromList(list: readonly unknown[], where = "ratings"): Population {
  const counts = new Map<number, number>();
  for (const [index, rating] of list.entries()) {
    if (typeof rating !== "number" || !Number.isFinite(rating))
      throw new DataError(`${where}: element ${index}: expected a number, got ${JSON.stringify(rating)}`);
    counts.set(rating, (counts.get(rating) ?? 0) + 1);
  }
  if (counts.size === 0) throw new DataError(`${where}: there are no ratings`);
  return populationOf([...counts].sort(([a], [b]) => a - b));
}

/** Share of people with a lower rating, 0 to 1. Source: the published code, which rounds 100 times it to one digit. */
export function shareBelow(rating: number, { ratings, upTo, size }: Population = humanPopulation()): number {
  let [low, high] = [0, ratings.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ratings[middle]! < rating) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : upTo[low - 1]! / size;
}

/** Per cent of people with a lower rating, to one digit. */
export function percentile(rating: number, population?: Population): number {
  return Math.round(1000 * shareBelow(rating, population)) / 10;
}

/** The lowest rating that is better than this share of people. */
export function ratingAtShare(share: number, { ratings, upTo, size }: Population = humanPopulation()): number {
  return ratings[upTo.findIndex((count) => count >= share * size)] ?? ratings.at(-1)!;
}
