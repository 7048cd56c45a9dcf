/**
 * Adam with decoupled weight decay.
 * Source: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", algorithm 2; as in PyTorch, the decay
 * is lr · weightDecay. The bias corrections are folded into the step size and ε (Kingma and Ba 2015, section 2), which
 * leaves fewer operations per parameter and the same result.
 */
import { numpy as np } from "@jax-js/jax";
import { mapTree, namedLeaves } from "../tree.ts";
import { type DecayRule, decayMatrices, type Optimizer, zerosLike } from "./optimizer.ts";

export interface AdamWOptions {
  /** Of the mean of gradients; default 0.9. */
  beta1?: number;
  /** Of the mean of squared gradients; default 0.95, the usual choice for language models (PyTorch: 0.999). */
  beta2?: number;
  /** Default 1e-8. */
  epsilon?: number;
  /** Default 0.01 (PyTorch); language models often use 0.1. */
  weightDecay?: number;
  /** Which parameters decay; default matrices and kernels. */
  decays?: DecayRule;
}

export function adamw(options: AdamWOptions = {}): Optimizer {
  const { beta1 = 0.9, beta2 = 0.95, epsilon = 1e-8, weightDecay = 0.01, decays = decayMatrices } = options;
  return {
    name: "adamw",
    init: (params) => ({ mean: zerosLike(params), square: zerosLike(params) }),

    // θ ← θ (1 - lr λ) - lr m̂ / (√v̂ + ε)  with  m̂ = m / (1 - β₁ᵗ),  v̂ = v / (1 - β₂ᵗ)
    //   = θ · keep - rate · m / (√v + ε')
    scalars(step, lr) {
      const rootCorrection = Math.sqrt(1 - beta2 ** step);
      return {
        rate: (lr * rootCorrection) / (1 - beta1 ** step),
        epsilon: epsilon * rootCorrection,
        keep: 1 - lr * weightDecay,
      };
    },

    update({ params, grads, state, scalars }) {
      const gradOf = namedLeaves<np.Array>(grads);
      const mean = mapTree(state.mean!, (m: np.Array, name) => m.mul(beta1).add(gradOf.get(name)!.ref.mul(1 - beta1)));
      const square = mapTree(state.square!, (v: np.Array, name) =>
        v.mul(beta2).add(np.square(gradOf.get(name)!).mul(1 - beta2)),
      );
      const meanOf = namedLeaves<np.Array>(mean);
      const squareOf = namedLeaves<np.Array>(square);
      const updated = mapTree(params, (theta: np.Array, name) => {
        const root = np.sqrt(squareOf.get(name)!.ref).add(scalars.epsilon!.ref);
        const change = meanOf.get(name)!.ref.mul(scalars.rate!.ref).div(root);
        const kept = weightDecay !== 0 && decays(name, theta.shape) ? theta.mul(scalars.keep!.ref) : theta;
        return kept.sub(change);
      });
      for (const scalar of Object.values(scalars)) scalar.dispose();
      return { params: updated, state: { mean, square } };
    },
  };
}
