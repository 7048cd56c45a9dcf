/**
 * Stochastic gradient descent with momentum and (coupled) weight decay, as torch.optim.SGD:
 * velocity ← momentum · velocity + grad + weightDecay · θ;  θ ← θ - lr · velocity.
 * Source: Sutskever et al. 2013, "On the importance of initialization and momentum", eq. 1-2, in PyTorch's form.
 */
import type { numpy as np } from "@jax-js/jax";
import type { Tensor } from "../tensor.ts";
import { mapTree, namedLeaves } from "../tree.ts";
import {
  type ArrayTree,
  type DecayRule,
  decayMatrices,
  type Optimizer,
  type OptimizerState,
  zerosLike,
} from "./optimizer.ts";

export interface SgdOptions {
  /** Default 0: no velocity is kept. */
  momentum?: number;
  /** Default 0. */
  weightDecay?: number;
  /** Which parameters decay; default matrices and kernels. */
  decays?: DecayRule;
}

export function sgd({ momentum = 0, weightDecay = 0, decays = decayMatrices }: SgdOptions = {}): Optimizer {
  return {
    name: "sgd",
    init: (params): OptimizerState<Tensor> => (momentum === 0 ? {} : { velocity: zerosLike(params) }),
    scalars: (_step, lr) => ({ lr }),

    update({ params, grads, state, scalars }) {
      const thetaOf = namedLeaves<np.Array>(params);
      const velocityOf = namedLeaves<np.Array>(state.velocity ?? {});
      const direction: ArrayTree = mapTree(grads, (grad: np.Array, name) => {
        const theta = thetaOf.get(name)!;
        const decayed = weightDecay !== 0 && decays(name, theta.shape) ? grad.add(theta.ref.mul(weightDecay)) : grad;
        return momentum === 0 ? decayed : decayed.add(velocityOf.get(name)!.mul(momentum));
      });
      const directionOf = namedLeaves<np.Array>(direction);
      const lr = scalars.lr!;
      const updated = mapTree(params, (theta: np.Array, name) => {
        const along = directionOf.get(name)!;
        return theta.sub((momentum === 0 ? along : along.ref).mul(lr.ref));
      });
      lr.dispose();
      const kept: OptimizerState<np.Array> = momentum === 0 ? {} : { velocity: direction };
      return { params: updated, state: kept };
    },
  };
}
