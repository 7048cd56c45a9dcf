/**
 * One block: x += gate₁ · attention(modulated norm of x), then x += gate₂ · feed-forward(modulated norm of x).
 * Source: Peebles and Xie 2023, figure 3 (adaLN-Zero), with LightningDiT's parts in place of the classical ones:
 * RMSNorm, SwiGLU, rotary positions, and as options QK-norm and modulation without shift.
 */
import { numpy as np } from "@jax-js/jax";
import { expectAxes } from "../../compute/axes.ts";
import { gelu, silu } from "../../compute/layers/activations.ts";
import { scaledDotProductAttention } from "../../compute/layers/attention.ts";
import { type LayerNormParams, layerNorm } from "../../compute/layers/layer-norm.ts";
import { type LinearParams, linear } from "../../compute/layers/linear.ts";
import { gated, modulate, modulation } from "../../compute/layers/modulation.ts";
import { type RmsNormParams, rmsNorm } from "../../compute/layers/rms-norm.ts";
import { applyRope2d, type RopeTables2d } from "./rope-2d.ts";

/** Weight alone: RMSNorm; nothing: LayerNorm without parameters. */
export type TokenNormParams = Partial<RmsNormParams>;
/** Weight alone: RMSNorm; weight and bias: LayerNorm. */
export type HeadNormParams = RmsNormParams | LayerNormParams;

export type DitBlockParams = {
  norm1: TokenNormParams; // [width]
  attn: {
    qkv: LinearParams; // [3 * width, width]: queries, keys, values, each head by head
    q_norm?: HeadNormParams; // [headDim]
    k_norm?: HeadNormParams; // [headDim]
    proj: LinearParams; // [width, width]
  };
  norm2: TokenNormParams; // [width]
  mlp:
    | { w12: LinearParams /* [2 * hidden, width] */; w3: LinearParams /* [width, hidden] */ }
    | { fc1: LinearParams /* [hidden, width] */; fc2: LinearParams /* [width, hidden] */ };
  adaLN_modulation: { 1: LinearParams }; // [6 * width, width], or 4 without shifts
};

export interface DitBlockOptions {
  heads: number;
  /** Modulate by shift and scale, else by scale alone. */
  shift: boolean;
  /** Borrowed. */
  rope?: RopeTables2d;
}

/**
 * @param params borrowed
 * @param x consumed; [batch, tokens, width]
 * @param condition consumed; [batch, width]: time and label
 */
export function ditBlock(params: DitBlockParams, x: np.Array, condition: np.Array, options: DitBlockOptions): np.Array {
  const parts = modulation(params.adaLN_modulation[1], condition, options.shift ? 6 : 4);
  const [shift1, scale1, gate1, shift2, scale2, gate2] = options.shift
    ? parts
    : [undefined, ...parts.slice(0, 2), undefined, ...parts.slice(2)];
  const attended = attention(params.attn, modulated(tokenNorm(params.norm1, x.ref), shift1, scale1!), options);
  const y = gated(x, attended, gate1!);
  return gated(y.ref, feedForward(params.mlp, modulated(tokenNorm(params.norm2, y), shift2, scale2!)), gate2!);
}

/** @param x consumed; [batch, tokens, width] */
export function tokenNorm({ weight }: TokenNormParams, x: np.Array): np.Array {
  return weight ? rmsNorm({ weight }, x) : layerNorm({}, x, { epsilon: 1e-6 });
}

function modulated(x: np.Array, shift: np.Array | undefined, scale: np.Array): np.Array {
  if (shift) return modulate(x, shift, scale);
  const [batch, width] = expectAxes("ditBlock: scale", scale, ["batch", "width"]);
  return x.mul(scale.add(1).reshape([batch, 1, width]));
}

function attention(params: DitBlockParams["attn"], x: np.Array, { heads, rope }: DitBlockOptions): np.Array {
  const [batch, tokens, width] = expectAxes("ditBlock: x", x, ["batch", "tokens", "width"]);
  const headDim = width / heads;
  const [queries, keys, values] = np
    .split(linear(params.qkv, x), 3, -1)
    .map((part) => part.reshape([batch, tokens, heads, headDim]));
  const placed = (vectors: np.Array, norm: HeadNormParams | undefined) => {
    const even = norm ? headNorm(norm, vectors) : vectors;
    return rope ? applyRope2d(even, rope) : even;
  };
  const mixed = scaledDotProductAttention(placed(queries!, params.q_norm), placed(keys!, params.k_norm), values!);
  return linear(params.proj, mixed.reshape([batch, tokens, width]));
}

function headNorm(params: HeadNormParams, x: np.Array): np.Array {
  return "bias" in params ? layerNorm(params, x) : rmsNorm(params as RmsNormParams, x);
}

/** @param x consumed; [batch, tokens, width] */
function feedForward(params: DitBlockParams["mlp"], x: np.Array): np.Array {
  if ("fc1" in params) return linear(params.fc2, gelu(linear(params.fc1, x), "tanh"));
  const [gate, up] = np.split(linear(params.w12, x), 2, -1) as [np.Array, np.Array];
  return linear(params.w3, silu(gate).mul(up));
}
