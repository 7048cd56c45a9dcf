/** Floor 1: programs and where they run, parameter trees, layers, optimizers, the training loop, safetensors. */
import "./executors/worker-shim.ts"; // before jax-js

export { type Compiled, type CompileOptions, compile, type Program } from "./compile.ts";
export { currentDevice, type Device, devices, whyUnavailable, withDevice } from "./device.ts";
export * from "./init.ts";
export { gelu, sigmoid, silu } from "./layers/activations.ts";
export * from "./layers/attention.ts";
export * from "./layers/conv.ts";
export { crossEntropy } from "./layers/cross-entropy.ts";
export * from "./layers/embedding.ts";
export * from "./layers/group-norm.ts";
export * from "./layers/layer-norm.ts";
export * from "./layers/linear.ts";
export * from "./layers/mlp.ts";
export * from "./layers/modulation.ts";
export * from "./layers/rms-norm.ts";
export * from "./layers/rope.ts";
export { type AdamWOptions, adamw } from "./optim/adamw.ts";
export { clipByNorm, globalNorm } from "./optim/clip.ts";
export { updateEma } from "./optim/ema.ts";
export { type DecayRule, decayMatrices, decayMatricesExcept, type Optimizer } from "./optim/optimizer.ts";
export { type SgdOptions, sgd } from "./optim/sgd.ts";
export * from "./safetensors/index.ts";
export * from "./schedules.ts";
export { type DType, type Outside, Tensor, type TensorData, type TensorTree } from "./tensor.ts";
export * from "./torch/index.ts";
export {
  type NanGuardOptions,
  type OwnGradients,
  type Snapshot,
  type TrainOptions,
  type TrainResult,
  train,
} from "./train.ts";
export { countParameters, disposeTree, mapTree, namedLeaves, type Tree, treeFromNames } from "./tree.ts";
