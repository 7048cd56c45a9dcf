import { expect, suite, test } from "vitest";
import { Random } from "../../core/random.ts";
import { array64, onInterpreter } from "./float64.fixtures.ts";
import { initLinear, linear } from "./linear.ts";

const params = () => ({
  weight: array64([
    [1, 2],
    [3, 4],
    [5, 6],
  ]),
  bias: array64([10, 20, 30]),
});

suite("linear", () => {
  test("multiplies by the transposed weight and adds the bias", () =>
    onInterpreter(() => {
      expect(linear(params(), array64([1, -1]))).toBeAllclose([9, 19, 29]);
      expect(linear({ weight: params().weight }, array64([[[1, 0]], [[0, 1]]]))).toBeAllclose([
        [[1, 3, 5]],
        [[2, 4, 6]],
      ]);
    }));

  test("names the axes it wanted, and consumes nothing then", () =>
    onInterpreter(() => {
      const x = array64([[1, 2, 3]]);
      expect(() => linear(params(), x)).toThrow("linear: x: expected [..., in = 2], got [1, 3]");
      expect(x.refCount).toBe(1);
    }));

  test("starts as in PyTorch: uniform in ±1/sqrt(in), the same for the same seed", () => {
    const { weight, bias } = initLinear(new Random(1), { in: 16, out: 1000 });
    expect([weight.shape, bias!.shape]).toEqual([[1000, 16], [1000]]);
    const values = weight.host as Float32Array;
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.25);
    const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(variance).toBeCloseTo(0.25 ** 2 / 3, 3);
    expect(initLinear(new Random(1), { in: 16, out: 1000 }).weight.host).toEqual(values);
  });
});
