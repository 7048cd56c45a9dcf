/** The vision-foundation loss against an independent float64 computation in loops, and its gradients. */
import type { numpy as np } from "@jax-js/jax";
import { expect, suite, test } from "vitest";
import { array64, gradientErrors, onInterpreter, randomRows } from "../../../compute/layers/float64.fixtures.ts";
import { Tensor } from "../../../compute/tensor.ts";
import { Random } from "../../../core/random.ts";
import { initVfProjection, type Projection, unitVectors, vfLoss } from "./vf-loss.ts";

const [batch, d, featureDim, side] = [2, 3, 5, 3];
const z: number[][][][] = randomRows("z", batch, d, side, side);
const features: number[][][][] = randomRows("f", batch, featureDim, side, side);
const up: number[][] = randomRows("up", featureDim, d);
const down: number[][] = randomRows("down", d, featureDim);
const bias: number[] = randomRows("bias", d);

const kernel = (rows: number[][], shift?: number[]) => ({
  weight: array64(rows.map((row) => row.map((value) => [[value]]))),
  ...(shift && { bias: array64(shift) }),
});
const scalar = (value: number): np.Array => array64(value);
const margins = (cos: number, distmat: number) => ({ cos: scalar(cos), distmat: scalar(distmat) });

/** Vectors of all places of one image. */
const places = (grid: number[][][]) =>
  Array.from({ length: side * side }, (_, p) => grid.map((plane) => plane[Math.floor(p / side)]![p % side]!));
const project = (rows: number[][], vector: number[], shift: number[] = []) =>
  rows.map((row, o) => row.reduce((sum, value, i) => sum + value * vector[i]!, shift[o] ?? 0));
const cosine = (a: number[], b: number[]) => {
  const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};
function reference(direction: Projection, m1: number, m2: number) {
  let [mcos, mdms] = [0, 0];
  for (let image = 0; image < batch; image++) {
    const [latents, targets] = [places(z[image]!), places(features[image]!)];
    const a = direction === "reverse" ? latents.map((vector) => project(up, vector)) : latents;
    const b = direction === "reverse" ? targets : targets.map((vector) => project(down, vector, bias));
    for (const [i, vector] of a.entries()) {
      mcos += Math.max(0, 1 - m1 - cosine(vector, b[i]!)) / (batch * a.length);
      for (const [j, other] of a.entries())
        mdms += Math.max(0, Math.abs(cosine(vector, other) - cosine(b[i]!, b[j]!)) - m2) / (batch * a.length ** 2);
    }
  }
  return { mcos, mdms };
}
const ours = (direction: Projection, m1: number, m2: number) => {
  const projection = direction === "reverse" ? kernel(up) : kernel(down, bias);
  const { mcos, mdms } = vfLoss(projection, array64(z), array64(features), { direction, margins: margins(m1, m2) });
  return { mcos: mcos.item() as number, mdms: mdms.item() as number };
};

suite("vfLoss", () => {
  test.each<[Projection, number, number]>([
    ["reverse", 0, 0],
    ["reverse", 0.5, 0.25],
    ["forward", 0, 0],
    ["forward", 0.3, 0.1],
  ])("%s, margins %d and %d", (direction, m1, m2) =>
    onInterpreter(() => {
      const [found, expected] = [ours(direction, m1, m2), reference(direction, m1, m2)];
      expect(Math.abs(found.mcos - expected.mcos)).toBeLessThan(1e-6);
      expect(Math.abs(found.mdms - expected.mdms)).toBeLessThan(1e-6);
      expect(found.mcos).toBeGreaterThan(0);
      expect(found.mdms).toBeGreaterThan(0);
    }),
  );

  test("features as latents: no distance without margins, and the cosine is 1", () =>
    onInterpreter(() => {
      const identity = kernel([0, 1, 2, 3, 4].map((i) => [0, 1, 2, 3, 4].map((j) => Number(i === j))));
      const same = array64(features);
      const terms = vfLoss(identity, same.ref, same, { direction: "reverse", margins: margins(0, 0) });
      expect(terms.mdms.item()).toBeCloseTo(0, 12);
      expect(terms.mcos.item()).toBeCloseTo(0, 12);
    }));

  test("margins wide enough leave nothing to learn", () =>
    onInterpreter(() => expect(ours("reverse", 2, 2)).toEqual({ mcos: 0, mdms: 0 })));

  test.each<Projection>(["reverse", "forward"])(
    "%s: gradients at latents and projection agree with finite differences",
    (direction) =>
      onInterpreter(() => {
        const tensor = (rows: any, shape: number[]) => Tensor.from(rows.flat(Infinity), shape);
        const floats = {
          z: tensor(z, [batch, d, side, side]),
          weight: direction === "reverse" ? tensor(up, [featureDim, d, 1, 1]) : tensor(down, [d, featureDim, 1, 1]),
          ...(direction === "forward" && { bias: tensor(bias, [d]) }),
        };
        const others = { features: tensor(features, [batch, featureDim, side, side]) };
        const loss = (inside: Record<string, np.Array>, outside: Record<string, np.Array>) => {
          const projection = { weight: inside.weight!, ...(inside.bias && { bias: inside.bias }) };
          const { mcos, mdms } = vfLoss(projection, inside.z!, outside.features!, {
            direction,
            margins: margins(0.1, 0.05),
          });
          return mcos.add(mdms);
        };
        for (const [name, error] of Object.entries(gradientErrors(loss, floats, others)))
          expect(error, name).toBeLessThan(1e-4);
      }),
  );

  test("names both grids", () =>
    onInterpreter(() => {
      const other = array64(randomRows("g", batch, featureDim, 2, 2));
      const call = () => vfLoss(kernel(up), array64(z), other, { direction: "reverse", margins: margins(0, 0) });
      expect(call).toThrow("the latent grid is [3,3], the feature grid [2,2]");
    }));
});

test("unitVectors: a zero vector stays zero", () =>
  onInterpreter(() => {
    const x = array64([[[[3, 0]], [[4, 0]]]]); // one image, two channels, two places
    expect(unitVectors(x)).toBeAllclose([[[0.6, 0], [0.8, 0]]]); // biome-ignore format: vectors as columns
  }));

test("the projection has a bias only down to the latents", () => {
  const sizes = { latentDim: 4, featureDim: 6 };
  const up = initVfProjection(new Random(1), { ...sizes, direction: "reverse" });
  expect([up.weight.shape, up.bias]).toEqual([[6, 4, 1, 1], undefined]);
  const down = initVfProjection(new Random(1), { ...sizes, direction: "forward" });
  expect([down.weight.shape, down.bias!.shape]).toEqual([[4, 6, 1, 1], [4]]);
});
