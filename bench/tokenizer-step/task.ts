/**
 * What both sides of the tokenizer-step benchmark compute with: the net's sizes, its weights and its batches, made on the
 * host.
 */
import { Random } from "../../src/core/random.ts";
import { autoencoderShapes, latentSide } from "../../src/diffusion/autoencoder/index.ts";
import { readSigned } from "../../src/media/index.ts";
import { smallTokenizer } from "../../src/systems/lightningdit/presets.ts";
import { marks } from "../../src/systems/lightningdit/world.ts";

/** The tokenizer of `polymath train marks`, without its vision-foundation loss. */
const settings = smallTokenizer({ d: 16, seed: 0, steps: 1 });
export const config = settings.autoencoder;
export const batchSize = settings.batch;
export const klWeight = settings.stages[0]!.klWeight;
export const adamSettings = { lr: settings.lr, beta1: settings.beta1, beta2: settings.beta2, epsilon: 1e-8 };
/** Side of the grid that every convolution works on: the patches are its places. */
export const grid = latentSide(config);
/** Losses are compared per number of a picture; the training sums them over a picture. */
export const numbersPerPicture = config.in_channels * config.resolution ** 2;

export interface HostArray {
  shape: readonly number[];
  data: Float32Array<ArrayBuffer>;
}
export type Batch = Record<"images" | "noise", HostArray>;

/** Random everywhere: what starts at zero or one in training would hide work that is not done. */
export function initialWeights(): Map<string, HostArray> {
  const weights = new Map<string, HostArray>();
  for (const [name, shape] of autoencoderShapes(config)) {
    const rng = new Random("tokenizer-step weights").split(name);
    const isNorm = /norm\w*\.weight$/.test(name);
    const std = shape.length === 1 ? 0.02 : 1 / Math.sqrt(product(shape.slice(1)));
    const data = Float32Array.from({ length: product(shape) }, () => (isNorm ? 1 : 0) + std * rng.normal());
    weights.set(name, { shape, data });
  }
  return weights;
}

/** Batches repeat after a few, so that a step's cost does not contain making data. */
const batchCount = 4;

export function makeBatches(): Promise<Batch[]> {
  const set = marks("train", { seed: 0, count: batchCount * batchSize, side: config.resolution });
  const imageShape = [batchSize, config.in_channels, config.resolution, config.resolution];
  const latentShape = [batchSize, config.embed_dim, grid, grid];
  const makeBatch = async (_: unknown, index: number): Promise<Batch> => {
    const rng = new Random("tokenizer-step noise").split(index);
    const indices = Array.from({ length: batchSize }, (_, place) => index * batchSize + place);
    return {
      images: { shape: imageShape, data: await readSigned(set, indices) },
      noise: {
        shape: latentShape,
        data: Float32Array.from({ length: product(latentShape) }, () => rng.normal()),
      },
    };
  };
  return Promise.all(Array.from({ length: batchCount }, makeBatch));
}

/** Encoding and decoding: convolutions only, multiply-adds counted as two; a training step is three of them. */
export function flopForward(): number {
  let perPlace = 0;
  for (const shape of autoencoderShapes(config).values()) if (shape.length === 4) perPlace += product(shape);
  return 2 * batchSize * grid * grid * perPlace;
}

/** Largest resident memory of this process so far, for the line about a contender. */
export function peakMemory(): string {
  return `${Math.round(process.resourceUsage().maxRSS / 1024)} MB after the first step`; // maxRSS is in KiB
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}
