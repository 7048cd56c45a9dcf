/** The distribution functions that the intervals and tests need, in float64. */
import { errorFunction, gammaln, probit } from "simple-statistics";

/**
 * Regularised incomplete beta function I_x(a, b): the probability that a Beta(a, b) variable is at most x.
 * Source: NIST DLMF 8.17.22 (continued fraction), evaluated by Lentz's method; relative error about 1e-13.
 */
export function betaCdf(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const logFront = gammaln(a + b) - gammaln(a) - gammaln(b) + a * Math.log(x) + b * Math.log1p(-x);
  // The fraction converges quickly on one side of the mean only; the other side is its mirror image.
  if (x > (a + 1) / (a + b + 2)) return 1 - (Math.exp(logFront) * betaFraction(1 - x, b, a)) / b;
  return (Math.exp(logFront) * betaFraction(x, a, b)) / a;
}

/** The x with I_x(a, b) = p, by bisection to the last bit. */
export function betaQuantile(p: number, a: number, b: number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 1100; i++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (betaCdf(middle, a, b) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Probability of at most `successes` of `trials` (section 8.17 of DLMF: a sum of binomial terms is an I_x). */
export function binomialCdf(successes: number, trials: number, probability: number): number {
  if (successes < 0) return 0;
  if (successes >= trials) return 1;
  return betaCdf(1 - probability, trials - successes, successes + 1);
}

/** Probability that a standard normal variable is at most x; absolute error below 1e-8. */
export function normalCdf(x: number): number {
  return (1 + errorFunction(x / Math.SQRT2)) / 2;
}

/** Inverse of `normalCdf`: the library's estimate is good to 1e-3 only, two Newton steps mend it. */
export function normalQuantile(p: number): number {
  let x = probit(p);
  for (let i = 0; i < 2; i++) x -= ((normalCdf(x) - p) * Math.sqrt(2 * Math.PI)) / Math.exp((-x * x) / 2);
  return x;
}

function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300; // stands in for a zero denominator
  const nonZero = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return fraction;
}
