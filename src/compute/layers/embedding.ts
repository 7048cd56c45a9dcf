/** Rows of a table by index: token, position or class embeddings. */
import { numpy as np } from "@jax-js/jax";
import { ShapeError } from "../../core/errors.ts";
import type { Random } from "../../core/random.ts";
import { expectAxes } from "../axes.ts";
import { type Initializer, normal } from "../init.ts";
import type { Outside } from "../tensor.ts";

export type EmbeddingParams = {
  weight: np.Array; // [vocab, dim]
};

/**
 * The gradient adds up every use of a row (a scatter).
 * @param params borrowed
 * @param tokens consumed; integers of any shape, from 0 to vocab - 1
 * @returns [...tokens, dim]
 */
export function embedding({ weight }: EmbeddingParams, tokens: np.Array): np.Array {
  expectAxes("embedding: weight", weight, ["vocab", "dim"]);
  if (tokens.dtype !== np.int32 && tokens.dtype !== np.uint32)
    throw new ShapeError(`embedding: tokens: expected int32, got ${tokens.dtype}`, {
      hint: "Make the tensor from an Int32Array.",
    });
  return np.take(weight.ref, tokens, 0);
}

export interface EmbeddingInit {
  vocab: number;
  dim: number;
  /** Default normal with std 0.02. */
  init?: Initializer;
}

/** A table of `vocab` rows, normal with std 0.02 unless `init` says otherwise. */
export function initEmbedding(
  rng: Random,
  { vocab, dim, init = normal(0.02) }: EmbeddingInit,
): Outside<EmbeddingParams> {
  return { weight: init(rng.split("weight"), [vocab, dim]) };
}
