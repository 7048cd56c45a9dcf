/** Gradient clipping by global norm (Pascanu et al. 2013, algorithm 1). */
import { numpy as np } from "@jax-js/jax";
import { mapTree, namedLeaves } from "../tree.ts";
import type { ArrayTree } from "./optimizer.ts";

/** Euclidean norm of all gradients together; borrows them. Scalar. */
export function globalNorm(grads: ArrayTree): np.Array {
  const squares = [...namedLeaves<np.Array>(grads).values()].map((grad) => np.square(grad.ref).sum());
  return np.sqrt(squares.reduce((total, square) => total.add(square)));
}

/**
 * Scales all gradients by min(1, maxNorm / norm).
 * @param grads consumed
 * @param norm consumed; from `globalNorm`
 */
export function clipByNorm<T extends ArrayTree>(grads: T, norm: np.Array, maxNorm: number): T {
  const scale = np.minimum(np.reciprocal(norm.add(1e-6)).mul(maxNorm), 1); // 1e-6 as in PyTorch: no division by zero
  const clipped = mapTree(grads, (grad: np.Array) => grad.mul(scale.ref)) as T;
  scale.dispose();
  return clipped;
}
