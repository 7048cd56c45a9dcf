/**
 * Random programs, small and odd, mean the same lowered to ONNX as computed op by op: what a table of chosen cases
 * does not think of, such as a pad of a flip of a broadcast of a transpose.
 */
import { type Array as JaxArray, numpy as np } from "@jax-js/jax";
import fc from "fast-check";
import { suite, test } from "vitest";
import { expectEqual, reference, runOn } from "./executors.suite.fixtures.ts";
import { normal } from "./programs.fixtures.ts";

/** A step takes values made before it and adds one; numbers that do not fit are brought into range. */
type Step = { op: keyof typeof operations; left: number; right: number; detail: number };

const squash = (x: JaxArray) => np.tanh(x); // keeps numbers near 1, where float32 compares well
const scalar = (x: JaxArray) => np.mean(x);

/** Whatever has the right rank goes as it is; else its mean broadcasts. */
function broadcastable(x: JaxArray, y: JaxArray): JaxArray {
  const rank = Math.min(x.ndim, y.ndim);
  const fits = Array.from({ length: rank }, (_, i) => [x.shape.at(-1 - i)!, y.shape.at(-1 - i)!] as const);
  return fits.every(([a, b]) => a === b || a === 1 || b === 1) ? y : scalar(y);
}

const axisOf = (x: JaxArray, detail: number) => (x.ndim === 0 ? 0 : detail % x.ndim);
const rotate = (x: JaxArray, detail: number) => {
  const axes = Array.from({ length: x.ndim }, (_, i) => i);
  return axes.map((_, i) => axes[(i + detail) % axes.length]!);
};

const operations = {
  add: (x: JaxArray, y: JaxArray) => x.ref.add(broadcastable(x, y)),
  subtract: (x: JaxArray, y: JaxArray) => x.ref.sub(broadcastable(x, y)),
  multiply: (x: JaxArray, y: JaxArray) => x.ref.mul(broadcastable(x, y)),
  divide: (x: JaxArray, y: JaxArray) => x.ref.div(np.square(broadcastable(x, y)).add(1)),
  scale: (x: JaxArray, _: JaxArray, detail: number) => x.mul((detail - 3) / 4),
  shift: (x: JaxArray, _: JaxArray, detail: number) => x.add(detail - 3).neg(),
  maximum: (x: JaxArray, y: JaxArray) => np.maximum(x.ref, broadcastable(x, y)),
  where: (x: JaxArray, y: JaxArray) => np.where(np.less(x.ref, 0), x.ref.mul(2), broadcastable(x, y)),
  squash: (x: JaxArray) => squash(x),
  sine: (x: JaxArray) => np.sin(x),
  transpose: (x: JaxArray, _: JaxArray, detail: number) => x.transpose(rotate(x, detail)),
  flatten: (x: JaxArray) => x.reshape([x.size]),
  split: (x: JaxArray) =>
    x.ndim > 0 && x.shape[0]! % 2 === 0 ? x.reshape([2, x.shape[0]! / 2, ...x.shape.slice(1)]) : x,
  expand: (x: JaxArray, _: JaxArray, detail: number) => np.expandDims(x, detail % (x.ndim + 1)),
  broadcast: (x: JaxArray, _: JaxArray, detail: number) =>
    x.size > 200 ? x : np.broadcastTo(x, [1 + (detail % 3), ...x.shape]),
  sum: (x: JaxArray, _: JaxArray, detail: number) => (x.ndim === 0 ? x : np.sum(x, axisOf(x, detail)).mul(0.3)),
  largest: (x: JaxArray, _: JaxArray, detail: number) =>
    x.ndim === 0 ? x : np.max(x, axisOf(x, detail), { keepdims: true }),
  flip: (x: JaxArray, _: JaxArray, detail: number) => (x.ndim === 0 ? x : np.flip(x, axisOf(x, detail))),
  pad: (x: JaxArray, _: JaxArray, detail: number) =>
    x.size > 200 ? x : np.pad(x, x.shape.map((__, axis) => [axis === axisOf(x, detail) ? 2 : 0, 1]) as any),
  cut: (x: JaxArray, _: JaxArray, detail: number) =>
    x.ndim > 0 && x.shape[0]! > 1 ? x.slice([detail % 2, x.shape[0]!]) : x,
  join: (x: JaxArray, y: JaxArray) => np.concatenate([x.ref.reshape([x.size]), y.reshape([y.size])]).mul(1),
  product: (x: JaxArray, y: JaxArray) =>
    x.ndim > 0 && y.ndim > 0 && x.shape.at(-1) === y.shape.at(-1) && x.size * y.size < 20_000
      ? np.tensordot(x, y, [[x.ndim - 1], [y.ndim - 1]] as any)
      : np.outer(x.reshape([x.size]), scalar(y).reshape([1])),
};

function build(steps: readonly Step[]): (...inputs: JaxArray[]) => JaxArray[] {
  return (...inputs) => {
    const values = [...inputs];
    for (const { op, left, right, detail } of steps) {
      const x = values[left % values.length]!;
      const y = values[right % values.length]!;
      const operate = operations[op] as (x: JaxArray, y: JaxArray, detail: number) => JaxArray;
      const [before, beforeY] = [x.ref, y.ref];
      values.push(operate(before, beforeY, detail));
    }
    return values.slice(-3).map(squash);
  };
}

const step: fc.Arbitrary<Step> = fc.record({
  op: fc.constantFrom(...(Object.keys(operations) as Step["op"][])),
  left: fc.nat(30),
  right: fc.nat(30),
  detail: fc.nat(7),
});
const dims = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 });

suite("random programs", () => {
  test("mean the same on the native executor", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), dims, dims, async (steps, a, b) => {
        const inputs = [normal(a, 1), normal(b, 2)];
        const program = build(steps);
        await expectEqual(await runOn("native", program, inputs), await reference(program, inputs), 1e-4);
      }),
      { seed: 20241, numRuns: 150 },
    );
  });
});
