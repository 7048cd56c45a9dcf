/**
 * Loaded before every test file: all cores for jax-js on WebAssembly, and the matcher `toBeAllclose`.
 *
 * `expect(actual).toBeAllclose(expected, { rtol, atol })` compares numbers however they are kept: nested arrays, typed
 * arrays, jax-js arrays (borrowed) and Tensors. A Tensor whose bytes are on a device has to be awaited:
 * `await expect(tensor).toBeAllclose(...)`. Equal means |actual - expected| <= atol + rtol * |expected|, as in NumPy;
 * NaN equals NaN. Shapes must agree where both sides have one.
 */
import "../src/compute/executors/worker-shim.ts"; // before jax-js
import { Array as JaxArray } from "@jax-js/jax";
import { expect } from "vitest";
import { Tensor } from "../src/compute/tensor.ts";

export interface Tolerance {
  /** Relative to each expected number; default 1e-5. */
  rtol?: number;
  /** Default 1e-6. */
  atol?: number;
}

type Nested = number | boolean | readonly Nested[];
export type Numbers = Nested | ArrayLike<number> | JaxArray | Tensor;

declare module "vitest" {
  // The type parameters must repeat vitest's own.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    toBeAllclose(expected: Numbers, tolerance?: Tolerance): T extends Tensor ? Promise<void> : R;
  }
}

/** Numbers in row-major order, and their shape unless they are a plain typed array. */
interface Flat {
  values: ArrayLike<number>;
  shape?: readonly number[];
}

function flatten(numbers: Numbers): Flat | Promise<Flat> {
  if (numbers instanceof Tensor) {
    const { shape, host } = numbers;
    return host ? { values: host, shape } : numbers.data().then((values) => ({ values, shape }));
  }
  if (numbers instanceof JaxArray) return { values: numbers.ref.dataSync() as ArrayLike<number>, shape: numbers.shape };
  if (ArrayBuffer.isView(numbers)) return { values: numbers as unknown as ArrayLike<number> };
  const shape: number[] = [];
  for (let level: unknown = numbers; Array.isArray(level); level = level[0]) shape.push(level.length);
  return { values: ([numbers] as any[]).flat(Infinity).map(Number), shape };
}

function compare(actual: Flat, expected: Flat, { rtol = 1e-5, atol = 1e-6 }: Tolerance) {
  if (actual.shape && expected.shape && String(actual.shape) !== String(expected.shape)) {
    return { pass: false, message: () => `expected shape [${expected.shape}], got [${actual.shape}]` };
  }
  if (actual.values.length !== expected.values.length) {
    return { pass: false, message: () => `expected ${expected.values.length} values, got ${actual.values.length}` };
  }
  const wrong = Array.from(expected.values, (value, index) => ({
    index,
    value,
    got: Number(actual.values[index]),
  })).filter(
    ({ value, got }) =>
      !Object.is(value, got) && value !== got && !(Math.abs(got - value) <= atol + rtol * Math.abs(value)),
  );
  const worst = wrong.toSorted((a, b) => Math.abs(b.got - b.value) - Math.abs(a.got - a.value))[0];
  return {
    pass: wrong.length === 0,
    message: () =>
      worst
        ? `${wrong.length} of ${expected.values.length} values differ by more than ${atol} + ${rtol} * |expected|; ` +
          `at [${indexTuple(worst.index, expected.shape ?? actual.shape)}] expected ${worst.value}, got ${worst.got}`
        : "expected values to differ, but they are all close",
  };
}

function indexTuple(index: number, shape: readonly number[] = []): number[] {
  const tuple: number[] = [];
  let rest = index;
  for (const dim of shape.toReversed()) {
    tuple.unshift(rest % dim);
    rest = Math.floor(rest / dim);
  }
  return tuple.length > 0 ? tuple : [index];
}

expect.extend({
  toBeAllclose(actual: Numbers, expected: Numbers, tolerance: Tolerance = {}) {
    const [a, b] = [flatten(actual), flatten(expected)];
    if (a instanceof Promise || b instanceof Promise) {
      return Promise.all([a, b]).then(([left, right]) => compare(left, right, tolerance));
    }
    return compare(a, b, tolerance);
  },
});
