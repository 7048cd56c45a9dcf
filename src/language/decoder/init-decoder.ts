/** The parameters of a decoder: their names and shapes, and fresh values to train from. */
import "../../compute/compile.ts"; // before jax-js, which looks for workers when it is loaded
import { normal } from "../../compute/init.ts";
import { initEmbedding } from "../../compute/layers/embedding.ts";
import { initLinear } from "../../compute/layers/linear.ts";
import { initRmsNorm } from "../../compute/layers/rms-norm.ts";
import type { Outside } from "../../compute/tensor.ts";
import type { Random } from "../../core/random.ts";
import type { DecoderConfig } from "./config.ts";
import type { DecoderLayerParams, DecoderParams } from "./decoder.ts";

/** Every tensor a checkpoint of this configuration holds, by name, with its shape. */
export function decoderShapes(config: DecoderConfig): Map<string, number[]> {
  const { vocabSize, hiddenSize: dim, intermediateSize, headDim, qkvBias, outputBias, mlpBias } = config;
  const [queryDim, kvDim] = [config.headCount * headDim, config.kvHeadCount * headDim];
  const shapes = new Map([["model.embed_tokens.weight", [vocabSize, dim]]]);
  for (let layer = 0; layer < config.layerCount; layer++) {
    const prefix = `model.layers.${layer}`;
    const linear = (name: string, out: number, inputs: number, bias: boolean) => {
      shapes.set(`${prefix}.${name}.weight`, [out, inputs]);
      if (bias) shapes.set(`${prefix}.${name}.bias`, [out]);
    };
    shapes.set(`${prefix}.input_layernorm.weight`, [dim]);
    linear("self_attn.q_proj", queryDim, dim, qkvBias);
    linear("self_attn.k_proj", kvDim, dim, qkvBias);
    linear("self_attn.v_proj", kvDim, dim, qkvBias);
    linear("self_attn.o_proj", dim, queryDim, outputBias);
    if (config.qkNorm) {
      shapes.set(`${prefix}.self_attn.q_norm.weight`, [headDim]);
      shapes.set(`${prefix}.self_attn.k_norm.weight`, [headDim]);
    }
    shapes.set(`${prefix}.post_attention_layernorm.weight`, [dim]);
    linear("mlp.gate_proj", intermediateSize, dim, mlpBias);
    linear("mlp.up_proj", intermediateSize, dim, mlpBias);
    linear("mlp.down_proj", dim, intermediateSize, mlpBias);
  }
  shapes.set("model.norm.weight", [dim]);
  if (!config.tieWordEmbeddings) shapes.set("lm_head.weight", [vocabSize, dim]);
  return shapes;
}

/**
 * New parameters: embeddings normal with std 0.02; projections normal with variance 1 / fan-in, those that write into
 * the residual stream divided by sqrt(2 · layers) so that its variance does not grow with depth (GPT-2, section 2.3).
 * Biases start at zero, norms at one. Each tensor draws from its own stream, so one does not shift the others.
 */
export function initDecoder(config: DecoderConfig, rng: Random): Outside<DecoderParams> {
  const { vocabSize, hiddenSize: dim, layerCount } = config;
  const params: Outside<DecoderParams> = {
    model: {
      embed_tokens: initEmbedding(rng.split("embed_tokens"), { vocab: vocabSize, dim }),
      layers: Array.from({ length: layerCount }, (_, index) => initLayer(config, rng.split(`layers.${index}`))),
      norm: initRmsNorm(dim),
    },
  };
  if (!config.tieWordEmbeddings) {
    params.lm_head = initLinear(rng.split("lm_head"), { in: dim, out: vocabSize, bias: false, init: normal(0.02) });
  }
  return params;
}

function initLayer(config: DecoderConfig, rng: Random): Outside<DecoderLayerParams> {
  const { hiddenSize: dim, intermediateSize, headCount, kvHeadCount, headDim, qkvBias, outputBias, mlpBias } = config;
  const depthScale = 1 / Math.sqrt(2 * config.layerCount);
  const project = (name: string, inputs: number, out: number, bias: boolean, scale = 1) =>
    initLinear(rng.split(name), { in: inputs, out, bias, init: normal(scale / Math.sqrt(inputs)) });
  return {
    input_layernorm: initRmsNorm(dim),
    self_attn: {
      q_proj: project("q_proj", dim, headCount * headDim, qkvBias),
      k_proj: project("k_proj", dim, kvHeadCount * headDim, qkvBias),
      v_proj: project("v_proj", dim, kvHeadCount * headDim, qkvBias),
      o_proj: project("o_proj", headCount * headDim, dim, outputBias, depthScale),
      ...(config.qkNorm && { q_norm: initRmsNorm(headDim), k_norm: initRmsNorm(headDim) }),
    },
    post_attention_layernorm: initRmsNorm(dim),
    mlp: {
      gate_proj: project("gate_proj", dim, intermediateSize, mlpBias),
      up_proj: project("up_proj", dim, intermediateSize, mlpBias),
      down_proj: project("down_proj", intermediateSize, dim, mlpBias, depthScale),
    },
  };
}
