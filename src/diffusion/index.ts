/** Floor 2: flow matching and its samplers, guidance, and the diffusion transformer. */
export * from "./autoencoder/index.ts";
export { type Component, type GaussianMixture, gaussianMixture } from "./flow/gaussian-mixture.ts";
export { type FlowBatch, pointOnPath } from "./flow/linear-path.ts";
export { drawTimesteps, type TimestepLaw } from "./flow/timesteps.ts";
export { velocityLoss } from "./flow/velocity-loss.ts";
export { type Dopri5Options, dopri5 } from "./samplers/dopri5.ts";
export { type GridOptions, timestepGrid } from "./samplers/grid.ts";
export { type Guidance, guide, isGuidedAt } from "./samplers/guidance.ts";
export { advance, euler, heun, type SolveOptions, type State, type Velocity } from "./samplers/solver.ts";
export { epochOrder } from "./training/epoch-order.ts";
export { FlowRecipe } from "./training/recipe.ts";
export {
  type DitBatch,
  type DitTrainOptions,
  ditLoss,
  type LatentBatch,
  type LatentExamples,
  trainDit,
} from "./training/train-dit.ts";
export { DitConfig, ditSizes } from "./transformer/config.ts";
export {
  countDitParameters,
  ditFrom,
  ditShapes,
  ditTables,
  ditTableValues,
  initDit,
} from "./transformer/parameters.ts";
export {
  createDitSampler,
  type DitSampler,
  type SampleOptions,
  type SampleRequest,
  sampleNoise,
} from "./transformer/sample-dit.ts";
export { type DitInputs, type DitParams, dit } from "./transformer/transformer.ts";
