/** The policies whose training `rl` measures, with random weights and no token that ends an answer. */
import type { DecoderSizes } from "../../src/language/decoder/index.ts";

const shared = { vocabSize: 300, headCount: 4, maxPositions: 192 };

export const rlModels: Record<string, DecoderSizes> = {
  "64 wide, 3 layers": { ...shared, hiddenSize: 64, layerCount: 3 },
  "96 wide, 4 layers": { ...shared, hiddenSize: 96, layerCount: 4 },
};
