import { grad, type numpy as np } from "@jax-js/jax";
import { expect, suite, test } from "vitest";
import { compile } from "../compile.ts";
import { Tensor } from "../tensor.ts";
import { gelu, silu } from "./activations.ts";
import { array64, onInterpreter } from "./float64.fixtures.ts";

const points = [-6, -1.5, -0.1, 0, 0.7, 3];

suite("activations", () => {
  test("silu is x times its sigmoid", () =>
    onInterpreter(() => expect(silu(array64(points))).toBeAllclose(points.map((x) => x / (1 + Math.exp(-x))))));

  test("tanh GELU is its formula", () =>
    onInterpreter(() => {
      const formula = (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
      expect(gelu(array64(points), "tanh")).toBeAllclose(points.map(formula));
    }));

  test("exact GELU: x times the normal distribution function", () =>
    onInterpreter(() => expect(gelu(array64([-1, 0, 2]))).toBeAllclose([-0.15865525393146, 0, 1.95449973610364])));

  test("gradients stay finite far out, where exp overflows float32", async () => {
    for (const activation of [silu, gelu, (x: np.Array) => gelu(x, "tanh")]) {
      const slope = compile((x: np.Array) => grad((x: np.Array) => activation(x).sum())(x) as np.Array);
      const slopes = await (await slope(Tensor.from([-1e4, -200, -90, 90, 1e4]))).data();
      expect([...slopes].map((value) => Math.round(Number(value)) + 0)).toEqual([0, 0, 0, 1, 1]);
      slope.dispose();
    }
  });
});
