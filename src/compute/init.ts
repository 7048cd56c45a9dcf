/**
 * Initialisers: from a shape and a stream of random numbers to a tensor.
 * They run on the host, so a seed gives the same parameters on every machine and executor.
 */
import type { Random } from "../core/random.ts";
import { Tensor } from "./tensor.ts";

export type Initializer = (rng: Random, shape: readonly number[]) => Tensor;

export const zeros: Initializer = (_rng, shape) => Tensor.from(new Float32Array(sizeOf(shape)), shape);

export const ones: Initializer = (_rng, shape) => Tensor.from(new Float32Array(sizeOf(shape)).fill(1), shape);

/** Normal with mean 0. GPT-2, Llama and Qwen2 use std 0.02. */
export function normal(std: number): Initializer {
  return (rng, shape) => fill(shape, () => std * rng.normal());
}

/** Normal cut at two standard deviations (redrawn, not clipped), as vision transformers use. */
export function truncatedNormal(std: number): Initializer {
  return (rng, shape) =>
    fill(shape, () => {
      let value = rng.normal();
      while (Math.abs(value) > 2) value = rng.normal();
      return std * value;
    });
}

/** Uniform in [-bound, bound). */
export function uniform(bound: number): Initializer {
  return (rng, shape) => fill(shape, () => bound * (2 * rng.next() - 1));
}

/**
 * Uniform in ±1/sqrt(fanIn): PyTorch's default for linear and convolution weights and their biases.
 * @param fanIn number of inputs each output sums over
 */
export function fanInUniform(fanIn: number): Initializer {
  return uniform(1 / Math.sqrt(fanIn));
}

/** Uniform in ±sqrt(6 / (fanIn + fanOut)) over [out, in] (Glorot and Bengio 2010, eq. 16), as DiT uses. */
export const xavierUniform: Initializer = (rng, shape) => {
  const [out, ...inputs] = shape;
  return uniform(Math.sqrt(6 / (out! + sizeOf(inputs))))(rng, shape);
};

function fill(shape: readonly number[], next: () => number): Tensor {
  const values = new Float32Array(sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = next();
  return Tensor.from(values, shape);
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}
