import { expect, suite, test } from "vitest";
import { array64, onInterpreter } from "./float64.fixtures.ts";
import { geluMlp, swiglu } from "./mlp.ts";

suite("mlp", () => {
  test("swiglu: one hidden unit by hand", () =>
    onInterpreter(() => {
      const weight = (rows: number[][]) => ({ weight: array64(rows) });
      const params = { gate_proj: weight([[1, 0]]), up_proj: weight([[0, 2]]), down_proj: weight([[1], [-1]]) };
      const hidden = (3 / (1 + Math.exp(-3))) * (2 * 5); // silu(3) * 10
      expect(swiglu(params, array64([[3, 5]]))).toBeAllclose([[hidden, -hidden]]);
    }));

  test("geluMlp: the hidden unit passes through GELU", () =>
    onInterpreter(() => {
      const params = {
        fc1: { weight: array64([[1, 1]]), bias: array64([-1]) },
        fc2: { weight: array64([[2]]), bias: array64([0.5]) },
      };
      expect(geluMlp(params, array64([1, 2]))).toBeAllclose([2 * 1.95449973610364 + 0.5]);
    }));
});
