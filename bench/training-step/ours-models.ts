/** The benchmark's models in Polymath's layers. */
import { nn, numpy as np, tree } from "@jax-js/jax";
import { type AttentionParams, attention } from "../../src/compute/layers/attention.ts";
import { type ConvParams, conv2d, convTranspose2d } from "../../src/compute/layers/conv.ts";
import { crossEntropy } from "../../src/compute/layers/cross-entropy.ts";
import { type EmbeddingParams, embedding } from "../../src/compute/layers/embedding.ts";
import { type LayerNormParams, layerNorm } from "../../src/compute/layers/layer-norm.ts";
import { type LinearParams, linear } from "../../src/compute/layers/linear.ts";
import { type GeluMlpParams, geluMlp } from "../../src/compute/layers/mlp.ts";
import type { AutoencoderTask, DecoderTask } from "./tasks.ts";

type DecoderParams = {
  embed: EmbeddingParams;
  positions: { weight: np.Array }; // [seq, dim]
  layers: (AttentionParams & { norm1: LayerNormParams; norm2: LayerNormParams; mlp: GeluMlpParams })[];
  norm: LayerNormParams;
  head: LinearParams;
};

/** Pre-norm transformer with learned positions, GELU (tanh form) and an untied head. */
export function decoderLoss({ batch, seq, vocab, heads }: DecoderTask) {
  return (params: DecoderParams, { tokens, targets }: { tokens: np.Array; targets: np.Array }): np.Array => {
    let x = embedding(params.embed, tokens).add(params.positions.weight.ref); // [batch, seq, dim]
    for (const layer of params.layers) {
      x = x.ref.add(attention(layer, layerNorm(layer.norm1, x), { heads, causal: true }));
      x = x.ref.add(geluMlp(layer.mlp, layerNorm(layer.norm2, x), { gelu: "tanh" }));
    }
    const logits = linear(params.head, layerNorm(params.norm, x));
    tree.dispose(params);
    return crossEntropy(logits.reshape([batch * seq, vocab]), targets.reshape([batch * seq]));
  };
}

type AutoencoderParams = { down: ConvParams[]; up: ConvParams[] };

/** Strided convolutions down, transposed ones up, ReLU between; the mean squared error of the image it was shown. */
export function autoencoderLoss(_: AutoencoderTask) {
  const halving = { stride: 2, padding: 1 }; // with kernel 4, exactly half and exactly twice the size
  return (params: AutoencoderParams, { images }: { images: np.Array }): np.Array => {
    let x = images.ref; // [batch, channels, height, width]
    for (const level of params.down) x = nn.relu(conv2d(level, x, halving));
    for (const [index, level] of params.up.entries()) {
      x = convTranspose2d(level, x, halving);
      if (index + 1 < params.up.length) x = nn.relu(x);
    }
    tree.dispose(params);
    return np.square(x.sub(images)).mean();
  };
}
