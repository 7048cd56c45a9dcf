/** Test help: layers in double precision on jax-js's own interpreter, where finite differences are good to 1e-9. */
import { defaultDevice, grad, numpy as np } from "@jax-js/jax";
import { Random } from "../../core/random.ts";
import type { Tensor } from "../tensor.ts";
import { mapTree } from "../tree.ts";

/** Runs `fn` with jax-js's "cpu" interpreter as the default device: slow, but float64 throughout. */
export function onInterpreter<T>(fn: () => T): T {
  const before = defaultDevice();
  defaultDevice("cpu");
  try {
    return fn();
  } finally {
    defaultDevice(before);
  }
}

/** A tree of host Tensors as arrays: floats become float64, the rest keeps its type. */
export function toFloat64<T = any>(values: unknown): T {
  return mapTree(values, ({ host, shape, dtype }: Tensor) => {
    if (dtype === "float32") return np.array(Float64Array.from(host!), { shape: [...shape], dtype: np.float64 });
    if (dtype === "bool") return np.array(Int32Array.from(host!), { shape: [...shape] }).astype(np.bool);
    return np.array(host as Int32Array<ArrayBuffer>, { shape: [...shape] });
  });
}

/** `rows` (nested lists, any depth) as a float64 array on the current device. */
export function array64(rows: any): np.Array {
  const shape: number[] = [];
  for (let level = rows; Array.isArray(level); level = level[0]) shape.push(level.length);
  return np.array(Float64Array.from(shape.length ? rows.flat(Infinity) : [rows]), { shape, dtype: np.float64 });
}

/** Nested lists of standard normal numbers, the same for the same seed. */
export function randomRows(seed: string, ...shape: number[]): any {
  const rng = new Random(seed);
  const draw = ([size, ...rest]: number[]): any =>
    size === undefined ? rng.normal() : Array.from({ length: size }, () => draw(rest));
  return draw(shape);
}

/**
 * Compares the gradient of a scalar function with central differences along random directions.
 * @param fn consumes its arguments
 * @returns the largest relative difference for each float leaf
 */
export function gradientErrors(
  fn: (floats: Record<string, np.Array>, others: Record<string, np.Array>) => np.Array,
  floats: Record<string, Tensor>,
  others: Record<string, Tensor>,
): Record<string, number> {
  const epsilon = 1e-5;
  const rng = new Random("directions");
  const gradients = grad(fn)(toFloat64(floats), toFloat64(others)) as Record<string, np.Array>;
  return mapTree(floats, (leaf: Tensor, name) => {
    const gradient = gradients[name]!.dataSync();
    const along = (step: number, direction: Float64Array) => {
      const point = Float64Array.from(leaf.host!, (value, i) => value + step * direction[i]!);
      const moved = np.array(point, { shape: [...leaf.shape], dtype: np.float64 });
      const { [name]: _still, ...rest } = floats;
      return fn({ ...toFloat64(rest), [name]: moved }, toFloat64(others)).item();
    };
    let largest = 0;
    for (let trial = 0; trial < 3; trial++) {
      const direction = Float64Array.from(leaf.host!, () => rng.normal());
      const expected = (along(epsilon, direction) - along(-epsilon, direction)) / (2 * epsilon);
      const found = direction.reduce((sum, d, i) => sum + d * gradient[i]!, 0);
      largest = Math.max(largest, Math.abs(found - expected) / Math.max(1, Math.abs(expected)));
    }
    return largest;
  });
}
