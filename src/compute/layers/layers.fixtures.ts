/**
 * Every layer as a small program with inputs. Gradients, ownership and the agreement of executors are tested over
 * this one table, so a layer added here is tested in every way.
 */
import { numpy as np, tree } from "@jax-js/jax";
import { Random } from "../../core/random.ts";
import { normal } from "../init.ts";
import { Tensor, type TensorTree } from "../tensor.ts";
import { mapTree, namedLeaves } from "../tree.ts";
import { gelu, silu } from "./activations.ts";
import { attention, initAttention, scaledDotProductAttention } from "./attention.ts";
import {
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  initConv,
  initConvTranspose,
} from "./conv.ts";
import { crossEntropy } from "./cross-entropy.ts";
import { embedding, initEmbedding } from "./embedding.ts";
import { groupNorm } from "./group-norm.ts";
import { layerNorm } from "./layer-norm.ts";
import { initLinear, linear } from "./linear.ts";
import { geluMlp, initGeluMlp, initSwiglu, swiglu } from "./mlp.ts";
import { gated, modulate, modulation } from "./modulation.ts";
import { rmsNorm } from "./rms-norm.ts";
import { rope, ropeTables } from "./rope.ts";

export interface LayerCase {
  name: string;
  /** Borrowed by `run`. Float leaves of both trees are differentiated. */
  params: TensorTree;
  /** Consumed by `run`. */
  inputs: { [name: string]: Tensor };
  run(params: any, inputs: any): np.Array;
}

const rng = new Random("layer cases");
const random = (...shape: number[]) => normal(1)(rng, shape);
const ints = (values: number[], shape: number[]) => Tensor.from(Int32Array.from(values), shape);

const text = () => random(2, 3, 8); // [batch, seq, dim]
const positions = () => ints([0, 1, 2, 5, 6, 7], [2, 3]);
const heads = (count: number, seq = 3) => random(2, seq, count, 4);

export const layerCases: LayerCase[] = [
  {
    name: "linear",
    params: initLinear(rng, { in: 8, out: 5 }),
    inputs: { x: text() },
    run: (params, { x }) => linear(params, x),
  },
  {
    name: "embedding",
    params: initEmbedding(rng, { vocab: 5, dim: 3, init: normal(1) }),
    inputs: { tokens: ints([4, 0, 4, 2, 4, 1], [2, 3]) },
    run: (params, { tokens }) => embedding(params, tokens),
  },
  {
    name: "rmsNorm",
    params: { weight: random(8) },
    inputs: { x: text() },
    run: (params, { x }) => rmsNorm(params, x),
  },
  {
    name: "layerNorm",
    params: { weight: random(8), bias: random(8) },
    inputs: { x: text() },
    run: (params, { x }) => layerNorm(params, x),
  },
  {
    name: "groupNorm",
    params: { weight: random(6), bias: random(6) },
    inputs: { x: random(2, 6, 2, 3) },
    run: (params, { x }) => groupNorm(params, x, { groups: 3 }),
  },
  { name: "silu", params: {}, inputs: { x: random(7) }, run: (_, { x }) => silu(x) },
  { name: "gelu exact", params: {}, inputs: { x: random(7) }, run: (_, { x }) => gelu(x) },
  { name: "gelu tanh", params: {}, inputs: { x: random(7) }, run: (_, { x }) => gelu(x, "tanh") },
  {
    name: "swiglu",
    params: initSwiglu(rng, { dim: 8, hidden: 12 }),
    inputs: { x: text() },
    run: (params, { x }) => swiglu(params, x),
  },
  {
    name: "geluMlp",
    params: initGeluMlp(rng, { dim: 8, hidden: 12 }),
    inputs: { x: text() },
    run: (params, { x }) => geluMlp(params, x),
  },
  {
    name: "rope",
    params: {},
    inputs: { x: heads(2), positions: positions() },
    run: (_, { x, positions }) => rope(x, positions),
  },
  {
    name: "attention: all see all",
    params: {},
    inputs: { q: heads(2), k: heads(2), v: heads(2) },
    run: (_, { q, k, v }) => scaledDotProductAttention(q, k, v),
  },
  {
    name: "attention: causal, grouped, fewer queries than keys",
    params: {},
    inputs: { q: heads(4), k: heads(2, 5), v: heads(2, 5) },
    run: (_, { q, k, v }) => scaledDotProductAttention(q, k, v, { causal: true }),
  },
  {
    name: "attention: prefix and mask",
    params: { mask: Tensor.from(Uint8Array.from([1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 0, 1]), [2, 3, 3]) },
    inputs: { q: heads(2), k: heads(2), v: heads(2) },
    run: ({ mask }, { q, k, v }) => scaledDotProductAttention(q, k, v, { causal: true, prefix: 2, mask }),
  },
  {
    name: "attention layer: RoPE, QK-norm, grouped",
    params: initAttention(rng, { dim: 8, heads: 4, kvHeads: 2, headDim: 4, bias: true, qkNorm: true }),
    inputs: { x: text(), positions: positions() },
    run: (params, { x, positions }) => {
      const tables = ropeTables(positions, { headDim: 4 });
      const y = attention(params, x, { heads: 4, kvHeads: 2, causal: true, rope: tables });
      tables.cos.dispose();
      tables.sin.dispose();
      return y;
    },
  },
  {
    name: "attention layer: cross",
    params: initAttention(rng, { dim: 8, heads: 2, contextDim: 6 }),
    inputs: { x: text(), context: random(2, 4, 6) },
    run: (params, { x, context }) => attention(params, x, { heads: 2, context }),
  },
  {
    name: "modulation",
    params: initLinear(rng, { in: 4, out: 3 * 8 }),
    inputs: { x: text(), condition: random(2, 4) },
    run: (params, { x, condition }) => {
      const [shift, scale, gate] = modulation(params, condition, 3) as [np.Array, np.Array, np.Array];
      const residual = x.ref;
      return gated(residual, modulate(layerNorm({}, x), shift, scale), gate);
    },
  },
  {
    name: "crossEntropy",
    params: {},
    inputs: { logits: random(4, 5), targets: ints([0, 4, 2, 2], [4]), weights: Tensor.from([1, 0, 2, 1]) },
    run: (_, { logits, targets, weights }) => crossEntropy(logits, targets, weights),
  },
  {
    name: "conv1d: stride, padding",
    params: initConv(rng, { in: 2, out: 3, kernel: [3] }),
    inputs: { x: random(2, 2, 6) },
    run: (params, { x }) => conv1d(params, x, { stride: 2, padding: 1 }),
  },
  {
    name: "conv2d: dilation, groups",
    params: initConv(rng, { in: 4, out: 2, kernel: [2, 3], groups: 2 }),
    inputs: { x: random(1, 4, 4, 5) },
    run: (params, { x }) => conv2d(params, x, { dilation: [2, 1], padding: [1, 1], groups: 2 }),
  },
  {
    name: "conv3d",
    params: initConv(rng, { in: 1, out: 2, kernel: [2, 2, 2], bias: false }),
    inputs: { x: random(1, 1, 3, 3, 2) },
    run: (params, { x }) => conv3d(params, x),
  },
  {
    name: "convTranspose1d: stride, padding, outputPadding",
    params: initConvTranspose(rng, { in: 2, out: 3, kernel: [3] }),
    inputs: { x: random(2, 2, 3) },
    run: (params, { x }) => convTranspose1d(params, x, { stride: 2, padding: 1, outputPadding: 1 }),
  },
  {
    name: "convTranspose2d: groups, dilation",
    params: initConvTranspose(rng, { in: 4, out: 2, kernel: [2, 2], groups: 2 }),
    inputs: { x: random(1, 4, 2, 3) },
    run: (params, { x }) => convTranspose2d(params, x, { stride: [2, 1], dilation: [1, 2], groups: 2 }),
  },
  {
    name: "convTranspose3d",
    params: initConvTranspose(rng, { in: 2, out: 1, kernel: [2, 1, 2] }),
    inputs: { x: random(1, 2, 2, 2, 2) },
    run: (params, { x }) => convTranspose3d(params, x, { stride: 2 }),
  },
];

/**
 * A case as a program: from its float leaves and its other leaves (both by name) to a scalar mix of the output.
 * Owns its arguments, so it can be differentiated and compiled as it is.
 */
export function scalarProgram({ params, inputs, run }: LayerCase) {
  const values = { params, inputs };
  const leaves = [...namedLeaves<Tensor>(values)];
  return {
    floats: Object.fromEntries(leaves.filter(([, leaf]) => leaf.dtype === "float32")),
    others: Object.fromEntries(leaves.filter(([, leaf]) => leaf.dtype !== "float32")),
    fn: (floats: Record<string, np.Array>, others: Record<string, np.Array>): np.Array => {
      const arrays = mapTree(values, (_leaf, name) => floats[name] ?? others[name]);
      const y: np.Array = run(arrays.params, arrays.inputs);
      tree.dispose(arrays.params);
      return mixToScalar(y);
    },
  };
}

/** Each element times a number of its own, summed: a scalar in whose gradient no error can hide. */
function mixToScalar(array: np.Array): np.Array {
  const weights = Float64Array.from({ length: array.size }, (_, i) => Math.sin(1 + 2.3 * i));
  return array.mul(np.array(weights, { shape: array.shape, dtype: np.float64 }).astype(array.dtype)).sum();
}
