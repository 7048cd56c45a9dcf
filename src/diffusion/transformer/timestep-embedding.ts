/**
 * A time as 256 numbers, cosines before sines, frequencies from 1 down to 1/10000, then a small network.
 * LightningDiT feeds the time as it is, from 0 to 1 (DiT and FLUX multiply by 1000 first).
 * Source: Peebles and Xie 2023 (`TimestepEmbedder`), after Vaswani et al. 2017, section 3.5.
 */
import { numpy as np } from "@jax-js/jax";
import { expectAxes } from "../../compute/axes.ts";
import { silu } from "../../compute/layers/activations.ts";
import { type LinearParams, linear } from "../../compute/layers/linear.ts";

/** Numbers that a time becomes before the network. */
export const timestepWidth = 256;

export type TimestepEmbeddingParams = {
  mlp: {
    0: LinearParams; // [width, 256]
    2: LinearParams; // [width, width]
  };
};

/**
 * @param params borrowed
 * @param timesteps consumed; [batch]
 * @returns [batch, width]
 */
export function timestepEmbedding({ mlp }: TimestepEmbeddingParams, timesteps: np.Array): np.Array {
  return linear(mlp[2], silu(linear(mlp[0], sinusoids(timesteps))));
}

/** @param timesteps consumed; [batch] @returns [batch, 256] */
export function sinusoids(timesteps: np.Array): np.Array {
  const [batch] = expectAxes("sinusoids: timesteps", timesteps, ["batch"]);
  const half = timestepWidth / 2;
  const frequencies = Array.from({ length: half }, (_, i) => 10000 ** (-i / half));
  const angles = timesteps.reshape([batch, 1]).mul(np.array(frequencies, { dtype: timesteps.dtype }));
  return np.concatenate([np.cos(angles.ref), np.sin(angles)], -1);
}
