/** VA-VAE and LightningDiT: a tokenizer aligned to a vision model, and a fast latent diffusion transformer. */
export { summarise, type VariantSummary } from "./ablation/report.ts";
export { type AblationRow, runAblation } from "./ablation/run.ts";
export { type DitFile, loadDit, saveDit } from "./checkpoints/dit-file.ts";
export { claimLightningDit } from "./claim.ts";
export { ditConfigOf, readConfig, recipeOf, samplingOf } from "./config/read.ts";
export { LightningDitConfig } from "./config/schema.ts";
export * from "./dit/index.ts";
export { evaluateGeneration, evaluateReconstruction, latentHealth } from "./evaluate/index.ts";
export { type ConvFeatureNet, loadNet, trainFeatures } from "./features/index.ts";
export { openFeatureNet } from "./features/open.ts";
export * from "./frontier/index.ts";
export { type ImageSets, type ImageSource, openImages } from "./images.ts";
export * from "./latents/index.ts";
export { type MarksEvaluation, trainMarksModel } from "./marks-model.ts";
export { smallAutoencoder, smallFeatures, smallJudge, smallTokenizer } from "./presets.ts";
export * from "./schemas.ts";
export {
  loadTokenizer,
  openTokenizer,
  saveTokenizer,
  type Tokenizer,
  type TokenizerContext,
  type TokenizerInputs,
  trainTokenizer,
} from "./tokenizer/index.ts";
export * from "./world.ts";
