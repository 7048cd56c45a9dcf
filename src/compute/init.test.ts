import { expect, suite, test } from "vitest";
import { Random } from "../core/random.ts";
import { normal, truncatedNormal, uniform, xavierUniform } from "./init.ts";

const draw = (init: typeof xavierUniform, shape: number[]) => init(new Random(3), shape).host as Float32Array;
const std = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

suite("init", () => {
  test("normal has the standard deviation asked for", () => {
    expect(std(draw(normal(0.02), [100, 100]))).toBeCloseTo(0.02, 3);
  });

  test("truncatedNormal stays within two standard deviations", () => {
    const values = draw(truncatedNormal(0.5), [100, 100]);
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(1);
    expect(std(values)).toBeCloseTo(0.5 * 0.8796, 2); // of a normal cut at two
  });

  test("uniform and Glorot bounds", () => {
    expect(std(draw(uniform(3), [100, 100]))).toBeCloseTo(3 / Math.sqrt(3), 1);
    expect(Math.max(...draw(xavierUniform, [50, 25, 2]).map(Math.abs))).toBeCloseTo(Math.sqrt(6 / 100), 2);
  });

  test("depends on the seed alone", () => {
    expect(draw(normal(1), [10])).toEqual(draw(normal(1), [10]));
    expect(normal(1)(new Random(4), [10]).host).not.toEqual(draw(normal(1), [10]));
  });
});
