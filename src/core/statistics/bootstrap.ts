/**
 * Bootstrap intervals: how the figure would vary if the items had been drawn anew.
 * Source: Efron 1987, "Better Bootstrap Confidence Intervals" (BCa); Efron and Tibshirani 1993, chapters 13 and 14.
 *
 * The items are what was drawn independently. Where several figures share a question or a seed, that is the item:
 * pass groups and a statistic of groups, or the interval comes out too narrow.
 */
import { quantileSorted } from "simple-statistics";
import { ShapeError } from "../errors.ts";
import { Random } from "../random.ts";
import { normalCdf, normalQuantile } from "./distributions.ts";
import type { Interval } from "./interval.ts";
import { mean } from "./summary.ts";

export interface BootstrapOptions {
  /** Default 0.95. */
  level?: number;
  /** How many times the items are drawn anew. Default 5000. */
  resampleCount?: number;
  /**
   * `bca` (default) corrects for bias and skew, at the price of one more statistic per item; `percentile` does not.
   * Where the correction is undefined (all items equal, or one item) both give the percentile interval.
   */
  method?: "bca" | "percentile";
  /** Default 0: the same data give the same interval. */
  seed?: number | string;
}

/**
 * The interval of the mean of numbers, or of any `statistic` of items.
 * @throws RangeError when there are no items, or numbers are not finite
 */
export function bootstrapInterval<T = number>(
  items: readonly T[],
  options: BootstrapOptions & { statistic?: (sample: T[]) => number } = {},
): Interval {
  const { level = 0.95, resampleCount = 5000, method = "bca", seed = 0 } = options;
  const statistic = options.statistic ?? (mean as unknown as (sample: T[]) => number);
  if (items.length === 0) throw new RangeError("bootstrapInterval: there are no items");
  const value = statistic([...items]);
  const estimates = resample(items, statistic, resampleCount, new Random(`bootstrap/${seed}`));
  const tails = [(1 - level) / 2, (1 + level) / 2] as [number, number];
  const [low, high] = (method === "bca" && correctedTails(items, statistic, value, estimates, tails)) || tails;
  return { value, low: quantileSorted(estimates, low), high: quantileSorted(estimates, high), level };
}

/**
 * The interval of the change from `before` to `after` (after minus before), measured on the same items in one order.
 * Drawing pairs keeps what the two have in common, such as hard questions, out of the doubt.
 * @throws ShapeError when the lengths differ
 */
export function pairedBootstrap<T = number>(
  before: readonly T[],
  after: readonly T[],
  options: BootstrapOptions & { statistic?: (sample: T[]) => number } = {},
): Interval {
  if (before.length !== after.length) {
    throw new ShapeError(`pairedBootstrap: ${before.length} items before, ${after.length} after`, {
      hint: "Pair the results by item; drop items that only one side has.",
    });
  }
  const single = options.statistic ?? (mean as unknown as (sample: T[]) => number);
  const pairs = before.map((item, i) => [item, after[i]!] as const);
  const statistic = (sample: (readonly [T, T])[]) =>
    single(sample.map((pair) => pair[1])) - single(sample.map((pair) => pair[0]));
  return bootstrapInterval(pairs, { ...options, statistic });
}

/** The statistic of each resample, in rising order. */
function resample<T>(items: readonly T[], statistic: (sample: T[]) => number, count: number, rng: Random): number[] {
  const estimates = new Float64Array(count);
  const sample = new Array<T>(items.length);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < sample.length; j++) sample[j] = items[Math.floor(rng.next() * items.length)]!;
    estimates[i] = statistic(sample);
  }
  return Array.from(estimates.sort());
}

/** Efron 1987, eq. 2.3: bias from the share of resamples below the estimate, acceleration from leaving one out. */
function correctedTails<T>(
  items: readonly T[],
  statistic: (sample: T[]) => number,
  value: number,
  estimates: number[],
  tails: [number, number],
): [number, number] | undefined {
  let below = 0;
  for (const estimate of estimates) below += estimate < value ? 1 : estimate === value ? 0.5 : 0;
  const share = below / estimates.length;
  if (items.length < 2 || share === 0 || share === 1) return undefined;
  const left = items.map((_, i) => statistic(items.toSpliced(i, 1)));
  const centre = mean(left);
  const squares = left.reduce((sum, estimate) => sum + (centre - estimate) ** 2, 0);
  if (!(squares > 0)) return undefined;
  const cubes = left.reduce((sum, estimate) => sum + (centre - estimate) ** 3, 0);
  const acceleration = cubes / (6 * squares ** 1.5);
  const bias = normalQuantile(share);
  const correct = (tail: number) => {
    const shifted = bias + normalQuantile(tail);
    return normalCdf(bias + shifted / (1 - acceleration * shifted));
  };
  return [correct(tails[0]), correct(tails[1])];
}
