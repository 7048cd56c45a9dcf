/** The decoder-only language model: configuration, parameters, forward pass. */
export {
  type DecoderConfig,
  type DecoderSizes,
  decoderConfigJson,
  defineDecoder,
  defineTinyDecoder,
  parseDecoderConfig,
  type TinySizes,
} from "./config.ts";
export { type DecoderInputs, type DecoderParams, decoderLogits } from "./decoder.ts";
export { decoderShapes, initDecoder } from "./init-decoder.ts";
