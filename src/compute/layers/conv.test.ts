/** Convolutions against loops over every output, input and tap. */
import type { numpy as np } from "@jax-js/jax";
import { expect, suite, test } from "vitest";
import { Random } from "../../core/random.ts";
import {
  type ConvTransposeOptions,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  initConv,
  initConvTranspose,
} from "./conv.ts";
import { array64, onInterpreter, randomRows } from "./float64.fixtures.ts";

type Options = Omit<ConvTransposeOptions, "stride" | "padding" | "dilation" | "outputPadding"> & {
  stride: number[];
  padding: number[];
  dilation: number[];
  outputPadding?: number[];
};

/** All index tuples of a box. */
const indices = (sizes: number[]): number[][] =>
  sizes.reduce<number[][]>(
    (found, size) => found.flatMap((i) => Array.from({ length: size }, (_, n) => [...i, n])),
    [[]],
  );
const at = (rows: any, index: number[]) => index.reduce((level, i) => level?.[i], rows);
const shapeOf = (rows: any): number[] => (Array.isArray(rows) ? [rows.length, ...shapeOf(rows[0])] : []);
const build = (sizes: number[], value: (index: number[]) => number, index: number[] = []): any =>
  sizes.length === 0
    ? value(index)
    : Array.from({ length: sizes[0]! }, (_, i) => build(sizes.slice(1), value, [...index, i]));

function convReference(x: any, weight: any, bias: number[], { stride, padding, dilation, groups = 1 }: Options): any {
  const [batch, , ...space] = shapeOf(x);
  const [out, inPerGroup, ...kernel] = shapeOf(weight);
  const sizes = space.map(
    (size, a) => Math.floor((size + 2 * padding[a]! - dilation[a]! * (kernel[a]! - 1) - 1) / stride[a]!) + 1,
  );
  return build([batch!, out!, ...sizes], ([n, o, ...place]) => {
    const firstChannel = Math.floor((o! * groups) / out!) * inPerGroup!;
    let sum = bias[o!]!;
    for (const [c, ...tap] of indices([inPerGroup!, ...kernel])) {
      const source = place.map((p, a) => p * stride[a]! - padding[a]! + tap[a]! * dilation[a]!);
      sum += (at(x, [n!, firstChannel + c!, ...source]) ?? 0) * at(weight, [o!, c!, ...tap]);
    }
    return sum;
  });
}

/** Each input adds its kernel to the output, as the layer is defined; ours computes it the other way round. */
function transposeReference(x: any, weight: any, bias: number[], options: Options): any {
  const { stride, padding, dilation, groups = 1, outputPadding = stride.map(() => 0) } = options;
  const [batch, inputs, ...space] = shapeOf(x);
  const [, outPerGroup, ...kernel] = shapeOf(weight);
  const sizes = space.map(
    (size, a) => (size - 1) * stride[a]! - 2 * padding[a]! + dilation[a]! * (kernel[a]! - 1) + outputPadding[a]! + 1,
  );
  const y = build([batch!, outPerGroup! * groups, ...sizes], ([, o]) => bias[o!]!);
  for (const [n, c, ...place] of indices([batch!, inputs!, ...space]))
    for (const [o, ...tap] of indices([outPerGroup!, ...kernel])) {
      const target = place.map((p, a) => p * stride[a]! - padding[a]! + tap[a]! * dilation[a]!);
      const channel = Math.floor((c! * groups) / inputs!) * outPerGroup! + o!;
      const row = at(y, [n!, channel, ...target.slice(0, -1)]);
      const last = target.at(-1)!;
      if (row?.[last] !== undefined) row[last] += at(x, [n!, c!, ...place]) * at(weight, [c!, o!, ...tap]);
    }
  return y;
}

const plain = [conv1d, conv2d, conv3d];
const transposed = [convTranspose1d, convTranspose2d, convTranspose3d];

// x and weight shapes, then options: each differs from the defaults in its own way.
const convs: [x: number[], weight: number[], options: Options][] = [
  [[2, 3, 7], [4, 3, 3], { stride: [1], padding: [0], dilation: [1] }],
  [[1, 4, 9], [6, 2, 3], { stride: [2], padding: [2], dilation: [2], groups: 2 }],
  [[2, 2, 5, 4], [3, 2, 3, 2], { stride: [1, 2], padding: [1, 0], dilation: [1, 2] }],
  [[1, 3, 4, 4], [3, 1, 3, 3], { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 3 }],
  [[1, 2, 3, 4, 3], [2, 2, 2, 2, 3], { stride: [1, 2, 1], padding: [0, 1, 1], dilation: [2, 1, 1] }],
];
const transposes: [x: number[], weight: number[], options: Options][] = [
  [[2, 3, 4], [3, 2, 3], { stride: [1], padding: [0], dilation: [1] }],
  [[1, 4, 3], [4, 3, 3], { stride: [3], padding: [1], dilation: [2], groups: 2, outputPadding: [2] }],
  [[1, 2, 3, 2], [2, 3, 4, 4], { stride: [2, 2], padding: [1, 1], dilation: [1, 1] }],
  [[1, 2, 4], [2, 1, 1], { stride: [1], padding: [1], dilation: [1] }], // crops: padding beyond the kernel
  [[1, 2, 2, 2, 2], [2, 1, 2, 1, 2], { stride: [2, 1, 2], padding: [0, 0, 1], dilation: [1, 1, 1] }],
];

suite("convolution", () => {
  test.each(convs)("x %j, weight %j, %j", (xShape, weightShape, options) =>
    onInterpreter(() => {
      const [x, weight, bias] = [
        randomRows("x", ...xShape),
        randomRows("w", ...weightShape),
        randomRows("b", weightShape[0]!),
      ];
      const params = { weight: array64(weight), bias: array64(bias) };
      expect(plain[xShape.length - 3]!(params, array64(x), options)).toBeAllclose(
        convReference(x, weight, bias, options),
      );
    }),
  );

  test.each(transposes)("transposed: x %j, weight %j, %j", (xShape, weightShape, options) =>
    onInterpreter(() => {
      const out = weightShape[1]! * (options.groups ?? 1);
      const [x, weight, bias] = [randomRows("x", ...xShape), randomRows("w", ...weightShape), randomRows("b", out)];
      const params = { weight: array64(weight), bias: array64(bias) };
      const expected = transposeReference(x, weight, bias, options);
      expect(transposed[xShape.length - 3]!(params, array64(x), options)).toBeAllclose(expected);
    }),
  );

  test("one number serves all axes of space", () =>
    onInterpreter(() => {
      const [x, weight] = [array64(randomRows("x", 1, 1, 4, 4)), array64(randomRows("w", 1, 1, 3, 3))];
      const each = conv2d({ weight }, x.ref, { stride: [2, 2], padding: [1, 1] });
      expect(conv2d({ weight }, x, { stride: 2, padding: 1 })).toBeAllclose(each.js());
    }));

  test("says what does not fit", () =>
    onInterpreter(() => {
      const params = { weight: array64(randomRows("w", 4, 2, 3)) };
      const x = (...shape: number[]): np.Array => array64(randomRows("x", ...shape));
      expect(() => conv1d(params, x(1, 3, 5))).toThrow("conv1d: x: expected [batch, in = 2, width], got [1, 3, 5]");
      expect(() => conv2d(params, x(1, 2, 5, 5))).toThrow("expected [out, in / groups, height, width], got [4, 2, 3]");
      expect(() => conv1d(params, x(1, 6, 5), { groups: 3 })).toThrow("3 groups do not divide 4 output channels");
      expect(() => conv1d(params, x(1, 2, 5), { stride: [1, 1] })).toThrow("expected 1 numbers");
    }));

  test("parameters have PyTorch's shapes", () => {
    const sizes = { in: 4, out: 6, kernel: [3, 2], groups: 2 };
    const plain = initConv(new Random(1), sizes);
    expect([plain.weight.shape, plain.bias!.shape]).toEqual([[6, 2, 3, 2], [6]]);
    const transposed = initConvTranspose(new Random(1), sizes);
    expect([transposed.weight.shape, transposed.bias!.shape]).toEqual([[4, 3, 3, 2], [6]]);
  });
});
