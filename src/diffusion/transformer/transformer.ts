/**
 * LightningDiT: from noisy latents, a time and a label to the velocity of the latents.
 * Source: Yao et al. 2025, arXiv 2501.01423, section 4; keyed like the official checkpoints, so that a file is a tree.
 */
import type { numpy as np } from "@jax-js/jax";
import { numpy, tree } from "@jax-js/jax";
import { expectAxes } from "../../compute/axes.ts";
import { embedding } from "../../compute/layers/embedding.ts";
import { type LinearParams, linear } from "../../compute/layers/linear.ts";
import { modulate, modulation } from "../../compute/layers/modulation.ts";
import { type DitBlockParams, ditBlock, type TokenNormParams, tokenNorm } from "./block.ts";
import { type DitConfig, tokensPerAxis } from "./config.ts";
import { sineCosineTable } from "./position-tables.ts";
import { ropeArrays2d } from "./rope-2d.ts";
import { type TimestepEmbeddingParams, timestepEmbedding } from "./timestep-embedding.ts";

export type DitParams = {
  x_embedder: { proj: { weight: np.Array /* [width, channels, patch, patch] */; bias: np.Array /* [width] */ } };
  t_embedder: TimestepEmbeddingParams;
  y_embedder: { embedding_table: { weight: np.Array } }; // [classes + 1, width], the last row is no label
  blocks: DitBlockParams[];
  final_layer: {
    norm_final: TokenNormParams; // [width]
    linear: LinearParams; // [patch * patch * channels, width]
    adaLN_modulation: { 1: LinearParams }; // [2 * width, width]
  };
};

export type DitInputs = {
  /** [batch, channels, grid, grid], normalised */
  latents: np.Array;
  /** [batch], from 0 (noise) to 1 (data) */
  timesteps: np.Array;
  /** [batch] int32; `classes` is no label */
  labels: np.Array;
};

/**
 * @param params borrowed
 * @param inputs consumed
 * @returns the velocity; [batch, channels, grid, grid]
 */
export function dit(params: DitParams, { latents, timesteps, labels }: DitInputs, config: DitConfig): np.Array {
  const { grid, channels, width, heads, shift } = config;
  const [batch] = expectAxes("dit: latents", latents, [
    "batch",
    ["channels", channels],
    ["height", grid],
    ["width", grid],
  ]);
  expectAxes("dit: timesteps", timesteps, [["batch", batch]]);
  expectAxes("dit: labels", labels, [["batch", batch]]);
  const side = tokensPerAxis(config);

  const positions = numpy.array(sineCosineTable(side, width), { shape: [1, side * side, width] }).astype(latents.dtype);
  let x = embedPatches(params.x_embedder.proj, latents, config).add(positions); // [batch, tokens, width]
  const condition = timestepEmbedding(params.t_embedder, timesteps).add(
    embedding(params.y_embedder.embedding_table, labels),
  ); // [batch, width]

  const rope = config.rope ? ropeArrays2d(side, width / heads, x.dtype) : undefined;
  for (const block of params.blocks) x = ditBlock(block, x, condition.ref, { heads, shift, rope });
  if (rope) tree.dispose(rope);

  const { norm_final, linear: output, adaLN_modulation } = params.final_layer;
  const [moved, scale] = modulation(adaLN_modulation[1], condition, 2) as [np.Array, np.Array];
  const patches = linear(output, modulate(tokenNorm(norm_final, x), moved, scale));
  return joinPatches(patches, config);
}

/** A convolution whose kernel is its stride, written as one product. @returns [batch, tokens, width] */
function embedPatches(
  { weight, bias }: DitParams["x_embedder"]["proj"],
  latents: np.Array,
  { channels, patch, width, ...sizes }: DitConfig,
): np.Array {
  const batch = latents.shape[0]!;
  const side = tokensPerAxis({ patch, ...sizes });
  const patches = latents
    .reshape([batch, channels, side, patch, side, patch])
    .transpose([0, 2, 4, 1, 3, 5]) // [batch, row, column, channels, patch, patch]
    .reshape([batch, side * side, channels * patch * patch]);
  const flat = weight.ref.reshape([width, channels * patch * patch]);
  const tokens = linear({ weight: flat, bias }, patches);
  flat.dispose();
  return tokens;
}

/** @param patches consumed; [batch, tokens, patch * patch * channels] */
function joinPatches(patches: np.Array, { channels, patch, grid, ...rest }: DitConfig): np.Array {
  const batch = patches.shape[0]!;
  const side = tokensPerAxis({ grid, patch, ...rest } as DitConfig);
  return patches
    .reshape([batch, side, side, patch, patch, channels])
    .transpose([0, 5, 1, 3, 2, 4]) // [batch, channels, row, patch, column, patch]
    .reshape([batch, channels, grid, grid]);
}
