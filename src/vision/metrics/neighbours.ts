/** Distances between sets of feature vectors; brute force, which is exact and fast enough to some ten thousand vectors. */

/** Squared Euclidean distance of row i of a and row j of b. */
export function squaredDistance(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number, dim: number): number {
  let sum = 0;
  for (let k = 0; k < dim; k++) sum += (a[i * dim + k]! - b[j * dim + k]!) ** 2;
  return sum;
}

/**
 * The k rows of `points` nearest to a row of `queries`, nearest first.
 * @param skip a row of `points` that does not count: the query itself
 */
export function nearest(
  queries: ArrayLike<number>,
  row: number,
  points: ArrayLike<number>,
  dim: number,
  { k, skip = -1 }: { k: number; skip?: number },
): { index: number; distance: number }[] {
  const best: { index: number; distance: number }[] = [];
  for (let index = 0; index < points.length / dim; index++) {
    if (index === skip) continue;
    const distance = squaredDistance(queries, row, points, index, dim);
    if (best.length === k && distance >= best[k - 1]!.distance) continue;
    let place = best.length;
    while (place > 0 && best[place - 1]!.distance > distance) place--;
    best.splice(place, 0, { index, distance });
    if (best.length > k) best.pop();
  }
  return best;
}
