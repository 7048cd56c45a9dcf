/** What holds for every layer: right gradients, clean ownership, and the same numbers compiled as interpreted. */
import { tree, valueAndGrad } from "@jax-js/jax";
import { expect, suite, test } from "vitest";
import { compile } from "../compile.ts";
import { gradientErrors, onInterpreter, toFloat64 } from "./float64.fixtures.ts";
import { layerCases, scalarProgram } from "./layers.fixtures.ts";

suite.each(layerCases)("$name", (layer) => {
  const { fn, floats, others } = scalarProgram(layer);

  test("gradients agree with finite differences", () => {
    const errors = onInterpreter(() => gradientErrors(fn, floats, others));
    // Smooth functions reach 1e-9; jax-js computes erf, and so the exact GELU, to 1e-7 only.
    for (const [name, error] of Object.entries(errors)) expect(error, name).toBeLessThan(3e-6);
  });

  test("consumes its inputs and borrows its parameters", () => {
    onInterpreter(() => {
      const [params, inputs] = [toFloat64(layer.params), toFloat64(layer.inputs)];
      layer.run(params, inputs).dispose();
      for (const param of tree.leaves<any>(params)) expect(param.refCount).toBe(1);
      for (const input of tree.leaves<any>(inputs)) expect(input.refCount).toBe(0);
      tree.dispose(params);
    });
  });

  test("compiled in float32 gives the same value and gradients", async () => {
    const [value, gradients] = onInterpreter(() => valueAndGrad(fn)(toFloat64(floats), toFloat64(others)));
    const compiled = compile(valueAndGrad(fn) as any, { name: layer.name });
    const [value32, gradients32] = (await compiled(floats, others)) as any;
    compiled.dispose();
    expect(await value32.item()).toBeCloseTo(value.item(), 4);
    for (const [name, gradient] of Object.entries(gradients)) {
      const [exact, found] = [gradient.dataSync(), await gradients32[name].data()];
      const scale = Math.max(1, ...exact.map(Math.abs));
      const differences = Array.from(exact, (number, i) => Math.abs(found[i] - number) / scale);
      expect(Math.max(...differences), name).toBeLessThan(2e-5);
    }
  });
});
