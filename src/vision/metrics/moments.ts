import { DataError } from "../../core/errors.ts";

/** First and second moment of a set of feature vectors, in float64. */
export interface Moments {
  /** Vectors that went in. */
  count: number;
  dim: number;
  /** [dim] */
  mean: Float64Array;
  /** With divisor count - 1, as numpy.cov; [dim, dim]. */
  covariance: Float64Array;
}

/**
 * @param features row by row, [count, dim]
 * @throws DataError for fewer than two vectors, and for one that is not finite
 */
export function momentsOf(features: ArrayLike<number>, dim: number): Moments {
  const count = features.length / dim;
  if (count < 2)
    throw new DataError(`moments: ${count} feature vectors have no covariance`, { hint: "Give two or more images." });
  const mean = new Float64Array(dim);
  for (let i = 0; i < features.length; i++) {
    if (!Number.isFinite(features[i]!))
      throw new DataError(`moments: feature vector ${Math.floor(i / dim)} holds ${features[i]}`);
    mean[i % dim]! += features[i]! / count;
  }
  const covariance = new Float64Array(dim * dim);
  const centred = new Float64Array(dim);
  for (let row = 0; row < count; row++) {
    for (let j = 0; j < dim; j++) centred[j] = features[row * dim + j]! - mean[j]!;
    for (let i = 0; i < dim; i++) {
      const value = centred[i]! / (count - 1);
      for (let j = i; j < dim; j++) covariance[i * dim + j]! += value * centred[j]!;
    }
  }
  for (let i = 0; i < dim; i++) for (let j = 0; j < i; j++) covariance[i * dim + j] = covariance[j * dim + i]!;
  return { count, dim, mean, covariance };
}
