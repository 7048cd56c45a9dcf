/**
 * A linear classifier on frozen features, solved in closed form: ridge regression to one-hot labels. How many held-out
 * labels it gets right says how much of the class the features show (Alain and Bengio 2016, "Understanding intermediate
 * layers using linear classifier probes").
 */
import { DataError } from "../../core/errors.ts";
import { eigenSymmetric } from "./eigen.ts";

export interface LabelledFeatures {
  /** [count, dim] */
  features: ArrayLike<number>;
  labels: ArrayLike<number>;
}

/**
 * @param ridge added to the diagonal, as a share of the mean variance; default 1e-3
 * @returns accuracy on `test`
 */
export function linearProbe(
  train: LabelledFeatures,
  test: LabelledFeatures,
  { dim, classCount, ridge = 1e-3 }: { dim: number; classCount: number; ridge?: number },
): number {
  if (train.labels.length === 0 || test.labels.length === 0)
    throw new DataError("linearProbe: there are no labelled features to train or test on");
  const { mean, scale } = standardise(train.features, dim);
  const size = dim + 1; // and a constant
  const row = (features: ArrayLike<number>, index: number) => {
    const x = new Float64Array(size);
    for (let k = 0; k < dim; k++) x[k] = (features[index * dim + k]! - mean[k]!) * scale[k]!;
    x[dim] = 1;
    return x;
  };
  const gram = new Float64Array(size * size);
  const moment = new Float64Array(size * classCount); // Xᵀ Y
  for (let index = 0; index < train.labels.length; index++) {
    const x = row(train.features, index);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) gram[i * size + j]! += x[i]! * x[j]!;
      moment[i * classCount + train.labels[index]!]! += x[i]!;
    }
  }
  for (let i = 0; i < size; i++) gram[i * size + i]! += ridge * train.labels.length;
  const weights = solve(gram, moment, size, classCount);
  let hits = 0;
  for (let index = 0; index < test.labels.length; index++) {
    const x = row(test.features, index);
    let [best, bestScore] = [-1, -Infinity];
    for (let c = 0; c < classCount; c++) {
      let score = 0;
      for (let i = 0; i < size; i++) score += x[i]! * weights[i * classCount + c]!;
      if (score > bestScore) [best, bestScore] = [c, score];
    }
    if (best === test.labels[index]) hits++;
  }
  return hits / test.labels.length;
}

/** Mean and 1 / standard deviation of each feature; a constant feature counts for nothing. */
function standardise(features: ArrayLike<number>, dim: number): { mean: Float64Array; scale: Float64Array } {
  const count = features.length / dim;
  const mean = new Float64Array(dim);
  const square = new Float64Array(dim);
  for (let i = 0; i < features.length; i++) mean[i % dim]! += features[i]! / count;
  for (let i = 0; i < features.length; i++) square[i % dim]! += (features[i]! - mean[i % dim]!) ** 2 / count;
  return { mean, scale: square.map((variance) => (variance > 1e-20 ? 1 / Math.sqrt(variance) : 0)) };
}

/** A⁻¹ B for a positive definite A, by its eigenvectors. */
function solve(a: Float64Array, b: Float64Array, n: number, columns: number): Float64Array {
  const { values, vectors } = eigenSymmetric(a, n);
  const result = new Float64Array(n * columns);
  for (let k = 0; k < n; k++)
    for (let c = 0; c < columns; c++) {
      let along = 0;
      for (let i = 0; i < n; i++) along += vectors[i * n + k]! * b[i * columns + c]!;
      along /= values[k]!;
      for (let i = 0; i < n; i++) result[i * columns + c]! += vectors[i * n + k]! * along;
    }
  return result;
}
