/** Text from prompts: `createGenerator`, and the sampling rules behind it. */
export {
  createGenerator,
  type DecoderModel,
  type GenerateOptions,
  type Generation,
  type Generator,
  type TokenModel,
} from "./generator.ts";
export type { Completion } from "./row.ts";
export { type SamplingOptions, sampleToken } from "./sampling.ts";
