import { numpy as np } from "@jax-js/jax";
import { expect, suite, test } from "vitest";
import { crossEntropy } from "./cross-entropy.ts";
import { array64, onInterpreter } from "./float64.fixtures.ts";

const targets = (...values: number[]) => np.array(values, { dtype: np.int32 });

suite("crossEntropy", () => {
  test("uniform logits cost log(vocab) nats", () =>
    onInterpreter(() => {
      expect(
        crossEntropy(
          array64([
            [0, 0, 0, 0],
            [7, 7, 7, 7],
          ]),
          targets(1, 3),
        ),
      ).toBeAllclose(Math.log(4));
    }));

  test("is minus the target's log-probability, and does not overflow", () =>
    onInterpreter(() => {
      const expected = Math.log(Math.exp(1) + Math.exp(2)) - 1;
      expect(crossEntropy(array64([[1, 2]]), targets(0))).toBeAllclose(expected);
      expect(crossEntropy(array64([[1001, 1002]]), targets(0))).toBeAllclose(expected);
    }));

  test("weights leave tokens out of the mean", () =>
    onInterpreter(() => {
      const logits = () =>
        array64([
          [0, 0],
          [9, -9],
          [0, 0],
        ]);
      expect(crossEntropy(logits(), targets(0, 1, 1), array64([1, 0, 3]))).toBeAllclose(Math.log(2));
    }));

  test("names the axes it wanted", () =>
    onInterpreter(() => {
      expect(() => crossEntropy(array64([[[1]]]), targets(0))).toThrow("expected [tokens, vocab], got [1, 1, 1]");
    }));
});
