/** Rotary position embedding over a grid: x · cos + turned(x) · sin, where turned maps each pair (a, b) to (-b, a). */
import { type DType, lax, numpy as np } from "@jax-js/jax";
import { expectAxes } from "../../compute/axes.ts";
import { ropeTables2d } from "./position-tables.ts";

/** Worth making once and sharing by all blocks. `cos` and `sin` are [1, tokens, 1, headDim]. */
export type RopeTables2d = {
  cos: np.Array;
  sin: np.Array;
  /** [headDim, headDim]: x · turn is turned(x). A small product is faster than cutting pairs apart, forwards and back. */
  turn: np.Array;
};

export function ropeArrays2d(side: number, headDim: number, dtype: DType = np.float32): RopeTables2d {
  const { cos, sin } = ropeTables2d(side, headDim);
  const turn = new Float32Array(headDim * headDim);
  for (let i = 0; i < headDim; i += 2) {
    turn[(i + 1) * headDim + i] = -1; // the first of a pair becomes minus the second
    turn[i * headDim + i + 1] = 1;
  }
  const shape = [1, side * side, 1, headDim];
  const table = (values: Float32Array<ArrayBuffer>, dims: number[]) => np.array(values, { shape: dims }).astype(dtype);
  return { cos: table(cos, shape), sin: table(sin, shape), turn: table(turn, [headDim, headDim]) };
}

/**
 * @param x consumed; [batch, tokens, heads, headDim]
 * @param tables borrowed
 */
export function applyRope2d(x: np.Array, { cos, sin, turn }: RopeTables2d): np.Array {
  expectAxes("applyRope2d: x", x, ["batch", ["tokens", cos.shape[1]!], "heads", ["headDim", cos.shape[3]!]]);
  const turned = lax.dot(x.ref, turn.ref, { lhsContractingDims: [3], rhsContractingDims: [0] });
  return x.mul(cos.ref).add(turned.mul(sin.ref));
}
