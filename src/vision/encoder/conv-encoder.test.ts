import { grad, type numpy as np } from "@jax-js/jax";
import { expect, suite, test } from "vitest";
import {
  array64,
  gradientErrors,
  onInterpreter,
  randomRows,
  toFloat64,
} from "../../compute/layers/float64.fixtures.ts";
import { Tensor } from "../../compute/tensor.ts";
import { mapTree, namedLeaves, treeFromNames } from "../../compute/tree.ts";
import { Random } from "../../core/random.ts";
import { type ConvEncoderParams, convEncoder, initConvEncoder, perceptualDistance, pooled } from "./conv-encoder.ts";

const config = { widths: [4, 6], dim: 3, groups: 2 };
const tensors = initConvEncoder(new Random("encoder"), config);
const params = (): ConvEncoderParams => toFloat64(tensors);
const images = (seed: string): np.Array => array64(randomRows(seed, 2, 3, 8, 8));

suite("convEncoder", () => {
  test("halves the side at each stage and ends in a grid", () =>
    onInterpreter(() => {
      const { activations, grid } = convEncoder(params(), images("x"), config);
      expect(activations.map(({ shape }) => shape)).toEqual([[2, 4, 4, 4], [2, 6, 2, 2]]); // biome-ignore format: shapes
      expect(grid.shape).toEqual([2, 3, 2, 2]);
    }));

  test("pooled is the mean over space", () =>
    onInterpreter(() => expect(pooled(array64([[[[1, 2], [3, 6]]]]))).toBeAllclose([[3]]))); // biome-ignore format: a picture

  test("names the axes it wanted", () =>
    onInterpreter(() => {
      expect(() => convEncoder(params(), array64(randomRows("x", 1, 4, 8, 8)), config)).toThrow("channels = 3");
    }));
});

suite("perceptualDistance", () => {
  test("is 0 for equal pictures and grows with the difference", () =>
    onInterpreter(() => {
      const far = perceptualDistance(params(), images("x"), images("y"), config);
      expect(perceptualDistance(params(), images("x"), images("x"), config)).toBeAllclose([0, 0]);
      const near = perceptualDistance(params(), images("x"), images("x").mul(0.9).add(images("y").mul(0.1)), config);
      const [a, b] = [near.js() as number[], far.js() as number[]];
      expect(a[0]!).toBeGreaterThan(0);
      expect(a[0]!).toBeLessThan(b[0]! / 4);
    }));

  test("by its formula on the activations", () =>
    onInterpreter(() => {
      const layers = (x: np.Array) =>
        convEncoder(params(), x, config).activations.map((layer) => layer.js() as number[][][][]);
      const [a, b] = [layers(images("x")), layers(images("y"))];
      const expected = [0, 1].map((image) => {
        const each = a.map((layer, l) => {
          const [p, q] = [layer[image]!, b[l]![image]!];
          const places = p[0]!.flatMap((row, i) => row.map((_, j) => [i, j] as const));
          const unit = (channels: number[][][], [i, j]: readonly [number, number]) => {
            const values = channels.map((channel) => channel[i]![j]!);
            const norm = Math.hypot(...values);
            return values.map((value) => value / norm);
          };
          const squares = places.map((place) => {
            const [u, v] = [unit(p, place), unit(q, place)];
            return u.reduce((sum, value, c) => sum + (value - v[c]!) ** 2, 0);
          });
          return squares.reduce((x, y) => x + y) / squares.length;
        });
        return (each[0]! + each[1]!) / 2;
      });
      expect(perceptualDistance(params(), images("x"), images("y"), config)).toBeAllclose(expected, { rtol: 1e-8 });
    }));

  test("its gradient at the pictures agrees with finite differences", () =>
    onInterpreter(() => {
      const x = Tensor.from(randomRows("gx", 1, 3, 4, 4).flat(Infinity), [1, 3, 4, 4]);
      const y = Tensor.from(randomRows("gy", 1, 3, 4, 4).flat(Infinity), [1, 3, 4, 4]);
      const frozen = mapTree(tensors, (leaf: Tensor) => leaf);
      const others = { ...Object.fromEntries(namedLeaves<Tensor>(frozen)), y };
      const distance = ({ x }: Record<string, np.Array>, { y, ...rest }: Record<string, np.Array>) =>
        perceptualDistance(treeFromNames(new Map(Object.entries(rest))) as ConvEncoderParams, x!, y!, config).sum();
      expect(gradientErrors(distance, { x }, others).x).toBeLessThan(1e-4);
    }));

  test("has a finite gradient where features are zero", () =>
    onInterpreter(() => {
      const zero = () => array64(Array(3 * 16).fill(0)).reshape([1, 3, 4, 4]);
      const gradient = grad((x: np.Array) => perceptualDistance(params(), x, zero(), config).sum())(zero());
      expect(Array.from(gradient.dataSync()).every(Number.isFinite)).toBe(true);
    }));
});
