/**
 * What both sides of the training-step benchmark train: shapes, initial weights and batches, made on the host.
 * Names and layouts are PyTorch's (linear [out, in], conv [out, in, k, k], transposed conv [in, out, k, k], images
 * [batch, channels, height, width]); the TensorFlow.js side turns them into its own before the clock starts.
 */
import { Random } from "../../src/core/random.ts";

export interface HostArray {
  shape: number[];
  data: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;
}
export type Weights = Map<string, HostArray>;
export type Batch = Record<string, HostArray>;

export interface DecoderTask {
  kind: "decoder";
  vocab: number;
  dim: number;
  layers: number;
  heads: number;
  hidden: number;
  seq: number;
  batch: number;
}

export interface AutoencoderTask {
  kind: "autoencoder";
  /** Height and width in pixels. */
  size: number;
  batch: number;
  /** Of the image and of each level down; every level halves the size. */
  channels: number[];
  kernel: number;
}

export type Task = DecoderTask | AutoencoderTask;

export const tasks: Record<string, Task> = {
  "decoder-0.4M": { kind: "decoder", vocab: 64, dim: 128, layers: 2, heads: 4, hidden: 512, seq: 64, batch: 16 },
  "decoder-10M": { kind: "decoder", vocab: 64, dim: 384, layers: 6, heads: 6, hidden: 1536, seq: 64, batch: 16 },
  autoencoder: { kind: "autoencoder", size: 32, batch: 16, channels: [3, 16, 32], kernel: 4 },
};

/** The same on both sides; matrices and kernels decay, vectors do not. */
export const adamwSettings = { lr: 1e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 };

export function initialWeights(task: Task): Weights {
  return task.kind === "decoder" ? decoderWeights(task) : autoencoderWeights(task);
}

function decoderWeights({ vocab, dim, layers, hidden, seq }: DecoderTask): Weights {
  const weights: Weights = new Map();
  const norm = (name: string) => {
    weights.set(`${name}.weight`, filled([dim], 1));
    weights.set(`${name}.bias`, filled([dim], 0));
  };
  const matrix = (name: string, rows: number, columns: number, std = 0.02) =>
    weights.set(`${name}.weight`, normal(name, [rows, columns], std));

  matrix("embed", vocab, dim);
  matrix("positions", seq, dim);
  for (let layer = 0; layer < layers; layer++) {
    const name = `layers.${layer}`;
    norm(`${name}.norm1`);
    for (const projection of ["q_proj", "k_proj", "v_proj", "o_proj"]) matrix(`${name}.${projection}`, dim, dim);
    norm(`${name}.norm2`);
    matrix(`${name}.mlp.fc1`, hidden, dim);
    matrix(`${name}.mlp.fc2`, dim, hidden);
  }
  norm("norm");
  matrix("head", vocab, dim);
  return weights;
}

function autoencoderWeights({ channels, kernel }: AutoencoderTask): Weights {
  const weights: Weights = new Map();
  const levels = channels.length - 1;
  for (let level = 0; level < levels; level++) {
    const [outer, inner] = [channels[level]!, channels[level + 1]!];
    // A strided kernel reaches (kernel / 2)² inputs per channel in the transposed direction.
    weights.set(
      `down.${level}.weight`,
      normal(`down.${level}`, [inner, outer, kernel, kernel], Math.sqrt(2 / (outer * kernel ** 2))),
    );
    weights.set(`down.${level}.bias`, filled([inner], 0));
    const up = levels - 1 - level;
    weights.set(
      `up.${up}.weight`,
      normal(`up.${up}`, [inner, outer, kernel, kernel], Math.sqrt(8 / (inner * kernel ** 2))),
    );
    weights.set(`up.${up}.bias`, filled([outer], 0));
  }
  return weights;
}

/** Batches repeat after a few, so that a step's cost does not contain making data. */
const batchCount = 4;

export function makeBatches(task: Task): Batch[] {
  return Array.from({ length: batchCount }, (_, index) => {
    const rng = new Random("bench-batches").split(index);
    return task.kind === "decoder" ? countingTokens(task, rng) : smoothImages(task, rng);
  });
}

/** Sequences that go up by a fixed stride: the next token follows from the two before, so the loss can fall. */
function countingTokens({ vocab, seq, batch }: DecoderTask, rng: Random): Batch {
  const tokens = new Int32Array(batch * seq);
  const targets = new Int32Array(batch * seq);
  for (let row = 0; row < batch; row++) {
    const [start, stride] = [rng.int(0, vocab - 1), rng.int(1, 5)];
    for (let position = 0; position < seq; position++) {
      tokens[row * seq + position] = (start + stride * position) % vocab;
      targets[row * seq + position] = (start + stride * (position + 1)) % vocab;
    }
  }
  return { tokens: { shape: [batch, seq], data: tokens }, targets: { shape: [batch, seq], data: targets } };
}

/** One plane wave per image and channel, values in [-1, 1]. */
function smoothImages({ size, batch, channels }: AutoencoderTask, rng: Random): Batch {
  const planes = batch * channels[0]!;
  const data = new Float32Array(planes * size * size);
  for (let plane = 0; plane < planes; plane++) {
    const [kx, ky, phase] = [rng.next() * 0.6, rng.next() * 0.6, rng.next() * 6.3];
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) data[(plane * size + y) * size + x] = Math.sin(kx * x + ky * y + phase);
  }
  return { images: { shape: [batch, channels[0]!, size, size], data } };
}

/** Multiply-adds counted as two, backward pass as twice the forward; products and convolutions only. */
export function flopPerStep(task: Task): number {
  if (task.kind === "decoder") {
    const { vocab, dim, layers, hidden, seq, batch } = task;
    const perToken = layers * (4 * dim * dim + 2 * dim * hidden + 2 * seq * dim) + vocab * dim;
    return 3 * 2 * batch * seq * perToken;
  }
  const { size, batch, channels, kernel } = task;
  let forward = 0;
  for (let level = 0; level + 1 < channels.length; level++) {
    const inside = (size >> (level + 1)) ** 2; // pixels on the small side of this level
    forward += 2 * 2 * batch * inside * channels[level]! * channels[level + 1]! * kernel ** 2; // down and up
  }
  return 3 * forward;
}

export function parameterCount(task: Task): number {
  let count = 0;
  for (const { data } of initialWeights(task).values()) count += data.length;
  return count;
}

function normal(label: string, shape: number[], std: number): HostArray {
  const rng = new Random("bench-weights").split(label);
  return { shape, data: Float32Array.from({ length: product(shape) }, () => std * rng.normal()) };
}

function filled(shape: number[], value: number): HostArray {
  return { shape, data: new Float32Array(product(shape)).fill(value) };
}

function product(shape: number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}
