/** Exponential moving average of parameters: a smoother model to evaluate and ship (Polyak and Juditsky 1992). */
import type { numpy as np } from "@jax-js/jax";
import { mapTree, namedLeaves } from "../tree.ts";
import type { ArrayTree } from "./optimizer.ts";

/**
 * average ← decay · average + (1 - decay) · params
 * @param average consumed
 * @param params borrowed
 */
export function updateEma<T extends ArrayTree>(average: T, params: T, decay: number): T {
  const latest = namedLeaves<np.Array>(params);
  return mapTree(average, (mean: np.Array, name) => mean.mul(decay).add(latest.get(name)!.ref.mul(1 - decay))) as T;
}
