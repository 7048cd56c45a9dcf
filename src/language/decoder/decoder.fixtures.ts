/** For tests only: small decoders of each family with random weights everywhere, biases and norms included. */

import { tree } from "@jax-js/jax";
import { compile } from "../../compute/compile.ts";
import { type Outside, Tensor } from "../../compute/tensor.ts";
import { mapTree } from "../../compute/tree.ts";
import { Random } from "../../core/random.ts";
import { type DecoderConfig, defineDecoder } from "./config.ts";
import { type DecoderInputs, type DecoderParams, decoderLogits } from "./decoder.ts";
import { initDecoder } from "./init-decoder.ts";

const sizes = { vocabSize: 23, hiddenSize: 24, intermediateSize: 40, layerCount: 2, headCount: 4, maxPositions: 512 };

export const families: Record<string, DecoderConfig> = {
  "Llama, grouped queries, tied": defineDecoder({ ...sizes, kvHeadCount: 2 }),
  "Llama, untied, llama3 rope, all biases": defineDecoder({
    ...sizes,
    kvHeadCount: 1,
    headDim: 8,
    tieWordEmbeddings: false,
    qkvBias: true,
    outputBias: true,
    mlpBias: true,
    ropeTheta: 500,
    ropeScaling: {
      rope_type: "llama3",
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 64,
    },
  }),
  "Llama, linear rope": defineDecoder({ ...sizes, ropeScaling: { rope_type: "linear", factor: 2.5 } }),
  Qwen2: defineDecoder({ ...sizes, kvHeadCount: 2, architecture: "Qwen2ForCausalLM", ropeTheta: 1e6 }),
  Qwen3: defineDecoder({ ...sizes, kvHeadCount: 2, architecture: "Qwen3ForCausalLM", headDim: 10 }),
};

/** Norms and biases differ from one and zero too and logits are of order one, so that no term can hide. */
export function randomDecoder(config: DecoderConfig, seed: number | string = 1): Outside<DecoderParams> {
  const rng = new Random(seed);
  return mapTree(initDecoder(config, rng), (leaf: Tensor, name: string) => {
    const noise = rng.split(name);
    const isTable = /embed_tokens|lm_head/.test(name);
    const change = (value: number) =>
      isTable ? 10 * value : leaf.shape.length > 1 ? value : value + 0.2 * noise.normal();
    return Tensor.from(Float32Array.from(leaf.host!, change), leaf.shape);
  }) as Outside<DecoderParams>;
}

export function randomTokens(config: DecoderConfig, length: number, seed: number | string = 2): number[] {
  const rng = new Random(seed);
  return Array.from({ length }, () => rng.int(0, config.vocabSize - 1));
}

export function compileForward(config: DecoderConfig) {
  return compile((params: DecoderParams, inputs: DecoderInputs) => {
    const logits = decoderLogits(params, config, inputs);
    tree.dispose(params);
    return logits;
  });
}

export const int32 = (rows: readonly (readonly number[])[]) =>
  Tensor.from(Int32Array.from(rows.flat()), [rows.length, rows[0]!.length]);

/** NaN when any element differs by NaN; infinite when the lengths differ. */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < actual.length; i++) largest = Math.max(largest, Math.abs(actual[i]! - expected[i]!));
  return largest;
}
