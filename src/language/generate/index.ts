/** Text from a list of prompts: `createGenerator`. */

export type { Completion } from "../engine/request.ts";
export type { DecoderModel } from "../engine/runner.ts";
export { type SamplingOptions, sampleToken } from "../engine/sampling.ts";
export { createGenerator, type GenerateOptions, type Generation, type Generator } from "./generator.ts";
