/** Language models: tokenizers, the decoder, Hugging Face folders, generation, training. */
export * from "./decoder/index.ts";
export * from "./engine/index.ts";
export { createGenerator, type GenerateOptions, type Generation, type Generator } from "./generate/index.ts";
export { type LoadedModel, loadModel, type ModelDType, type SaveModelOptions, saveModel } from "./hugging-face.ts";
export * from "./tokenizers/index.ts";
export * from "./train/index.ts";
