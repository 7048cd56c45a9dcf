import { grad, numpy as np } from "@jax-js/jax";
import { expect, suite, test } from "vitest";
import { compile } from "../compile.ts";
import { Tensor } from "../tensor.ts";
import { embedding } from "./embedding.ts";
import { array64, onInterpreter } from "./float64.fixtures.ts";

const tokens = () =>
  np.array(
    [
      [2, 0],
      [2, 2],
    ],
    { dtype: np.int32 },
  );

suite("embedding", () => {
  test("reads one row for each token", () =>
    onInterpreter(() => {
      const weight = array64([
        [1, 2],
        [3, 4],
        [5, 6],
      ]);
      expect(embedding({ weight }, tokens())).toBeAllclose([
        [
          [5, 6],
          [1, 2],
        ],
        [
          [5, 6],
          [5, 6],
        ],
      ]);
    }));

  test("the gradient counts each use of a row and is zero for unused rows", () =>
    onInterpreter(() => {
      const uses = grad((weight: np.Array) => {
        const sum = embedding({ weight }, tokens()).sum();
        weight.dispose();
        return sum;
      })(
        array64([
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
      );
      expect(uses as np.Array).toBeAllclose([
        [1, 1],
        [0, 0],
        [3, 3],
      ]);
    }));

  // ONNX Runtime's ScatterND adds with several threads at once and loses additions to one row; ours must not.
  test.each([8, 1000])("compiled, the gradient of %i rows used 4096 times is exact and repeats", async (vocab) => {
    const [count, dim] = [4096, 32];
    const ids = Int32Array.from({ length: count }, (_, i) => (i * i * 7) % vocab);
    const uses = Float32Array.from({ length: count * dim }, (_, i) => (i * 37) % 11);
    const expected = new Float32Array(vocab * dim);
    for (const [i, use] of uses.entries()) expected[ids[Math.floor(i / dim)]! * dim + (i % dim)]! += use;
    const gradient = compile((weight: np.Array, tokens: np.Array, uses: np.Array) => {
      const mixed = (weight: np.Array) => {
        const sum = embedding({ weight }, tokens).mul(uses).sum();
        weight.dispose();
        return sum;
      };
      return grad(mixed)(weight) as np.Array;
    });
    const weight = Tensor.from(new Float32Array(vocab * dim), [vocab, dim]);
    for (let repeat = 0; repeat < 5; repeat++)
      expect(await (await gradient(weight, Tensor.from(ids), Tensor.from(uses, [count, dim]))).data()).toEqual(
        expected,
      );
    gradient.dispose();
  });

  test("refuses tokens that are no integers", () =>
    onInterpreter(() => {
      expect(() => embedding({ weight: array64([[1]]) }, array64([0]))).toThrow("expected int32, got float64");
    }));
});
