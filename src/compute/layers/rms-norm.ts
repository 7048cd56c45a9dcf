/**
 * Root-mean-square layer normalisation over the last axis: x / sqrt(mean(x²) + ε) · weight.
 * Source: Zhang and Sennrich 2019, "Root Mean Square Layer Normalization", eq. 4; ε inside the root as in Llama.
 */
import { numpy as np } from "@jax-js/jax";
import { expectAxes, expectLastAxes } from "../axes.ts";
import { type Outside, Tensor } from "../tensor.ts";

export type RmsNormParams = {
  weight: np.Array; // [dim]
};

/**
 * @param params borrowed
 * @param x consumed; [..., dim]
 * @param options.epsilon default 1e-6 (Llama and Qwen2 configs: `rms_norm_eps`)
 */
export function rmsNorm({ weight }: RmsNormParams, x: np.Array, { epsilon = 1e-6 } = {}): np.Array {
  const [dim] = expectAxes("rmsNorm: weight", weight, ["dim"]);
  expectLastAxes("rmsNorm: x", x, [["dim", dim]]);
  const meanSquare = np.square(x.ref).mean(-1, { keepdims: true });
  const inverse = np.reciprocal(np.sqrt(meanSquare.add(epsilon))); // [..., 1]: the division stays on the small side
  return x.mul(inverse).mul(weight.ref);
}

/** Scale one: plain normalisation at first. */
export function initRmsNorm(dim: number): Outside<RmsNormParams> {
  return { weight: Tensor.from(new Float32Array(dim).fill(1)) };
}
