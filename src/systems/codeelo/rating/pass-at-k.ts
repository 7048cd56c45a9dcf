/**
 * pass@k: the probability that at least one of k attempts, drawn from n of which c are right, is right.
 * Source: Chen et al. 2021, arXiv 2107.03374, eq. 1 (unbiased), as a product that does not overflow.
 */

/** @throws RangeError unless 0 <= c <= n and 1 <= k <= n, all whole */
export function passAtK(n: number, c: number, k: number): number {
  if (![n, c, k].every(Number.isInteger) || c < 0 || c > n || k < 1 || k > n) {
    throw new RangeError(`passAtK: ${c} right of ${n}, ${k} drawn`);
  }
  let allWrong = 1;
  for (let drawn = 0; drawn < k; drawn++) allWrong *= Math.max(0, n - c - drawn) / (n - drawn);
  return 1 - allWrong;
}

/**
 * How many wrong attempts come before the first right one, over all orders of the attempts.
 * @returns probabilities of 0, 1, ..., n - c wrong ones; empty when none is right
 */
export function wrongBeforeFirst(n: number, c: number): number[] {
  if (![n, c].every(Number.isInteger) || c < 0 || c > n) throw new RangeError(`wrongBeforeFirst: ${c} right of ${n}`);
  if (c === 0) return [];
  const chances: number[] = [];
  let wrongSoFar = 1; // probability that the first so many are wrong
  for (let wrong = 0; wrong <= n - c; wrong++) {
    chances.push((wrongSoFar * c) / (n - wrong));
    wrongSoFar *= (n - c - wrong) / (n - wrong);
  }
  return chances;
}
