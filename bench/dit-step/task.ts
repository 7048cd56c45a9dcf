/** What both sides of the dit-step benchmark compute with: the model's sizes, its weights and its batches, made on the host. */
import { Random } from "../../src/core/random.ts";
import { DitConfig, ditShapes } from "../../src/diffusion/index.ts";

/** The generator of `lightningdit dit train --size nano` on 32-channel latents of a 4 x 4 grid. */
export const config = DitConfig.parse({ depth: 4, width: 96, heads: 4, grid: 4, channels: 32, classes: 12 });
export const batchSize = 96;
export const adamSettings = { lr: 1e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8 };

export interface HostArray {
  shape: readonly number[];
  data: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;
}
export type Batch = Record<"data" | "noise" | "timesteps" | "labels", HostArray>;

/** Random everywhere: what starts at zero in training would hide work that is not done. */
export function initialWeights(): Map<string, HostArray> {
  const weights = new Map<string, HostArray>();
  for (const [name, shape] of ditShapes(config)) {
    const rng = new Random("dit-step weights").split(name);
    const isNorm = /norm\w*\.weight$/.test(name);
    const std = shape.length === 1 ? 0.02 : 1 / Math.sqrt(product(shape.slice(1)));
    const data = Float32Array.from({ length: product(shape) }, () => (isNorm ? 1 : 0) + std * rng.normal());
    weights.set(name, { shape, data });
  }
  return weights;
}

/** Batches repeat after a few, so that a step's cost does not contain making data. */
export function makeBatches(): Batch[] {
  const { channels, grid, classes } = config;
  const shape = [batchSize, channels, grid, grid];
  return Array.from({ length: 4 }, (_, index) => {
    const rng = new Random("dit-step batches").split(index);
    const normals = () => Float32Array.from({ length: product(shape) }, () => rng.normal());
    return {
      data: { shape, data: normals() },
      noise: { shape, data: normals() },
      timesteps: { shape: [batchSize], data: Float32Array.from({ length: batchSize }, () => rng.next()) },
      labels: { shape: [batchSize], data: Int32Array.from({ length: batchSize }, () => rng.int(0, classes)) },
    };
  });
}

/** Products only, multiply-adds counted as two; a training step is three forward passes. */
export function flopForward(): number {
  const { depth, width, grid, channels } = config;
  const tokens = grid * grid;
  const hidden = Math.floor((2 / 3) * 4 * width);
  const perToken = depth * (4 * width * width + 3 * width * hidden + 2 * tokens * width) + 2 * channels * width;
  const perExample = (depth * 6 + 2) * width * width + (256 + width) * width;
  return 2 * batchSize * (tokens * perToken + perExample);
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}
