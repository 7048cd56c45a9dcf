/** Student's t: its quantiles, through the beta distribution (NIST DLMF 8.17; Abramowitz and Stegun 26.7.1). */
import { betaQuantile } from "./distributions.ts";

/** The t that a variable with `freedom` degrees of freedom stays below with probability `p`. */
export function studentQuantile(p: number, freedom: number): number {
  if (p === 0.5) return 0;
  const tail = 2 * Math.min(p, 1 - p);
  const x = betaQuantile(tail, freedom / 2, 0.5); // freedom / (freedom + t^2)
  const t = Math.sqrt((freedom * (1 - x)) / x);
  return p > 0.5 ? t : -t;
}
