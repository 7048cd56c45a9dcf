/**
 * Attention: each query reads a mixture of values, weighted by softmax(q · k / √headDim).
 * Source: Vaswani et al. 2017, "Attention Is All You Need", eq. 1 and section 3.2.2; grouped queries after Ainslie
 * et al. 2023 (arXiv 2305.13245); QK-norm as in Qwen3 and Dehghani et al. 2023 (arXiv 2302.05442).
 */
import { lax, nn, numpy as np } from "@jax-js/jax";
import { ConfigError, ShapeError } from "../../core/errors.ts";
import type { Random } from "../../core/random.ts";
import { expectAxes } from "../axes.ts";
import type { Initializer } from "../init.ts";
import type { Outside } from "../tensor.ts";
import { initLinear, type LinearParams, linear } from "./linear.ts";
import { initRmsNorm, type RmsNormParams, rmsNorm } from "./rms-norm.ts";
import { applyRope, type RopeTables } from "./rope.ts";

/** What a query may see; all that is given must allow a key. Without any, everything is seen. */
export interface Visibility {
  /** Only keys up to the query's own place; with fewer queries than keys, the queries are the last ones. */
  causal?: boolean;
  /** With `causal`: keys before this place are seen by everyone (prefix language model). */
  prefix?: number;
  /** Borrowed; bool [batch or 1, queries, keys], true where the query may look: padding, packed documents. */
  mask?: np.Array;
}

/** Added to hidden logits. Finite, so that a row that sees nothing averages everything instead of being NaN. */
const hidden = -1e30;

/**
 * @param q consumed; [batch, queries, heads, headDim]
 * @param k consumed; [batch, keys, kvHeads, headDim]; query head h reads kv head floor(h · kvHeads / heads)
 * @param v consumed; [batch, keys, kvHeads, headDim]
 * @returns [batch, queries, heads, headDim]
 * @throws ConfigError when `kvHeads` does not divide `heads`
 */
export function scaledDotProductAttention(q: np.Array, k: np.Array, v: np.Array, see: Visibility = {}): np.Array {
  const [batch, queries, heads, headDim] = expectAxes("attention: q", q, ["batch", "queries", "heads", "headDim"]);
  const [, keys, kvHeads] = expectAxes("attention: k", k, [["batch", batch], "keys", "kvHeads", ["headDim", headDim]]);
  const [, , , valueDim] = expectAxes("attention: v", v, [
    ["batch", batch],
    ["keys", keys],
    ["kvHeads", kvHeads],
    "headDim",
  ]);
  if (heads % kvHeads !== 0) throw new ConfigError(`attention: ${kvHeads} kv heads do not divide ${heads} query heads`);
  const bias = visibilityBias(see, batch, queries, keys);

  // The heads that share a key are an axis of the product, so keys and values are never repeated.
  const grouped = q.mul(headDim ** -0.5).reshape([batch, queries, kvHeads, heads / kvHeads, headDim]);
  let logits = lax.dot(grouped, k, {
    lhsBatchDims: [0, 2],
    rhsBatchDims: [0, 2],
    lhsContractingDims: [4],
    rhsContractingDims: [3],
  }); // [batch, kvHeads, queries, group, keys]
  if (bias) logits = logits.add(bias);
  const mixed = lax.dot(nn.softmax(logits, -1), v, {
    lhsBatchDims: [0, 1],
    rhsBatchDims: [0, 2],
    lhsContractingDims: [4],
    rhsContractingDims: [1],
  }); // [batch, kvHeads, queries, group, valueDim]
  return mixed.transpose([0, 2, 1, 3, 4]).reshape([batch, queries, heads, valueDim]);
}

/** 0 where a key is seen and a large negative number where not: [batch or 1, 1, queries, 1, keys]. */
function visibilityBias(see: Visibility, batch: number, queries: number, keys: number): np.Array | null {
  const { causal = false, prefix = 0, mask } = see;
  if (mask) {
    const fits = mask.shape.length === 3 && [1, batch].includes(mask.shape[0]!);
    if (!fits || mask.shape[1] !== queries || mask.shape[2] !== keys)
      throw new ShapeError(
        `attention: mask: expected [batch = ${batch} or 1, queries = ${queries}, keys = ${keys}], got [${mask.shape.join(", ")}]`,
      );
  }
  if (prefix > 0 && !causal) throw new ConfigError("attention: prefix means nothing without causal");
  if (!causal && !mask) return null;
  const masked = mask && np.where(mask.ref.reshape([mask.shape[0]!, 1, queries, 1, keys]), 0, hidden);
  if (!causal) return masked!;
  const place = np.arange(keys - queries, keys).reshape([1, 1, queries, 1, 1]);
  const key = np.arange(keys).reshape([1, 1, 1, 1, keys]);
  const visible = np.lessEqual(key, np.maximum(place, prefix - 1));
  const past = np.where(visible, 0, hidden);
  return masked ? masked.add(past) : past;
}

export type AttentionParams = {
  q_proj: LinearParams; // [heads * headDim, dim]
  k_proj: LinearParams; // [kvHeads * headDim, context dim]
  v_proj: LinearParams; // [kvHeads * headDim, context dim]
  o_proj: LinearParams; // [dim, heads * headDim]
  q_norm?: RmsNormParams; // [headDim]
  k_norm?: RmsNormParams; // [headDim]
};

export interface AttentionOptions extends Visibility {
  heads: number;
  /** Default `heads`; fewer is grouped-query attention, 1 multi-query attention. */
  kvHeads?: number;
  /** Consumed; [batch, keys, context dim]: keys and values come from here (cross-attention) instead of from x. */
  context?: np.Array;
  /** Borrowed; turns queries and keys (self-attention only). */
  rope?: RopeTables;
  /** Of the QK-norm; default 1e-6. */
  epsilon?: number;
}

/**
 * A whole attention layer: projections, QK-norm where the parameters have it, RoPE, attention, output projection.
 * @param params borrowed
 * @param x consumed; [batch, seq, dim]
 * @returns [batch, seq, dim]
 */
export function attention(params: AttentionParams, x: np.Array, options: AttentionOptions): np.Array {
  const [batch, seq] = expectAxes("attention: x", x, ["batch", "seq", ["dim", params.q_proj.weight.shape[1]!]]);
  const { heads, kvHeads = heads, context, rope, epsilon } = options;
  const width = params.q_proj.weight.shape[0]!;
  if (width % heads !== 0) throw new ConfigError(`attention: ${heads} heads do not divide the width ${width}`);
  if (context && rope)
    throw new ConfigError("attention: rope is for self-attention; queries and context have no common positions");
  const headDim = width / heads;
  const source = context ?? x.ref;
  const keys = source.shape[1]!;

  let q = linear(params.q_proj, x).reshape([batch, seq, heads, headDim]);
  let k = linear(params.k_proj, source.ref).reshape([batch, keys, kvHeads, headDim]);
  const v = linear(params.v_proj, source).reshape([batch, keys, kvHeads, headDim]);
  if (params.q_norm) q = rmsNorm(params.q_norm, q, { epsilon });
  if (params.k_norm) k = rmsNorm(params.k_norm, k, { epsilon });
  if (rope) {
    q = applyRope(q, rope);
    k = applyRope(k, rope);
  }
  const mixed = scaledDotProductAttention(q, k, v, options);
  return linear(params.o_proj, mixed.reshape([batch, seq, width]));
}

export interface AttentionInit {
  dim: number;
  heads: number;
  kvHeads?: number;
  /** Default dim / heads. */
  headDim?: number;
  /** Width of `context` for cross-attention; default `dim`. */
  contextDim?: number;
  /** Of q, k and v; default none (Llama), Qwen2 has them. */
  bias?: boolean;
  /** Of the output projection; default none. */
  outBias?: boolean;
  qkNorm?: boolean;
  init?: Initializer;
}

/** Four projections, and the QK-norm where it is asked for. Each tensor draws from its own stream of `rng`. */
export function initAttention(rng: Random, options: AttentionInit): Outside<AttentionParams> {
  const { dim, heads, kvHeads = heads, headDim = dim / heads, contextDim = dim } = options;
  const { bias = false, outBias = false, qkNorm = false, init } = options;
  const project = (name: string, from: number, to: number, withBias: boolean) =>
    initLinear(rng.split(name), { in: from, out: to, bias: withBias, init });
  return {
    q_proj: project("q_proj", dim, heads * headDim, bias),
    k_proj: project("k_proj", contextDim, kvHeads * headDim, bias),
    v_proj: project("v_proj", contextDim, kvHeads * headDim, bias),
    o_proj: project("o_proj", heads * headDim, dim, outBias),
    ...(qkNorm && { q_norm: initRmsNorm(headDim), k_norm: initRmsNorm(headDim) }),
  };
}
