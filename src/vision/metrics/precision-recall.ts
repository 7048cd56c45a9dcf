/**
 * Precision: the share of samples that lie in the real manifold; recall: the share of real images that lie in that of
 * the samples. A manifold is the union of balls around its points, each as large as the distance to its k-th neighbour.
 * Source: Kynkäänniemi et al. 2019, "Improved Precision and Recall Metric for Assessing Generative Models", eq. 1-3.
 */
import { DataError } from "../../core/errors.ts";
import { nearest, squaredDistance } from "./neighbours.ts";

/** @param k neighbours; the paper takes 3 */
export function precisionRecall(
  samples: ArrayLike<number>,
  reference: ArrayLike<number>,
  dim: number,
  k = 3,
): { precision: number; recall: number } {
  for (const [name, set] of Object.entries({ samples, reference }))
    if (set.length / dim <= k)
      throw new DataError(`precisionRecall: ${set.length / dim} ${name} have no ${k} neighbours`);
  return {
    precision: shareInside(samples, reference, dim, k),
    recall: shareInside(reference, samples, dim, k),
  };
}

function shareInside(points: ArrayLike<number>, manifold: ArrayLike<number>, dim: number, k: number): number {
  const count = manifold.length / dim;
  const radii = Float64Array.from(
    { length: count },
    (_, row) => nearest(manifold, row, manifold, dim, { k, skip: row })[k - 1]!.distance,
  );
  let inside = 0;
  const total = points.length / dim;
  for (let row = 0; row < total; row++) {
    for (let j = 0; j < count; j++) {
      if (squaredDistance(points, row, manifold, j, dim) > radii[j]!) continue;
      inside++;
      break;
    }
  }
  return inside / total;
}
