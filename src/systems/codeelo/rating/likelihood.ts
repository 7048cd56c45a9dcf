/**
 * One rating for all contests by maximum likelihood: every human of every field is one game, won or lost (a tie is half
 * of each), against an opponent of known rating; so a contest in which the model beat everybody is evidence, not a cap.
 * Source: Bradley and Terry 1952, with fixed opponents.
 *
 * Games of one contest share its luck (a lucky problem beats everybody at once), so the curvature of the likelihood
 * would promise far too narrow an interval. The interval is the sandwich estimator's, with a contest as one observation
 * (Liang and Zeger 1986), and Student's t, since contests are few.
 */
import { type Interval, studentQuantile } from "../../../core/statistics/index.ts";
import type { Place } from "./contest-rating.ts";
import { expectedAhead, expectedAheadSlope } from "./expected-place.ts";

export interface RatedPlace extends Place {
  /** Ratings of the participants before the contest. */
  field: readonly number[];
}

/**
 * The rating with its 95 % interval; infinite where every game was won, or lost.
 * @throws RangeError when there is no contest
 */
export function likelihoodRating(contests: readonly RatedPlace[], level = 0.95): Interval {
  if (contests.length === 0) throw new RangeError("likelihoodRating: there are no contests");
  const lost = contests.reduce((sum, { ahead, tied }) => sum + ahead + tied / 2, 0);
  const games = contests.reduce((sum, { field }) => sum + field.length, 0);
  if (lost <= 0) return { value: Infinity, low: -Infinity, high: Infinity, level };
  if (lost >= games) return { value: -Infinity, low: -Infinity, high: Infinity, level };
  // The score function falls strictly: losses expected minus losses seen.
  const excess = (x: number) => contests.reduce((sum, { field }) => sum + expectedAhead(x, field), 0) - lost;
  let [low, high] = [-20_000, 20_000];
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    if (excess(middle) > 0) low = middle;
    else high = middle;
  }
  const value = (low + high) / 2;
  const residuals = contests.map(({ ahead, tied, field }) => expectedAhead(value, field) - ahead - tied / 2);
  const slope = contests.reduce((sum, { field }) => sum + expectedAheadSlope(value, field), 0);
  const count = contests.length;
  if (count < 2) return { value, low: -Infinity, high: Infinity, level };
  const meat = residuals.reduce((sum, residual) => sum + residual ** 2, 0) * (count / (count - 1));
  const reach = studentQuantile((1 + level) / 2, count - 1) * (Math.sqrt(meat) / Math.abs(slope));
  return { value, low: value - reach, high: value + reach, level };
}

/** The mean of contest ratings with Student's interval. @throws RangeError when there are none */
export function meanRating(ratings: readonly number[], level = 0.95): Interval {
  if (ratings.length === 0) throw new RangeError("meanRating: there are no contests");
  const count = ratings.length;
  const value = ratings.reduce((sum, rating) => sum + rating, 0) / count;
  if (count < 2) return { value, low: -Infinity, high: Infinity, level };
  const variance = ratings.reduce((sum, rating) => sum + (rating - value) ** 2, 0) / (count - 1);
  const reach = studentQuantile((1 + level) / 2, count - 1) * Math.sqrt(variance / count);
  return { value, low: value - reach, high: value + reach, level };
}
