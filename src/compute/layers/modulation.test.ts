import { expect, suite, test } from "vitest";
import { Random } from "../../core/random.ts";
import { array64, onInterpreter, toFloat64 } from "./float64.fixtures.ts";
import { gated, initModulation, modulate, modulation } from "./modulation.ts";

suite("modulation", () => {
  test("cuts the projection of silu(condition) into parts", () =>
    onInterpreter(() => {
      const silu2 = 2 / (1 + Math.exp(-2));
      const [shift, scale] = modulation({ weight: array64([[1], [2], [3], [4]]) }, array64([[2]]), 2);
      expect(shift!).toBeAllclose([[silu2, 2 * silu2]]);
      expect(scale!).toBeAllclose([[3 * silu2, 4 * silu2]]);
    }));

  test("each sequence has its own scale, shift and gate", () =>
    onInterpreter(() => {
      const x = () =>
        array64([
          [[1], [2]],
          [[3], [4]],
        ]); // [batch 2, seq 2, dim 1]
      expect(modulate(x(), array64([[10], [20]]), array64([[0], [1]]))).toBeAllclose([
        [[11], [12]],
        [[26], [28]],
      ]);
      expect(gated(x(), x(), array64([[0], [2]]))).toBeAllclose([
        [[1], [2]],
        [[9], [12]],
      ]);
    }));

  test("adaLN-Zero: a fresh block is the identity", () =>
    onInterpreter(() => {
      const params = toFloat64(initModulation(new Random(1), { condition: 3, dim: 1, parts: 3 }));
      const [shift, scale, gate] = modulation(params, array64([[1, 2, 3]]), 3);
      const x = array64([[[5], [6]]]);
      expect(gated(x.ref, modulate(x, shift!, scale!), gate!)).toBeAllclose([[[5], [6]]]);
    }));

  test("names what it wanted", () =>
    onInterpreter(() => {
      const params = { weight: array64([[1], [2], [3], [4]]) };
      expect(() => modulation(params, array64([[1]]), 3)).toThrow("3 parts do not divide the width 4");
      expect(() => gated(array64([[[1]]]), array64([[[1]]]), array64([1]))).toThrow("[batch = 1, dim = 1], got [1]");
    }));
});
