/**
 * A report on latents before any generator is trained on them: whether channels are alive and even, how many directions
 * carry the signal, and how much of what a vision model sees lies open in them. It costs seconds where a generator costs
 * hours, and its alignment and purity move with how easily latents are generated.
 */

import { type ImageSet, readSigned } from "../../../media/index.ts";
import { eigenSymmetric, type FeatureNet, linearProbe, momentsOf, nearest } from "../../../vision/index.ts";
import type { LatentHealth } from "../schemas.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";

/** Below this a channel says nothing; dividing by it would be dividing by zero. */
const deadStd = 1e-6;

export interface HealthOptions {
  /** What alignment is measured against. */
  features?: FeatureNet;
  /** Pictures looked at, at most; default 1000. The second half is held out. */
  count?: number;
}

export async function latentHealth(
  tokenizer: Tokenizer,
  set: ImageSet,
  { features, count = 1000 }: HealthOptions = {},
): Promise<LatentHealth> {
  const indices = Array.from({ length: Math.min(count, set.count) }, (_, index) => index);
  const images = await readSigned(set, indices);
  const { mean, logvar } = await tokenizer.encode(images);
  const { latentDim: channels } = tokenizer;
  const places = tokenizer.latentSide ** 2;
  const rows = byPlace(mean, channels, places); // [count places, channels]
  const { covariance } = momentsOf(rows, channels);
  const stds = Array.from({ length: channels }, (_, c) => Math.sqrt(covariance[c * channels + c]!));
  const sorted = [...stds].sort((a, b) => a - b);
  const noise = logvar.reduce((sum, value) => sum + Math.exp(value / 2), 0) / logvar.length;
  const labels = set.labels.subarray(0, indices.length);
  const classCount = set.classNames.length;
  const labelled = classCount > 1 && indices.length >= 20;
  return {
    channels,
    dead: stds.flatMap((std, c) => (std < deadStd ? [c] : [])),
    std: { min: sorted[0]!, median: sorted[Math.floor(channels / 2)]!, max: sorted.at(-1)! },
    correlation: meanCorrelation(covariance, stds, channels),
    effectiveRank: effectiveRank(covariance, channels),
    noiseShare: noise / (stds.reduce((sum, std) => sum + std, 0) / channels),
    ...(features && {
      alignment: await alignmentCosine(features, images, set.side, rows, channels, tokenizer.latentSide),
      alignmentNet: features.name,
    }),
    ...(labelled && {
      knnPurity: knnPurity(mean, channels * places, labels),
      probeAccuracy: probe(mean, channels * places, labels, classCount),
    }),
  };
}

/** [count, channels, places] to one row of channels for each place. */
export function byPlace(grid: Float32Array, channels: number, places: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(grid.length);
  for (let i = 0; i < grid.length; i++) {
    const image = Math.floor(i / (channels * places));
    const channel = Math.floor(i / places) % channels;
    rows[(image * places + (i % places)) * channels + channel] = grid[i]!;
  }
  return rows;
}

function meanCorrelation(covariance: Float64Array, stds: readonly number[], n: number): number {
  let [sum, pairs] = [0, 0];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      if (stds[i]! < deadStd || stds[j]! < deadStd) continue;
      sum += Math.abs(covariance[i * n + j]! / (stds[i]! * stds[j]!));
      pairs++;
    }
  return pairs === 0 ? 0 : sum / pairs;
}

/** Roy and Vetterli 2007, "The effective rank": exp of the entropy of the spectrum as shares. */
export function effectiveRank(covariance: Float64Array, n: number): number {
  const values = eigenSymmetric(covariance, n).values.map((value) => Math.max(0, value));
  const total = values.reduce((sum, value) => sum + value, 0);
  if (total === 0) return 0;
  let entropy = 0;
  for (const value of values) if (value > 0) entropy -= (value / total) * Math.log(value / total);
  return Math.exp(entropy);
}

/** Mean cosine of held-out features and their ridge prediction from the latents at the same place, both centred. */
async function alignmentCosine(
  net: FeatureNet,
  images: Float32Array<ArrayBuffer>,
  side: number,
  latents: Float32Array,
  channels: number,
  latentSide: number,
): Promise<number | undefined> {
  if (net.gridSide !== latentSide) return undefined; // no common places
  const { grid } = await net.run(images, side);
  const targets = byPlace(grid, net.dim, net.gridSide ** 2);
  const count = latents.length / channels;
  const half = Math.floor(count / 2);
  const predict = ridge(latents.subarray(0, half * channels), targets.subarray(0, half * net.dim), channels, net.dim);
  let sum = 0;
  for (let row = half; row < count; row++) {
    const { predicted, centred } = predict(latents, targets, row);
    let [dot, a, b] = [0, 0, 0];
    for (let k = 0; k < net.dim; k++) {
      dot += predicted[k]! * centred[k]!;
      a += predicted[k]! ** 2;
      b += centred[k]! ** 2;
    }
    sum += a > 0 && b > 0 ? dot / Math.sqrt(a * b) : 0;
  }
  return sum / (count - half);
}

/** Least squares of centred y on centred x, with a little ridge. */
function ridge(x: Float32Array, y: Float32Array, xDim: number, yDim: number) {
  const count = x.length / xDim;
  const { mean: xMean, covariance } = momentsOf(x, xDim);
  const yMean = new Float64Array(yDim);
  for (let i = 0; i < y.length; i++) yMean[i % yDim]! += y[i]! / count;
  const cross = new Float64Array(xDim * yDim);
  for (let row = 0; row < count; row++)
    for (let i = 0; i < xDim; i++) {
      const value = (x[row * xDim + i]! - xMean[i]!) / (count - 1);
      for (let k = 0; k < yDim; k++) cross[i * yDim + k]! += value * (y[row * yDim + k]! - yMean[k]!);
    }
  const { values, vectors } = eigenSymmetric(covariance, xDim);
  const floor = 1e-6 * values.at(-1)!;
  const weights = new Float64Array(xDim * yDim);
  for (let e = 0; e < xDim; e++) {
    const scale = 1 / (Math.max(0, values[e]!) + floor + Number.MIN_VALUE);
    for (let k = 0; k < yDim; k++) {
      let along = 0;
      for (let i = 0; i < xDim; i++) along += vectors[i * xDim + e]! * cross[i * yDim + k]!;
      for (let i = 0; i < xDim; i++) weights[i * yDim + k]! += vectors[i * xDim + e]! * along * scale;
    }
  }
  return (latents: Float32Array, targets: Float32Array, row: number) => {
    const predicted = new Float64Array(yDim);
    const centred = new Float64Array(yDim);
    for (let k = 0; k < yDim; k++) centred[k] = targets[row * yDim + k]! - yMean[k]!;
    for (let i = 0; i < xDim; i++) {
      const value = latents[row * xDim + i]! - xMean[i]!;
      for (let k = 0; k < yDim; k++) predicted[k]! += value * weights[i * yDim + k]!;
    }
    return { predicted, centred };
  };
}

const neighbours = 10;

function knnPurity(latents: Float32Array, dim: number, labels: Int32Array): number {
  let same = 0;
  const k = Math.min(neighbours, labels.length - 1);
  for (let row = 0; row < labels.length; row++)
    for (const { index } of nearest(latents, row, latents, dim, { k, skip: row }))
      if (labels[index] === labels[row]) same++;
  return same / (labels.length * k);
}

/** Learns on the first half, is tested on the second. */
function probe(latents: Float32Array, dim: number, labels: Int32Array, classCount: number): number {
  const half = Math.floor(labels.length / 2);
  return linearProbe(
    { features: latents.subarray(0, half * dim), labels: labels.subarray(0, half) },
    { features: latents.subarray(half * dim), labels: labels.subarray(half) },
    { dim, classCount, ridge: 1e-2 },
  );
}
