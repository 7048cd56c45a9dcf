/**
 * One optimizer step as compiled programs: loss, gradients, clipping, update and average in a single program whose
 * state is donated; with accumulation, one program per micro-batch and one for the update.
 */
import { type numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { type CompileOptions, compile } from "../compile.ts";
import { clipByNorm, globalNorm } from "../optim/clip.ts";
import { updateEma } from "../optim/ema.ts";
import type { ArrayTree, Optimizer, OptimizerState } from "../optim/optimizer.ts";
import { Tensor, type TensorTree } from "../tensor.ts";
import { disposeTree, mapTree } from "../tree.ts";

/**
 * Scalar to make small, a mean over the batch; or with named scalars to report. Runs inside a compiled program.
 * Owns all it is given: a layer only borrows parameters, so it ends with `tree.dispose(params)`.
 */
export type Loss<Params, Batch> = (
  params: Params,
  batch: Batch,
) => np.Array | [loss: np.Array, metrics: Record<string, np.Array>];

/**
 * A loss that brings its own gradients: for terms that are weighed by the norms of their gradients, or two players who
 * learn in one step. Owns all it is given, like a loss.
 */
export type OwnGradients<Params, Batch> = {
  gradients(params: Params, batch: Batch): { loss: np.Array; metrics: Record<string, np.Array>; grads: Params };
};

export type TrainState = {
  params: ArrayTree;
  optimizer: OptimizerState<np.Array>;
  ema?: ArrayTree;
};

/** The same between steps. */
export type OutsideState = {
  params: TensorTree;
  optimizer: OptimizerState<Tensor>;
  ema?: TensorTree;
};

export interface StepProgramOptions {
  loss: Loss<any, any> | OwnGradients<any, any>;
  optimizer: Optimizer;
  clipNorm?: number;
  ema?: number;
}

export interface StepOutput {
  state: OutsideState;
  loss: Tensor;
  /** Before clipping. */
  gradNorm: Tensor;
  metrics: Record<string, Tensor>;
}

export interface StepProgram {
  /** @param state spent @param batches borrowed; one per micro-batch @param step 1 for the first step */
  run(state: OutsideState, batches: unknown[], step: number, lr: number): Promise<StepOutput>;
  dispose(): void;
}

/** `compile` without its types: what they would make of recursive trees is too deep for the type checker. */
const compileTrees = compile as unknown as (
  fn: (...args: any[]) => unknown,
  options: CompileOptions,
) => ((...args: unknown[]) => Promise<any>) & { dispose(): void };

type Gradients = { grads: ArrayTree; loss: np.Array; metrics: Record<string, np.Array> };

export function createStepProgram({ loss, optimizer, clipNorm, ema }: StepProgramOptions): StepProgram {
  const gradients = typeof loss === "function" ? differentiate(loss) : loss.gradients;
  const update = (state: TrainState, { grads, ...reported }: Gradients, scalars: Record<string, np.Array>) => {
    const gradNorm = globalNorm(grads);
    const clipped = clipNorm === undefined ? grads : clipByNorm(grads, gradNorm.ref, clipNorm);
    const next = optimizer.update({ params: state.params, grads: clipped, state: state.optimizer, scalars });
    const average = state.ema && { ema: updateEma(state.ema, next.params, ema!) };
    return { state: { params: next.params, optimizer: next.state, ...average }, gradNorm, ...reported };
  };

  const whole = compileTrees(
    (state: TrainState, batch: unknown, scalars: Record<string, np.Array>) =>
      update(state, gradients(tree.ref(state.params), batch), scalars),
    { name: "train step", donate: [0] },
  );
  const first = compileTrees(gradients, { name: "first gradients" });
  const more = compileTrees(
    (sum: Gradients, params: ArrayTree, batch: unknown) =>
      tree.map((a: np.Array, b: np.Array) => a.add(b), sum as any, gradients(params, batch) as any),
    { name: "more gradients", donate: [0] },
  );
  const finish = compileTrees(
    (state: TrainState, sum: Gradients, scalars: Record<string, np.Array>, share: np.Array) => {
      const mean: Gradients = mapTree(sum, (total: np.Array) => total.mul(share.ref));
      share.dispose();
      return update(state, mean, scalars);
    },
    { name: "update", donate: [0, 1] },
  );

  return {
    async run(state, batches, step, lr) {
      const scalars = mapTree(optimizer.scalars(step, lr), (value: number) => Tensor.from(value));
      if (batches.length === 1) return whole(state, batches[0], scalars);
      let sum = await first(state.params, batches[0]);
      for (const batch of batches.slice(1)) sum = await more(sum, state.params, batch);
      const share = Tensor.from(1 / batches.length);
      return finish(state, sum, scalars, share);
    },
    dispose() {
      for (const program of [whole, first, more, finish]) program.dispose();
    },
  };
}

function differentiate(loss: Loss<any, any>) {
  const lossAndMetrics = (params: any, batch: any) => {
    const result = loss(params, batch);
    return Array.isArray(result) ? result : [result, {}];
  };
  const lossAndGrads = valueAndGrad(lossAndMetrics as any, { hasAux: true }) as unknown as (
    params: ArrayTree,
    batch: unknown,
  ) => [[np.Array, Record<string, np.Array>], ArrayTree];
  return (params: ArrayTree, batch: unknown): Gradients => {
    const [[value, metrics], grads] = lossAndGrads(params, batch);
    return { grads, loss: value, metrics };
  };
}

/** The state before the first step; `params` are taken over. */
export async function initialState(
  params: TensorTree,
  optimizer: Optimizer,
  ema: number | undefined,
): Promise<OutsideState> {
  const state = { params, optimizer: optimizer.init(params) };
  return ema === undefined ? state : { ...state, ema: await copyTree(params) };
}

async function copyTree(params: TensorTree): Promise<TensorTree> {
  const copies: Promise<Tensor>[] = [];
  mapTree(params, (leaf: Tensor) => {
    copies.push(leaf.data().then((data) => Tensor.from(data.slice(), leaf.shape, leaf.dtype)));
  });
  const done = await Promise.all(copies);
  return mapTree(params, () => done.shift()!);
}

/** Frees a step's reported scalars once they are read. */
export function disposeReport({ loss, gradNorm, metrics }: StepOutput): void {
  disposeTree({ loss, gradNorm, metrics });
}
