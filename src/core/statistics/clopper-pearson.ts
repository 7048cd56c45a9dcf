/**
 * Exact interval of a proportion: it holds the truth at least as often as it says, for any number of trials.
 * Source: Clopper and Pearson 1934, Biometrika 26; the bounds are quantiles of beta distributions.
 */
import { betaQuantile } from "./distributions.ts";
import type { Interval } from "./interval.ts";

export interface ProportionOptions {
  /** Default 0.95. */
  level?: number;
  /** `upper` leaves low at 0 and puts all doubt above ("0 of 299: below 1 %"); `lower` the reverse. Default `two`. */
  side?: "two" | "upper" | "lower";
}

/** @throws RangeError unless 0 <= successes <= trials are whole numbers and trials > 0 */
export function clopperPearson(successes: number, trials: number, options: ProportionOptions = {}): Interval {
  const { level = 0.95, side = "two" } = options;
  if (!Number.isInteger(successes) || !Number.isInteger(trials) || trials < 1 || successes < 0 || successes > trials) {
    throw new RangeError(`clopperPearson: ${successes} of ${trials} is not a count of successes in trials`);
  }
  const tail = (1 - level) / (side === "two" ? 2 : 1);
  const failures = trials - successes;
  const low = side === "upper" || successes === 0 ? 0 : betaQuantile(tail, successes, failures + 1);
  const high = side === "lower" || failures === 0 ? 1 : betaQuantile(1 - tail, successes + 1, failures);
  return { value: successes / trials, low, high, level };
}
