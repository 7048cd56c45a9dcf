/** The KL autoencoder of latent diffusion, and the losses that train it. */
export * from "./autoencoder.ts";
export * from "./config.ts";
export { type DiscriminatorConfig, initDiscriminator } from "./loss/discriminator.ts";
export type { PerceptualDistance } from "./loss/reconstruction.ts";
export {
  type TokenizerBatch,
  type TokenizerLossOptions,
  type TokenizerParams,
  tokenizerLoss,
  type VfBatch,
} from "./loss/tokenizer-loss.ts";
export { initVfProjection, type Projection, unitVectors, type VfTerms, vfLoss } from "./loss/vf-loss.ts";
export { autoencoderFromTensors, autoencoderShapes, officialConfig } from "./state-dict.ts";
