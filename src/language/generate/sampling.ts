/**
 * From logits to the next token, on the host in float64: the same seed draws the same token on every machine.
 * Filters apply in the order of transformers: temperature, top-k, top-p (Holtzman et al. 2020, arXiv 1904.09751,
 * section 3.1), min-p (Nguyen et al. 2024, arXiv 2407.01082, section 3).
 */
import { ConfigError } from "../../core/errors.ts";
import type { Random } from "../../core/random.ts";

export interface SamplingOptions {
  /** Divides the logits; default 1. 0 takes the likeliest token, of equal ones the lowest id. */
  temperature?: number;
  /** Only the k likeliest tokens; of equal ones the lower ids. Default all. */
  topK?: number;
  /** Only the likeliest tokens that together reach this probability. Default 1. */
  topP?: number;
  /** Only tokens at least this share as likely as the likeliest. Default 0. */
  minP?: number;
}

/** @throws ConfigError naming the option and its range */
export function checkSampling({ temperature = 1, topK = 1, topP = 1, minP = 0 }: SamplingOptions): void {
  const refuse = (name: string, range: string, value: number) => {
    throw new ConfigError(`${name}: expected ${range}, got ${value}`);
  };
  if (!(temperature >= 0 && temperature < Infinity)) refuse("temperature", "a number from 0", temperature);
  if (!(Number.isInteger(topK) && topK >= 1)) refuse("topK", "a whole number from 1", topK);
  if (!(topP > 0 && topP <= 1)) refuse("topP", "a number above 0 and up to 1", topP);
  if (!(minP >= 0 && minP <= 1)) refuse("minP", "a number from 0 to 1", minP);
}

/** What is left to draw from: ids and their weights, which need not sum to one. */
export interface Candidates {
  ids: Int32Array;
  weights: Float64Array;
}

/** One token id by the rules of `options`; temperature 0 takes the likeliest and draws nothing from `rng`. */
export function sampleToken(logits: ArrayLike<number>, options: SamplingOptions, rng: Random): number {
  if (options.temperature === 0) return likeliest(logits);
  const { ids, weights } = candidates(logits, options);
  return ids[rng.weighted(weights)]!;
}

/** The tokens that the filters leave, with their weights; in the order of ids unless top-k or top-p had to sort. */
export function candidates(logits: ArrayLike<number>, options: SamplingOptions): Candidates {
  const { temperature = 1, topK = logits.length, topP = 1, minP = 0 } = options;
  const highest = logits[likeliest(logits)]!;
  const all = new Float64Array(logits.length);
  let ids: Int32Array = new Int32Array(logits.length);
  for (let id = 0; id < ids.length; id++) {
    ids[id] = id;
    all[id] = Math.exp((logits[id]! - highest) / temperature);
  }
  if (topK < all.length) ids = sortedFrom(kthLargest(all, topK), ids, all).subarray(0, topK);
  if (topP < 1) ids = nucleus(ids, all, topP);
  if (minP > 0) ids = ids.filter((id) => all[id]! >= minP); // the likeliest weighs 1
  return { ids, weights: Float64Array.from(ids, (id) => all[id]!) };
}

/** The likeliest ids that together reach the share `topP` of all the ids given. */
function nucleus(ids: Int32Array, weights: Float64Array, topP: number): Int32Array {
  let total = 0;
  for (const id of ids) total += weights[id]!;
  // Ids lighter than this sum to less than the share that may be left out.
  const sorted = sortedFrom(((1 - topP) * total) / ids.length, ids, weights);
  let [reached, size] = [0, 0];
  while (size < sorted.length && reached < topP * total) reached += weights[sorted[size++]!]!;
  return sorted.subarray(0, size);
}

/** The ids of at least this weight, the heaviest first: sorting all of a large vocabulary would be dear. */
function sortedFrom(least: number, ids: Int32Array, weights: Float64Array): Int32Array {
  return ids.filter((id) => weights[id]! >= least).sort((a, b) => weights[b]! - weights[a]! || a - b);
}

function kthLargest(values: Float64Array, k: number): number {
  return values.toSorted()[values.length - k]!;
}

export function likeliest(logits: ArrayLike<number>): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id;
  return best;
}

/** Natural log of the probability that the model itself gives to `token`, whatever the temperature and filters. */
export function logprobOf(logits: ArrayLike<number>, token: number): number {
  const highest = logits[likeliest(logits)]!;
  let total = 0;
  for (let id = 0; id < logits.length; id++) total += Math.exp(logits[id]! - highest);
  return logits[token]! - highest - Math.log(total);
}
