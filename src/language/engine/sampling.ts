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
  /** Above 1 makes tokens that have occurred less likely; below 1 more. Default 1. */
  repetitionPenalty?: number;
}

/** @throws ConfigError naming the option and its range */
export function checkSampling(options: SamplingOptions): void {
  const { temperature = 1, topK = 1, topP = 1, minP = 0, repetitionPenalty = 1 } = options;
  const refuse = (name: string, range: string, value: number) => {
    throw new ConfigError(`${name}: expected ${range}, got ${value}`);
  };
  if (!(temperature >= 0 && temperature < Infinity)) refuse("temperature", "a number from 0", temperature);
  if (!(Number.isInteger(topK) && topK >= 1)) refuse("topK", "a whole number from 1", topK);
  if (!(topP > 0 && topP <= 1)) refuse("topP", "a number above 0 and up to 1", topP);
  if (!(minP >= 0 && minP <= 1)) refuse("minP", "a number from 0 to 1", minP);
  if (!(repetitionPenalty > 0 && repetitionPenalty < Infinity))
    refuse("repetitionPenalty", "a number above 0", repetitionPenalty);
}

/** What is left to draw from: ids and their weights, which need not sum to one. */
export interface Candidates {
  ids: Int32Array;
  weights: Float64Array;
}

/** One token id by the rules of `options`; temperature 0 takes the likeliest and draws nothing from `rng`. */
export function sampleToken(logits: ArrayLike<number>, options: SamplingOptions, rng: Random): number {
  const { temperature = 1, topK = logits.length, topP = 1, minP = 0 } = options;
  if (temperature === 0) return likeliest(logits);
  if (topK >= logits.length && topP === 1 && minP === 0) return rng.weighted(softmaxWeights(logits, temperature));
  const { ids, weights } = candidates(logits, options);
  return ids[rng.weighted(weights)]!;
}

/**
 * Logits with those of the tokens in `seen` divided by the penalty where positive, and multiplied where negative.
 * Source: Keskar et al. 2019, arXiv 1909.05858, section 4.1, in the form of transformers, for negative logits too.
 */
export function penalise(logits: Float32Array, seen: Iterable<number>, penalty: number): Float32Array {
  const penalised = logits.slice();
  for (const id of new Set(seen)) penalised[id]! *= logits[id]! > 0 ? 1 / penalty : penalty;
  return penalised;
}

/** The tokens that the filters leave, with their weights; in the order of ids unless top-k or top-p had to sort. */
export function candidates(logits: ArrayLike<number>, options: SamplingOptions): Candidates {
  const { temperature = 1, topK = logits.length, topP = 1, minP = 0 } = options;
  const all = softmaxWeights(logits, temperature);
  let ids: Int32Array = new Int32Array(logits.length);
  for (let id = 0; id < ids.length; id++) ids[id] = id;
  if (topK < all.length) ids = sortedFrom(kthLargest(all, topK), ids, all).subarray(0, topK);
  if (topP < 1) ids = nucleus(ids, all, topP);
  if (minP > 0) ids = ids.filter((id) => all[id]! >= minP); // the likeliest weighs 1
  return { ids, weights: Float64Array.from(ids, (id) => all[id]!) };
}

/** Used again by each draw: new arrays as long as a vocabulary, for every row and step, would be work for the collector. */
let scratch = new Float64Array(0);

/** In the order of ids; the likeliest weighs 1. Valid until the next call. */
function softmaxWeights(logits: ArrayLike<number>, temperature: number): Float64Array {
  const highest = logits[likeliest(logits)]!;
  if (scratch.length < logits.length) scratch = new Float64Array(logits.length);
  const weights = scratch.subarray(0, logits.length);
  for (let id = 0; id < weights.length; id++) weights[id] = Math.exp((logits[id]! - highest) / temperature);
  return weights;
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
  return logits[token]! - logTotal(logits);
}

/** The `count` likeliest tokens with their log-probabilities, likeliest first; of equal ones the lower ids. */
export function topLogprobs(logits: ArrayLike<number>, count: number): { id: number; logprob: number }[] {
  const total = logTotal(logits);
  const top: number[] = [];
  for (let id = 0; id < logits.length && count > 0; id++) {
    if (top.length === count && !(logits[id]! > logits[top.at(-1)!]!)) continue;
    const place = top.findIndex((other) => logits[id]! > logits[other]!);
    top.splice(place === -1 ? top.length : place, 0, id);
    if (top.length > count) top.pop();
  }
  return top.map((id) => ({ id, logprob: logits[id]! - total }));
}

function logTotal(logits: ArrayLike<number>): number {
  const highest = logits[likeliest(logits)]!;
  let total = 0;
  for (let id = 0; id < logits.length; id++) total += Math.exp(logits[id]! - highest);
  return highest + Math.log(total);
}
