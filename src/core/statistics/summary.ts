/** Mean, standard deviation and quantiles, checked for what the library lets pass. */
import * as library from "simple-statistics";

/** @throws RangeError when there are no values or one is not finite */
export function mean(values: ArrayLike<number>): number {
  return library.mean(finite("mean", values));
}

/** With n - 1 in the denominator; 0 for a single value. */
export function standardDeviation(values: ArrayLike<number>): number {
  const numbers = finite("standardDeviation", values);
  return numbers.length === 1 ? 0 : library.sampleStandardDeviation(numbers);
}

/** Linear between neighbours (numpy's default, type 7). @param p from 0 to 1 */
export function quantile(values: ArrayLike<number>, p: number): number {
  return library.quantile(finite("quantile", values), p);
}

/** The value in the middle, or the mean of the two. */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

function finite(name: string, values: ArrayLike<number>): number[] {
  if (values.length === 0) throw new RangeError(`${name}: there are no values`);
  const numbers = Array.from(values);
  const bad = numbers.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1) throw new RangeError(`${name}: value ${bad} is ${numbers[bad]}`);
  return numbers;
}
