/**
 * Fréchet distance of two sets of features, taken for Gaussian: ‖μ₁ - μ₂‖² + tr(Σ₁ + Σ₂ - 2 (Σ₁^½ Σ₂ Σ₁^½)^½).
 * The matrix under the root is symmetric, so the trace is a sum of roots of eigenvalues: no matrix square root of a
 * non-symmetric product, the step at which FID programs go wrong without a word.
 * Source: Heusel et al. 2017, "GANs Trained by a Two Time-Scale Update Rule", eq. 6; Dowson and Landau 1982.
 */
import { DataError } from "../../core/errors.ts";
import { eigenSymmetric } from "./eigen.ts";
import { type Moments, momentsOf } from "./moments.ts";

export function frechetDistance(a: Moments, b: Moments): number {
  if (a.dim !== b.dim)
    throw new DataError(`frechetDistance: features of ${a.dim} and ${b.dim} dimensions`, {
      hint: "Use one feature net for both sets.",
    });
  const n = a.dim;
  let distance = 0;
  for (let i = 0; i < n; i++) {
    distance += (a.mean[i]! - b.mean[i]!) ** 2 + a.covariance[i * n + i]! + b.covariance[i * n + i]!;
  }
  const root = squareRoot(a.covariance, n);
  const product = multiply(multiply(root, b.covariance, n), root, n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const mean = (product[i * n + j]! + product[j * n + i]!) / 2; // rounding made it slightly asymmetric
      product[i * n + j] = mean;
      product[j * n + i] = mean;
    }
  for (const value of eigenSymmetric(product, n).values) distance -= 2 * Math.sqrt(Math.max(0, value));
  return Math.max(0, distance);
}

export interface FrechetReport {
  distance: number;
  /** Linear in 1/n from all and from half the samples to n = ∞; what is left when the bias of small samples is gone. */
  extrapolated: number;
  sampleCount: number;
  referenceCount: number;
  dim: number;
  /** Weight of the shrinkage target in each covariance; 0 without shrinkage. */
  shrinkage: number;
  warnings: string[];
}

/**
 * The distance with what one must know to compare it. Distances of different sample counts are not comparable: the bias
 * grows with 1/n (Chong and Forsyth 2020, "Effectively Unbiased FID").
 * @param samples [n, dim]
 * @param reference [m, dim]
 * @param shrink with fewer vectors than dimensions, shrink covariances instead of refusing
 * @throws DataError with fewer samples than dimensions, unless `shrink`
 */
export function frechetReport(
  samples: ArrayLike<number>,
  reference: ArrayLike<number>,
  dim: number,
  { shrink = false }: { shrink?: boolean } = {},
): FrechetReport {
  const [sampleCount, referenceCount] = [samples.length / dim, reference.length / dim];
  const fewest = Math.min(sampleCount, referenceCount);
  const isSmall = fewest <= dim;
  if (isSmall && !shrink)
    throw new DataError(`Fréchet distance: ${fewest} vectors of ${dim} features do not determine a covariance`, {
      hint: `Give more than ${dim} images (ten times as many are usual), a net with fewer features, or allow shrinkage.`,
    });
  const warnings: string[] = [];
  if (isSmall)
    warnings.push(`only ${fewest} vectors for ${dim} features: covariances were shrunk, compare with nothing else`);
  else if (fewest < 10 * dim) warnings.push(`${fewest} vectors for ${dim} features: the distance is biased upwards`);
  let shrinkage = 0;
  const settle = (features: ArrayLike<number>): Moments => {
    const moments = momentsOf(features, dim);
    if (!isSmall) return moments;
    const shrunk = shrinkCovariance(moments, features);
    shrinkage = Math.max(shrinkage, shrunk.weight);
    return shrunk.moments;
  };
  const settled = settle(reference);
  const distance = frechetDistance(settle(samples), settled);
  // d(n) = d∞ + k / n, with all samples and (mean of both) with half of them
  const halfDistances =
    sampleCount >= 4
      ? ([0, 1] as const).map((first) => frechetDistance(settle(everyOther(samples, dim, first)), settled))
      : [distance];
  const halfDistance = halfDistances.reduce((sum, value) => sum + value, 0) / halfDistances.length;
  const extrapolated = 2 * distance - halfDistance;
  return { distance, extrapolated, sampleCount, referenceCount, dim, shrinkage, warnings };
}

/** Every other vector, from the one at `first` on. */
function everyOther(features: ArrayLike<number>, dim: number, first: 0 | 1): Float64Array {
  const count = Math.floor(features.length / dim / 2);
  return Float64Array.from(
    { length: count * dim },
    (_, i) => features[dim * (2 * Math.floor(i / dim) + first) + (i % dim)]!,
  );
}

/**
 * Covariance mixed with a multiple of the identity of the same trace.
 * Source: Ledoit and Wolf 2004, "A well-conditioned estimator for large-dimensional covariance matrices", section 3.
 */
export function shrinkCovariance(moments: Moments, features: ArrayLike<number>): { moments: Moments; weight: number } {
  const { dim: n, count, mean, covariance } = moments;
  let trace = 0;
  for (let i = 0; i < n; i++) trace += covariance[i * n + i]!;
  const level = trace / n;
  let spread = 0; // ‖S - level · I‖²
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) spread += (covariance[i * n + j]! - (i === j ? level : 0)) ** 2;
  let noise = 0; // mean of ‖x xᵀ - S‖² / count
  const centred = new Float64Array(n);
  for (let row = 0; row < count; row++) {
    let [norm, quadratic] = [0, 0];
    for (let i = 0; i < n; i++) {
      centred[i] = features[row * n + i]! - mean[i]!;
      norm += centred[i]! ** 2;
    }
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) quadratic += centred[i]! * covariance[i * n + j]! * centred[j]!;
    noise += norm ** 2 - 2 * quadratic;
  }
  let squares = 0;
  for (const value of covariance) squares += value ** 2;
  noise = (noise / count + squares) / count;
  const weight = spread === 0 ? 0 : Math.min(1, Math.max(0, noise / spread));
  const shrunk = covariance.map((value, i) => (1 - weight) * value + (i % (n + 1) === 0 ? weight * level : 0));
  return { moments: { ...moments, covariance: shrunk }, weight };
}

/** Of a positive semidefinite matrix; eigenvalues below 0 by rounding count as 0. */
function squareRoot(matrix: Float64Array, n: number): Float64Array {
  const { values, vectors } = eigenSymmetric(matrix, n);
  const scaled = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) scaled[i * n + k] = vectors[i * n + k]! * Math.sqrt(Math.max(0, values[k]!));
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += scaled[i * n + k]! * vectors[j * n + k]!;
      result[i * n + j] = sum;
    }
  return result;
}

function multiply(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k]!;
      for (let j = 0; j < n; j++) result[i * n + j]! += factor * b[k * n + j]!;
    }
  return result;
}
