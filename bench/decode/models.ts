/** The decoders whose speed `decode` measures, with random weights: speed does not depend on what they have learned. */
import { type DecoderConfig, defineDecoder } from "../../src/language/decoder/config.ts";

const vocabSize = 64;

export const models: Record<string, DecoderConfig> = {
  "1M": defineDecoder({ vocabSize, hiddenSize: 160, layerCount: 4, headCount: 5, maxPositions: 512 }),
  "10M": defineDecoder({ vocabSize, hiddenSize: 384, layerCount: 6, headCount: 6, maxPositions: 512 }),
};
