/**
 * Linear map of the last axis: y = x Wᵀ + b.
 * The weight is [out, in] as in PyTorch; `np.dot` would contract its first axis, `tensordot` contracts the last axes
 * of both, which lowers to one MatMul.
 */
import { lax, type numpy as np } from "@jax-js/jax";
import type { Random } from "../../core/random.ts";
import { expectAxes, expectLastAxes } from "../axes.ts";
import { fanInUniform, type Initializer, zeros } from "../init.ts";
import type { Outside } from "../tensor.ts";

export type LinearParams = {
  weight: np.Array; // [out, in]
  bias?: np.Array; // [out]
};

/**
 * @param params borrowed
 * @param x consumed; [..., in]
 * @returns [..., out]
 */
export function linear({ weight, bias }: LinearParams, x: np.Array): np.Array {
  const [, inputs] = expectAxes("linear: weight", weight, ["out", "in"]);
  const [batch] = expectLastAxes("linear: x", x, [["in", inputs]]);
  const y = lax.dot(x, weight.ref, { lhsContractingDims: [batch.length], rhsContractingDims: [1] });
  return bias ? y.add(bias.ref) : y;
}

export interface LinearInit {
  in: number;
  out: number;
  /** Default true, as in PyTorch; most language models have none. */
  bias?: boolean;
  /** Of the weight; default PyTorch's, uniform in ±1/sqrt(in). The bias is then drawn alike, else zero. */
  init?: Initializer;
}

/** Weight [out, in] and, unless `bias` is false, bias [out]. */
export function initLinear(rng: Random, options: LinearInit): Outside<LinearParams> {
  const { in: inputs, out, bias = true, init } = options;
  const weight = (init ?? fanInUniform(inputs))(rng.split("weight"), [out, inputs]);
  if (!bias) return { weight };
  return { weight, bias: (init ? zeros : fanInUniform(inputs))(rng.split("bias"), [out]) };
}
