/**
 * The rating that a place in one contest is worth.
 * Source: Quan et al. 2025, section 3.3, and the published code, which differ at one place: the code takes the number
 * of people ahead for a rank that starts at 1, and so solves for one person fewer. `fairRating` does not; `repoRating`
 * reproduces the code's whole numbers.
 */
import { ratingWithAhead, winProbability } from "./expected-place.ts";

/** Where a result stands among the official participants. */
export interface Place {
  /** Participants with a strictly better result. */
  ahead: number;
  /** Participants with exactly the same result. */
  tied: number;
}

export interface ContestRating {
  rating: number;
  /** The player beat everybody, or nobody: the rating is only a bound (`top`: at least, `bottom`: at most). */
  censored: "top" | "bottom" | null;
}

/**
 * Solves "expected number of people ahead" = ahead + tied / 2. Where no rating does, half a person is taken for none
 * (or for the last one), and the result is marked as censored.
 * @param field ratings of the participants before the contest
 */
export function fairRating({ ahead, tied }: Place, field: readonly number[]): ContestRating {
  if (field.length === 0) throw new RangeError("fairRating: the field is empty");
  const middle = ahead + tied / 2;
  const censored = middle < 0.5 ? "top" : middle > field.length - 0.5 ? "bottom" : null;
  return { rating: ratingWithAhead(Math.min(Math.max(middle, 0.5), field.length - 0.5), field), censored };
}

/**
 * The published code's answer, whole numbers included: bisection of [0, best rating + 100] for 1 + ahead(x) = rank, where
 * `rank` is the number of participants who did better or equally well.
 */
export function repoRating({ ahead, tied }: Place, field: readonly number[]): number {
  const rank = ahead + tied;
  let [low, high] = [0, field.reduce((best, rating) => Math.max(best, rating), 0) + 100];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    // Summed as there, from 1 on: another order could differ in the last bit, and so by a point.
    const seed = field.reduce((sum, rating) => sum + winProbability(rating, middle), 1);
    if (seed < rank) high = middle;
    else low = middle;
  }
  return low;
}
