/** Reconstructions, latents and generated pictures, measured. */
export { evaluateGeneration, type GenerationOptions, type PictureRows } from "./generation.ts";
export { type HealthOptions, latentHealth } from "./health.ts";
export { evaluateReconstruction, type ReconstructionOptions } from "./reconstruction.ts";
