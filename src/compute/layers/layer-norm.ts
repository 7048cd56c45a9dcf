/**
 * Layer normalisation over the last axis: (x - mean) / sqrt(variance + ε) · weight + bias.
 * Source: Ba, Kiros and Hinton 2016, "Layer Normalization", eq. 3-4.
 */
import { numpy as np } from "@jax-js/jax";
import { expectLastAxes } from "../axes.ts";
import { type Outside, Tensor } from "../tensor.ts";

/** Both absent: normalisation only, as under AdaLN. */
export type LayerNormParams = {
  weight?: np.Array; // [dim]
  bias?: np.Array; // [dim]
};

/**
 * @param params borrowed
 * @param x consumed; [..., dim]
 * @param options.epsilon default 1e-5 (PyTorch)
 */
export function layerNorm({ weight, bias }: LayerNormParams, x: np.Array, { epsilon = 1e-5 } = {}): np.Array {
  expectLastAxes("layerNorm: x", x, [weight ? ["dim", weight.shape[0]!] : "dim"]);
  const centred = x.ref.sub(x.mean(-1, { keepdims: true }));
  const variance = np.square(centred.ref).mean(-1, { keepdims: true });
  let y = centred.mul(np.reciprocal(np.sqrt(variance.add(epsilon))));
  if (weight) y = y.mul(weight.ref);
  return bias ? y.add(bias.ref) : y;
}

/** Scale one, shift zero: plain normalisation at first. */
export function initLayerNorm(dim: number, { bias = true } = {}): Outside<LayerNormParams> {
  const weight = Tensor.from(new Float32Array(dim).fill(1));
  return bias ? { weight, bias: Tensor.from(new Float32Array(dim)) } : { weight };
}
