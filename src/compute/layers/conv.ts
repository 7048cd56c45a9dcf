/**
 * Convolution over one, two or three axes of space, and its transpose; layouts, options and sizes as in PyTorch.
 * Source: Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning", sections 2 to 4.
 */
import { lax, numpy as np } from "@jax-js/jax";
import { ConfigError } from "../../core/errors.ts";
import type { Random } from "../../core/random.ts";
import { expectAxes } from "../axes.ts";
import { fanInUniform, type Initializer, zeros } from "../init.ts";
import type { Outside } from "../tensor.ts";

export type ConvParams = {
  weight: np.Array; // [out, in / groups, ...kernel]; transposed: [in, out / groups, ...kernel]
  bias?: np.Array; // [out]
};

/** One number for all axes of space, or one for each. */
export type PerAxis = number | readonly number[];

export interface ConvOptions {
  /** Default 1. */
  stride?: PerAxis;
  /** Zeros on both sides of each axis; default 0. */
  padding?: PerAxis;
  /** Distance of neighbouring kernel taps; default 1. */
  dilation?: PerAxis;
  /** Channels are split into this many independent parts; default 1. */
  groups?: number;
}

export interface ConvTransposeOptions extends ConvOptions {
  /** More output on the far side, to choose among the sizes that a strided convolution maps to the same; default 0. */
  outputPadding?: PerAxis;
}

const spaceNames = ["depth", "height", "width"];

/** x consumed; [batch, in, length] */
export const conv1d = (params: ConvParams, x: np.Array, options?: ConvOptions) => conv(1, params, x, options);
/** x consumed; [batch, in, height, width] */
export const conv2d = (params: ConvParams, x: np.Array, options?: ConvOptions) => conv(2, params, x, options);
/** x consumed; [batch, in, depth, height, width] */
export const conv3d = (params: ConvParams, x: np.Array, options?: ConvOptions) => conv(3, params, x, options);

/** x consumed; [batch, in, length] */
export const convTranspose1d = (params: ConvParams, x: np.Array, options?: ConvTransposeOptions) =>
  convTranspose(1, params, x, options);
/** x consumed; [batch, in, height, width] */
export const convTranspose2d = (params: ConvParams, x: np.Array, options?: ConvTransposeOptions) =>
  convTranspose(2, params, x, options);
/** x consumed; [batch, in, depth, height, width] */
export const convTranspose3d = (params: ConvParams, x: np.Array, options?: ConvTransposeOptions) =>
  convTranspose(3, params, x, options);

/**
 * Size along an axis: floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1.
 * @param params borrowed
 * @param x consumed; [batch, in, ...space]
 * @returns [batch, out, ...space]
 */
function conv(axes: number, { weight, bias }: ConvParams, x: np.Array, options: ConvOptions = {}): np.Array {
  const { groups = 1 } = options;
  const space = spaceNames.slice(-axes);
  const [out, inPerGroup] = expectAxes(`conv${axes}d: weight`, weight, ["out", "in / groups", ...space]);
  expectAxes(`conv${axes}d: x`, x, ["batch", ["in", inPerGroup * groups], ...space]);
  if (out % groups !== 0) throw new ConfigError(`conv${axes}d: ${groups} groups do not divide ${out} output channels`);
  const padding = perAxis(axes, options.padding, 0).map((pad): [number, number] => [pad, pad]);
  const y = lax.convGeneralDilated(x, weight.ref, perAxis(axes, options.stride, 1), padding, {
    rhsDilation: perAxis(axes, options.dilation, 1),
    featureGroupCount: groups,
  });
  return addBias(y, bias, axes);
}

/**
 * Spreads each input over its kernel: the gradient of `conv` with respect to its input, as a layer.
 * Size along an axis: (size - 1) stride - 2 padding + dilation (kernel - 1) + outputPadding + 1.
 * Computed as a convolution of the input with stride - 1 zeros between its elements and the kernel turned around.
 */
function convTranspose(
  axes: number,
  { weight, bias }: ConvParams,
  x: np.Array,
  options: ConvTransposeOptions = {},
): np.Array {
  const { groups = 1 } = options;
  const label = `convTranspose${axes}d`;
  const names = spaceNames.slice(-axes);
  const [inputs, outPerGroup, ...kernel] = expectAxes(`${label}: weight`, weight, ["in", "out / groups", ...names]);
  expectAxes(`${label}: x`, x, ["batch", ["in", inputs], ...names]);
  if (inputs % groups !== 0) throw new ConfigError(`${label}: ${groups} groups do not divide ${inputs} input channels`);
  const [padding, dilation] = [perAxis(axes, options.padding, 0), perAxis(axes, options.dilation, 1)];
  const extra = perAxis(axes, options.outputPadding, 0);
  const space = Array.from({ length: axes }, (_, axis) => axis + 2);

  // [in, out/groups, ...] to [out, in/groups, ...], one group after the other
  const turned = np
    .flip(weight.ref, space)
    .reshape([groups, inputs / groups, outPerGroup, ...kernel])
    .transpose([0, 2, 1, ...space.map((axis) => axis + 1)])
    .reshape([groups * outPerGroup, inputs / groups, ...kernel]);
  const full = kernel.map((taps, axis): [number, number] => {
    const side = dilation[axis]! * (taps - 1) - padding[axis]!;
    return [side, side + extra[axis]!];
  });
  const y = lax.convGeneralDilated(x, turned, Array(axes).fill(1), full, {
    lhsDilation: perAxis(axes, options.stride, 1),
    rhsDilation: dilation,
    featureGroupCount: groups,
  });
  return addBias(y, bias, axes);
}

function addBias(y: np.Array, bias: np.Array | undefined, axes: number): np.Array {
  return bias ? y.add(bias.ref.reshape([-1, ...Array<number>(axes).fill(1)])) : y;
}

function perAxis(axes: number, value: PerAxis | undefined, otherwise: number): number[] {
  if (typeof value === "object" && value.length !== axes)
    throw new ConfigError(`conv${axes}d: expected ${axes} numbers, one for each axis of space, got [${value}]`);
  return typeof value === "object" ? [...value] : Array<number>(axes).fill(value ?? otherwise);
}

export interface ConvInit {
  in: number;
  out: number;
  /** Taps along each axis of space: [3] for conv1d, [3, 3] for conv2d. */
  kernel: readonly number[];
  groups?: number;
  /** Default true. */
  bias?: boolean;
  /** Of the weight; default PyTorch's, uniform in ±1/sqrt(fan in). The bias is then drawn alike, else zero. */
  init?: Initializer;
}

export function initConv(rng: Random, { groups = 1, ...options }: ConvInit): Outside<ConvParams> {
  return draw(rng, [options.out, options.in / groups, ...options.kernel], options);
}

/** Kernel [in, out / groups, ...] and bias, drawn as PyTorch does unless `init` says otherwise. */
export function initConvTranspose(rng: Random, { groups = 1, ...options }: ConvInit): Outside<ConvParams> {
  return draw(rng, [options.in, options.out / groups, ...options.kernel], options);
}

function draw(rng: Random, shape: number[], { out, bias = true, init }: ConvInit): Outside<ConvParams> {
  const fanIn = shape.slice(1).reduce((product, dim) => product * dim, 1); // PyTorch takes it so for both kinds
  const weight = (init ?? fanInUniform(fanIn))(rng.split("weight"), shape);
  if (!bias) return { weight };
  return { weight, bias: (init ? zeros : fanInUniform(fanIn))(rng.split("bias"), [out]) };
}
