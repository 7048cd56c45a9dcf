/** The decoder-only language model: configuration, parameters, forward pass, decoding with a cache. */
export {
  type DecoderConfig,
  type DecoderSizes,
  decoderConfigJson,
  defineDecoder,
  parseDecoderConfig,
} from "./config.ts";
export { type DecoderInputs, type DecoderParams, decoderLogits } from "./decoder.ts";
export { type DecodingSession, startDecoding } from "./decoding-session.ts";
export { decoderShapes, initDecoder } from "./init-decoder.ts";
export { compileDecoder, type DecoderPrograms } from "./kv-cache.ts";
