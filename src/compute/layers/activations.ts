/**
 * Activations whose gradients stay finite everywhere.
 * jax-js's own sigmoid is 1 / (1 + exp(-x)); below about -88 the exponential is infinite in float32, and the
 * gradient, 0 · ∞, is NaN. Cutting x at -80, where the sigmoid is 2e-35, keeps every product finite.
 */
import { nn, numpy as np } from "@jax-js/jax";

/** 1 / (1 + exp(-x)); x is consumed. */
export function sigmoid(x: np.Array): np.Array {
  return np.reciprocal(np.exp(np.maximum(x, -80).neg()).add(1));
}

/** x · sigmoid(x), also called swish (Elfwing et al. 2017; Ramachandran et al. 2017); x is consumed. */
export function silu(x: np.Array): np.Array {
  return x.ref.mul(sigmoid(x));
}

/**
 * Gaussian error linear unit (Hendrycks and Gimpel 2016); x is consumed.
 * `exact` is x · Φ(x). `tanh` is its approximation 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))), written as
 * x · sigmoid(2 …), which is the same number in fewer operations.
 */
export function gelu(x: np.Array, kind: "exact" | "tanh" = "exact"): np.Array {
  if (kind === "exact") return nn.gelu(x, { approximate: false });
  const cubic = np.square(x.ref).mul(0.044715).add(1).mul(x.ref); // x + 0.044715 x³
  return x.mul(sigmoid(cubic.mul(2 * Math.sqrt(2 / Math.PI))));
}
