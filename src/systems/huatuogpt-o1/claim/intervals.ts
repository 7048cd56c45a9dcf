/** Intervals of means over questions and seeds: seeds are drawn anew, and the questions of each (spec section 6). */
import { Random } from "../../../core/random.ts";
import { type Interval, quantile } from "../../../core/statistics/index.ts";

const resampleCount = 2000;

/**
 * The mean of a number per question, with its 95 % percentile interval; differences between arms are taken per question,
 * so that what two arms share (hard questions) is in no doubt.
 * @param bySeed one list per seed, at least one number in each
 */
export function meanInterval(bySeed: readonly (readonly number[])[]): Interval {
  if (bySeed.length === 0 || bySeed.some((own) => own.length === 0)) throw new RangeError("meanInterval: no questions");
  const rng = new Random("questions and seeds");
  const means = Array.from({ length: resampleCount }, () => {
    let [sum, count] = [0, 0];
    for (let drawn = 0; drawn < bySeed.length; drawn++) {
      const own = bySeed[rng.int(0, bySeed.length - 1)]!;
      for (let at = 0; at < own.length; at++) sum += own[Math.floor(rng.next() * own.length)]!;
      count += own.length;
    }
    return sum / count;
  });
  const all = bySeed.flat();
  return {
    value: all.reduce((sum, value) => sum + value, 0) / all.length,
    low: quantile(means, 0.025),
    high: quantile(means, 0.975),
    level: 0.95,
  };
}
