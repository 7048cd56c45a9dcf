/**
 * Rollouts as rows of batches, and their numbers on the way in and out: lists by token of the response outside, tensors
 * [rows, length] inside. Short rollouts share rows (packing.ts), so nothing is computed for left padding, and rows come in
 * parts of one shape: so few programs are compiled, however long answers become, and the memory of a pass is that of a part.
 */
import type { numpy as np } from "@jax-js/jax";
import { type Outside, Tensor } from "../../../compute/tensor.ts";
import { placeExamples, type TokenExample } from "../packing.ts";
import { batchOfSequences } from "../sequence-logprobs.ts";
import type { TokenLists } from "./advantages.ts";

/** What a decoder reads of one part. */
export type RolloutInputs = {
  tokens: np.Array; // [rows, length] int32
  targets: np.Array; // [rows, length] int32
  segments: np.Array; // [rows, length] int32
  positions: np.Array; // [rows, length] int32
};

export interface PackedRollouts {
  parts: Outside<RolloutInputs>[];
  /** Of each part. */
  shape: [rows: number, length: number];
  /** Of each token of each response, where it is predicted among parts · rows · length. */
  places: number[][];
}

/** Tokens of a part. Measured with 170,000 parameters: parts of 8,192 take 1.9 GB, these 0.6, and no more time. */
const usualPlaces = 1024;

/**
 * @param rollouts whose responses are marked as trained
 * @param mostLength places that the longest possible rollout takes: its tokens less one
 * @param mostPlaces of a part, if a row has not more
 */
export function packRollouts(
  rollouts: readonly TokenExample[],
  mostLength: number,
  mostPlaces = usualPlaces,
): PackedRollouts {
  const length = roomyLength(Math.max(...rollouts.map(({ tokens }) => tokens.length - 1)), mostLength);
  const needed = placeExamples(rollouts, length).length;
  const rows = Math.max(1, Math.min(rollouts.length, Math.floor(mostPlaces / length)));
  const partCount = Math.ceil(needed / rows);
  const { weights, owners, ...inputs } = batchOfSequences(rollouts, length, partCount * rows);
  const [marks, ownerOf] = [weights.host as Float32Array, owners.host as Int32Array];
  const places: number[][] = rollouts.map(() => []);
  for (let place = 0; place < marks.length; place++) if (marks[place]! > 0) places[ownerOf[place]! - 1]!.push(place);
  const shape: [number, number] = [rows, length];
  const cut = (tensor: Tensor, part: number) => {
    const data = tensor.host as Int32Array<ArrayBuffer>;
    return Tensor.from(data.slice(part * rows * length, (part + 1) * rows * length), shape);
  };
  const parts = Array.from({ length: partCount }, (_, part) => ({
    tokens: cut(inputs.tokens, part),
    targets: cut(inputs.targets, part),
    segments: cut(inputs.segments, part),
    positions: cut(inputs.positions, part),
  }));
  return { parts, shape, places };
}

/** Numbers by token in the places of each part's tensor [rows, length]; 0 elsewhere. */
export function spread(lists: TokenLists, packed: PackedRollouts): Tensor[] {
  return fill(
    packed,
    (size) => new Float32Array(size),
    (index, at) => lists[index]![at]!,
  );
}

/** The rollout of each place, from 1, prompts and padding 0: int32 [rows, length] of each part. */
export function ownersOf(packed: PackedRollouts): Tensor[] {
  return fill(
    packed,
    (size) => new Int32Array(size),
    (index) => index + 1,
  );
}

/** The inverse of `spread`, of the data of each part. */
export function gather(parts: readonly ArrayLike<number>[], { places, shape }: PackedRollouts): number[][] {
  const size = shape[0] * shape[1];
  return places.map((own) => own.map((place) => parts[Math.floor(place / size)]![place % size]!));
}

/** The part that a rollout is in: rows are not torn. */
export function partOf(index: number, { places, shape }: PackedRollouts): number {
  return Math.floor(places[index]![0]! / (shape[0] * shape[1]));
}

function fill(
  { parts, places, shape }: PackedRollouts,
  make: (size: number) => Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>,
  value: (index: number, at: number) => number,
): Tensor[] {
  const size = shape[0] * shape[1];
  const data = parts.map(() => make(size));
  for (const [index, own] of places.entries())
    for (const [at, place] of own.entries()) data[Math.floor(place / size)]![place % size] = value(index, at);
  return data.map((part) => Tensor.from(part, shape));
}

/** Rounded up to quarters of the most there can be. */
function roomyLength(longest: number, most: number): number {
  const step = Math.ceil(most / 4);
  return Math.min(most, step * Math.ceil(longest / step));
}
