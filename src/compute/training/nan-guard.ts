/**
 * A guard around an optimizer: a step whose gradients hold NaN or infinity changes nothing, and when such steps come in
 * a row the learning rate is halved for the rest of the run. What the guard knows is part of the optimizer's state, so
 * it is saved and resumed with it.
 */
import { numpy as np, tree } from "@jax-js/jax";
import { globalNorm } from "../optim/clip.ts";
import type { ArrayTree, Optimizer, OptimizerState } from "../optim/optimizer.ts";
import { Tensor } from "../tensor.ts";
import { mapTree, namedLeaves } from "../tree.ts";

export interface NanGuardOptions {
  /** Halve the learning rate at every so many bad steps in a row; default 3. */
  halveAfter?: number;
  /** End the run with a DivergedError after so many bad steps in a row; default 10. */
  stopAfter?: number;
}

type GuardState = { scale: np.Array; row: np.Array }; // scalars: factor of the learning rate, bad steps in a row

export function guarded(optimizer: Optimizer, { halveAfter = 3 }: NanGuardOptions): Optimizer {
  return {
    name: `${optimizer.name}, guarded`,
    init: (params) => ({ ...optimizer.init(params), guard: { scale: Tensor.from(1), row: Tensor.from(0) } }),
    scalars: (step, lr) => optimizer.scalars(step, lr),

    update({ params, grads, state: { guard, ...state }, scalars }) {
      const { scale, row } = guard as GuardState;
      const isGood = np.less(globalNorm(grads), Infinity); // false for NaN too
      const before = { params: tree.ref(params as any) as ArrayTree, state: tree.ref(state as any) as ArrayTree };
      const next = optimizer.update({ params, grads, state, scalars });
      const keep = (was: unknown, is: unknown, mix: (was: np.Array, is: np.Array) => np.Array): any => {
        const wasOf = namedLeaves<np.Array>(was);
        return mapTree(is, (leaf: np.Array, name) => mix(wasOf.get(name)!, leaf));
      };
      const badInRow = np.where(isGood.ref, 0, row.add(1));
      const isDue = np.equal(badInRow.ref.sub(np.floor(badInRow.ref.div(halveAfter)).mul(halveAfter)), 0);
      const isHalved = np.where(isGood.ref, 0, np.where(isDue, 1, 0));
      const result = {
        // A step of an optimizer is proportional to its learning rate, so scaling the step scales the rate.
        params: keep(before.params, next.params, (was, is) => {
          const shorter = was.ref.add(is.ref.sub(was.ref).mul(scale.ref));
          const moved = np.where(np.equal(scale.ref, 1), is, shorter);
          return np.where(isGood.ref, moved, was);
        }) as ArrayTree,
        state: {
          ...(keep(before.state, next.state, (was, is) => np.where(isGood.ref, is, was)) as OptimizerState<np.Array>),
          guard: { scale: scale.ref.mul(np.subtract(1, isHalved.mul(0.5))), row: badInRow },
        },
      };
      scale.dispose();
      isGood.dispose();
      return result;
    },
  };
}
