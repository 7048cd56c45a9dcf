/**
 * Adaptive layer norm: shift, scale and gate computed from a condition (timestep, class, text).
 * Source: Peebles and Xie 2023, "Scalable Diffusion Models with Transformers", section 3.2, adaLN-Zero: the projection
 * starts at zero, so every block starts as the identity. In DiT checkpoints it is named "adaLN_modulation.1".
 */
import { numpy as np } from "@jax-js/jax";
import { ConfigError } from "../../core/errors.ts";
import type { Random } from "../../core/random.ts";
import { expectAxes } from "../axes.ts";
import { zeros } from "../init.ts";
import type { Outside } from "../tensor.ts";
import { silu } from "./activations.ts";
import { initLinear, type LinearParams, linear } from "./linear.ts";

/**
 * linear(silu(condition)), cut into `parts` vectors. A DiT block has six: shift, scale and gate of the attention, then
 * of the MLP; a final layer has two: shift and scale.
 * @param params borrowed; weight [parts * dim, conditionDim]
 * @param condition consumed; [batch, conditionDim]
 * @returns each [batch, dim]
 */
export function modulation(params: LinearParams, condition: np.Array, parts: number): np.Array[] {
  expectAxes("modulation: condition", condition, ["batch", ["condition", params.weight.shape[1]!]]);
  const width = params.weight.shape[0]!;
  if (width % parts !== 0) throw new ConfigError(`modulation: ${parts} parts do not divide the width ${width}`);
  return np.split(linear(params, silu(condition)), parts, -1);
}

/**
 * x · (1 + scale) + shift, the same for all tokens of one sequence.
 * @param x consumed; [batch, seq, dim], normalised
 * @param shift consumed; [batch, dim]
 * @param scale consumed; [batch, dim]
 */
export function modulate(x: np.Array, shift: np.Array, scale: np.Array): np.Array {
  const [batch, , dim] = expectAxes("modulate: x", x, ["batch", "seq", "dim"]);
  expectAxes("modulate: shift", shift, [
    ["batch", batch],
    ["dim", dim],
  ]);
  expectAxes("modulate: scale", scale, [
    ["batch", batch],
    ["dim", dim],
  ]);
  const perToken = [batch, 1, dim];
  return x.mul(scale.add(1).reshape(perToken)).add(shift.reshape(perToken));
}

/**
 * residual + gate · branch.
 * @param residual consumed; [batch, seq, dim]
 * @param branch consumed; [batch, seq, dim]
 * @param gate consumed; [batch, dim]
 */
export function gated(residual: np.Array, branch: np.Array, gate: np.Array): np.Array {
  const [batch, , dim] = expectAxes("gated: branch", branch, ["batch", "seq", "dim"]);
  expectAxes("gated: gate", gate, [
    ["batch", batch],
    ["dim", dim],
  ]);
  return residual.add(branch.mul(gate.reshape([batch, 1, dim])));
}

/** All zeros: shift 0, scale 0 and gate 0 at the start. */
export function initModulation(
  rng: Random,
  { condition, dim, parts }: { condition: number; dim: number; parts: number },
): Outside<LinearParams> {
  return initLinear(rng, { in: condition, out: parts * dim, init: zeros });
}
