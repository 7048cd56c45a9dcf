/**
 * What the training loop asks of an optimizer. `update` is pure and runs inside the compiled step; whatever depends on
 * the step alone is computed on the host in float64 and enters as scalars.
 */
import type { numpy as np } from "@jax-js/jax";
import { Tensor, type TensorTree } from "../tensor.ts";
import { mapTree, type Tree } from "../tree.ts";

export type ArrayTree = Tree<np.Array>;
export type OptimizerState<Leaf> = { [moment: string]: Tree<Leaf> };

export interface Optimizer {
  /** Stored in checkpoints: a run cannot go on with another kind of optimizer. */
  readonly name: string;
  /** State before the first step. */
  init(params: TensorTree): OptimizerState<Tensor>;
  /** @param step 1 for the first step */
  scalars(step: number, lr: number): { [name: string]: number };
  /** Consumes all it is given. */
  update(inputs: UpdateInputs): { params: ArrayTree; state: OptimizerState<np.Array> };
}

export interface UpdateInputs {
  params: ArrayTree;
  /** Of the same structure as `params`. */
  grads: ArrayTree;
  state: OptimizerState<np.Array>;
  scalars: { [name: string]: np.Array };
}

/** Says of each parameter, by its name and shape, whether weight decay pulls it to zero. */
export type DecayRule = (name: string, shape: readonly number[]) => boolean;

/** The usual rule: matrices and kernels decay, embeddings included; vectors (biases and norm weights) do not. */
export const decayMatrices: DecayRule = (_name, shape) => shape.length >= 2;

/** `decayMatrices` without the parameters whose name contains one of `pieces`, e.g. "embed_tokens". */
export function decayMatricesExcept(...pieces: readonly string[]): DecayRule {
  return (name, shape) => shape.length >= 2 && !pieces.some((piece) => name.includes(piece));
}

/** Zeros on the host in the shapes of `params`. */
export function zerosLike(params: TensorTree): TensorTree {
  return mapTree(params, ({ shape, size }: Tensor) => Tensor.from(new Float32Array(size), shape));
}
