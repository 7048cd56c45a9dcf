/**
 * A decoder-only language model of the Llama and Qwen families: pre-norm blocks of rotary grouped-query attention
 * and a gated MLP. Source: Touvron et al. 2023, arXiv 2302.13971, section 2.2; Qwen2 adds biases on q, k and v.
 * The dotted paths of the parameter tree are the tensor names of a Hugging Face checkpoint.
 */
import "../../compute/compile.ts"; // before jax-js, which looks for workers when it is loaded
import { numpy as np, tree } from "@jax-js/jax";
import { expectAxes } from "../../compute/axes.ts";
import { scaledDotProductAttention } from "../../compute/layers/attention.ts";
import { embedding } from "../../compute/layers/embedding.ts";
import { type LinearParams, linear } from "../../compute/layers/linear.ts";
import { type SwigluParams, swiglu } from "../../compute/layers/mlp.ts";
import { rmsNorm } from "../../compute/layers/rms-norm.ts";
import { applyRope, type RopeTables, ropeTables } from "../../compute/layers/rope.ts";
import type { DecoderConfig } from "./config.ts";

// `type`, not `interface`: only aliases pass as a tensor tree.
export type WeightParams = { weight: np.Array };
export type DecoderLayerParams = {
  input_layernorm: WeightParams; // [dim]
  self_attn: {
    q_proj: LinearParams; // [heads * headDim, dim]
    k_proj: LinearParams; // [kvHeads * headDim, dim]
    v_proj: LinearParams; // [kvHeads * headDim, dim]
    o_proj: LinearParams; // [dim, heads * headDim]
    q_norm?: WeightParams; // [headDim], Qwen3
    k_norm?: WeightParams; // [headDim], Qwen3
  };
  post_attention_layernorm: WeightParams; // [dim]
  mlp: SwigluParams; // gate_proj, up_proj [intermediate, dim]; down_proj [dim, intermediate]
};
export type DecoderParams = {
  model: {
    embed_tokens: WeightParams; // [vocab, dim]
    layers: DecoderLayerParams[];
    norm: WeightParams; // [dim]
  };
  lm_head?: WeightParams; // [vocab, dim]; absent when tied
};

export type DecoderInputs = {
  tokens: np.Array; // [batch, seq] int32
  /** Place of each token in its text; default 0, 1, 2 ... */
  positions?: np.Array; // [batch, seq] int32
  /** Which text of a packed row each token belongs to: tokens see only earlier ones of their own. */
  segments?: np.Array; // [batch, seq] int32
};

/**
 * Scores of every next token: row i of the result scores what follows token i.
 * @param params borrowed
 * @param inputs consumed
 * @returns logits [batch, seq, vocab]
 */
export function decoderLogits(params: DecoderParams, config: DecoderConfig, inputs: DecoderInputs): np.Array {
  return outputLogits(params, decoderHidden(params, config, inputs));
}

/**
 * What the output projection reads of each token; other heads read it, too.
 * @param params borrowed
 * @param inputs consumed
 * @returns [batch, seq, dim], normalised
 */
export function decoderHidden(params: DecoderParams, config: DecoderConfig, inputs: DecoderInputs): np.Array {
  const [batch, seq] = expectAxes("decoder: tokens", inputs.tokens, ["batch", "seq"]);
  const positions = inputs.positions ?? np.arange(seq).astype(np.int32).reshape([1, seq]);
  const mask = inputs.segments && sameSegment(inputs.segments, batch, seq);
  const hidden = decoderStack(params, config, inputs.tokens, positions, (q, k, v) =>
    scaledDotProductAttention(q, k, v, { causal: true, mask }),
  );
  mask?.dispose();
  return hidden;
}

/** Mixes values by how well queries meet keys; consumes q [batch, seq, heads, headDim] and k, v [batch, seq, kvHeads, headDim]. */
export type Attend = (q: np.Array, k: np.Array, v: np.Array, layer: number) => np.Array;

/**
 * Everything between token ids and the output projection; `attend` decides where keys and values live.
 * @param params borrowed
 * @param tokens consumed; [batch, seq]
 * @param positions consumed; [batch, seq] or [1, seq]
 * @returns [batch, seq, dim], normalised
 */
export function decoderStack(
  params: DecoderParams,
  config: DecoderConfig,
  tokens: np.Array,
  positions: np.Array,
  attend: Attend,
): np.Array {
  const { embed_tokens, layers, norm } = params.model;
  const rope = ropeTables(positions, { headDim: config.headDim, theta: config.ropeTheta, scaling: config.ropeScaling });
  let x = embedding(embed_tokens, tokens); // [batch, seq, dim]
  for (const [index, layer] of layers.entries()) {
    const attentionIn = rmsNorm(layer.input_layernorm, x.ref, { epsilon: config.rmsNormEps });
    x = x.add(selfAttention(layer.self_attn, config, attentionIn, rope, (q, k, v) => attend(q, k, v, index)));
    const mlpIn = rmsNorm(layer.post_attention_layernorm, x.ref, { epsilon: config.rmsNormEps });
    x = x.add(swiglu(layer.mlp, mlpIn));
  }
  tree.dispose(rope);
  return rmsNorm(norm, x, { epsilon: config.rmsNormEps });
}

/** Consumes hidden [..., dim]; returns logits [..., vocab]. A tied head reads the embedding matrix. */
export function outputLogits(params: DecoderParams, hidden: np.Array): np.Array {
  return linear(params.lm_head ?? params.model.embed_tokens, hidden);
}

function selfAttention(
  params: DecoderLayerParams["self_attn"],
  config: DecoderConfig,
  x: np.Array,
  rope: RopeTables,
  attend: (q: np.Array, k: np.Array, v: np.Array) => np.Array,
): np.Array {
  const [batch, seq] = x.shape as [number, number];
  const { headCount, kvHeadCount, headDim, rmsNormEps: epsilon } = config;
  let q = linear(params.q_proj, x.ref).reshape([batch, seq, headCount, headDim]);
  let k = linear(params.k_proj, x.ref).reshape([batch, seq, kvHeadCount, headDim]);
  const v = linear(params.v_proj, x).reshape([batch, seq, kvHeadCount, headDim]);
  if (params.q_norm) q = rmsNorm(params.q_norm, q, { epsilon });
  if (params.k_norm) k = rmsNorm(params.k_norm, k, { epsilon });
  const mixed = attend(applyRope(q, rope), applyRope(k, rope), v); // [batch, seq, heads, headDim]
  return linear(params.o_proj, mixed.reshape([batch, seq, headCount * headDim]));
}

/** True where two tokens belong to one text. Consumes segments; [batch, seq, seq]. */
function sameSegment(segments: np.Array, batch: number, seq: number): np.Array {
  return segments.ref.reshape([batch, seq, 1]).equal(segments.reshape([batch, 1, seq]));
}
