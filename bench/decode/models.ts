/** The decoders whose speed `decode` measures, with random weights: speed does not depend on what they have learned. */
import { readFileSync } from "node:fs";
import { type DecoderConfig, defineDecoder, parseDecoderConfig } from "../../src/language/decoder/config.ts";

const vocabSize = 64;

const reasonerConfig = new URL("../../models/reasoner/config.json", import.meta.url);

export const models: Record<string, DecoderConfig> = {
  /** The model that ships with the package: 4 layers, heads of 24. Without its end token, which random weights draw. */
  reasoner: { ...parseDecoderConfig(JSON.parse(readFileSync(reasonerConfig, "utf8"))), eosTokenIds: [] },
  "1M": defineDecoder({ vocabSize, hiddenSize: 160, layerCount: 4, headCount: 5, maxPositions: 512 }),
  "10M": defineDecoder({ vocabSize, hiddenSize: 384, layerCount: 6, headCount: 6, maxPositions: 512 }),
  /** Shaped like small public models. */
  "110M": defineDecoder({
    vocabSize: 32_000,
    hiddenSize: 768,
    intermediateSize: 2048,
    layerCount: 12,
    headCount: 12,
    maxPositions: 2048,
  }),
};
