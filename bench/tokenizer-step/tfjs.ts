/**
 * TensorFlow.js's side: the same autoencoder in plain tf operations on its WebAssembly backend.
 * A child process: `node tfjs.ts train|reconstruct plain|helped|threads`.
 *
 * `plain` is what an application gets in Node; only the filter gradient of conv2d, which it lacks, is composed of its
 * conv2d (training-step/tfjs-kernels.ts). `helped` has a faster gradient of conv2d besides (tfjs-input-gradient.ts), and
 * `threads` as many threads as processors on top of that: on so small a grid they may cost more than they bring. Pictures
 * and latents are [batch, height, width, channels] here, kernels [height, width, in, out]; both are turned once, before the
 * clock starts.
 */
import { availableParallelism } from "node:os";
import * as tf from "@tensorflow/tfjs";
import { serveContender } from "../lib/contender.ts";
import { adam } from "../lib/tfjs-adam.ts";
import { addConvFilterGradient } from "../training-step/tfjs-kernels.ts";
import { startTfjs } from "../training-step/tfjs-threads.ts";
import {
  adamSettings,
  type Batch,
  batchSize,
  config,
  grid,
  type HostArray,
  initialWeights,
  klWeight,
  makeBatches,
  numbersPerPicture,
  peakMemory,
} from "./task.ts";
import { convolveForInputGradient } from "./tfjs-input-gradient.ts";

type Variables = Record<string, tf.Variable>;
type Inputs = Record<keyof Batch, tf.Tensor4D>;

const { in_channels: channels, resolution, patch, groups, num_res_blocks: blockCount } = config;

await serveContender(async ([mode, help]) => {
  const about = await startTfjs(help === "threads" ? availableParallelism() : 1);
  addConvFilterGradient();
  if (help !== "plain") convolveForInputGradient();
  const variables: Variables = {};
  for (const [name, array] of initialWeights()) variables[name] = tf.variable(toTfjs(array, [2, 3, 1, 0]), true, name);
  const batches = (await makeBatches()).map(
    ({ images, noise }) => ({ images: toTfjs(images, [0, 2, 3, 1]), noise: toTfjs(noise, [0, 2, 3, 1]) }) as Inputs,
  );
  const update = adam(variables, adamSettings);
  const run = mode === "train" ? trainStep : reconstructStep;
  const step = async (index: number) => {
    const value = tf.tidy(() => run(variables, batches[index % batches.length]!, update));
    const [number] = await value.data();
    value.dispose();
    return number!;
  };
  await step(0);
  return { about: `${about}, ${peakMemory()}`, step };
});

function trainStep(v: Variables, batch: Inputs, update: (grads: tf.NamedTensorMap) => void): tf.Scalar {
  const { value, grads } = tf.variableGrads(() => loss(v, batch));
  update(grads);
  return value.div(numbersPerPicture);
}

function reconstructStep(v: Variables, { images }: Inputs): tf.Scalar {
  return decode(v, encode(v, images).mean).sub(images).abs().mean();
}

function toTfjs({ shape, data }: HostArray, axes: number[]): tf.Tensor {
  return tf.tidy(() => {
    const tensor = tf.tensor(data, [...shape]);
    return shape.length === 4 ? tensor.transpose(axes) : tensor;
  });
}

/** Sums over pixels and latents, divided by the batch. */
function loss(v: Variables, { images, noise }: Inputs): tf.Scalar {
  const { mean, logvar } = encode(v, images);
  const kl = mean
    .square()
    .add(logvar.exp())
    .sub(1)
    .sub(logvar)
    .sum()
    .mul(0.5 / batchSize);
  const output = decode(v, mean.add<tf.Tensor4D>(logvar.mul(0.5).exp().mul(noise)));
  return output.sub(images).abs().mean().mul(numbersPerPicture).add(kl.mul(klWeight)) as tf.Scalar;
}

/** @param images [batch, height, width, channels] @returns both [batch, grid, grid, latent channels] */
function encode(v: Variables, images: tf.Tensor4D): { mean: tf.Tensor4D; logvar: tf.Tensor4D } {
  let x = conv(v, "encoder.conv_in", stackPatches(images));
  for (let index = 0; index < blockCount; index++) x = resBlock(v, `encoder.down.0.block.${index}`, x);
  x = middle(v, "encoder.mid", x);
  x = conv(v, "quant_conv", conv(v, "encoder.conv_out", normSwish(v, "encoder.norm_out", x)));
  const [mean, logvar] = tf.split(x, 2, -1) as [tf.Tensor4D, tf.Tensor4D];
  return { mean, logvar: tf.clipByValue(logvar, -30, 20) };
}

/** @param z [batch, grid, grid, latent channels] @returns [batch, height, width, channels] */
function decode(v: Variables, z: tf.Tensor4D): tf.Tensor4D {
  let x = middle(v, "decoder.mid", conv(v, "decoder.conv_in", conv(v, "post_quant_conv", z)));
  for (let index = 0; index <= blockCount; index++) x = resBlock(v, `decoder.up.0.block.${index}`, x);
  return spreadPatches(conv(v, "decoder.conv_out", normSwish(v, "decoder.norm_out", x)));
}

function middle(v: Variables, name: string, x: tf.Tensor4D): tf.Tensor4D {
  return resBlock(v, `${name}.block_2`, resBlock(v, `${name}.block_1`, x));
}

function resBlock(v: Variables, name: string, x: tf.Tensor4D): tf.Tensor4D {
  const inner = conv(v, `${name}.conv1`, normSwish(v, `${name}.norm1`, x));
  return conv(v, `${name}.conv2`, normSwish(v, `${name}.norm2`, inner)).add(x);
}

function conv(v: Variables, name: string, x: tf.Tensor4D): tf.Tensor4D {
  return tf.conv2d(x, v[`${name}.weight`] as unknown as tf.Tensor4D, 1, "same").add(v[`${name}.bias`]!);
}

/** Each group is brought together first: moments over axes that are not the last ones take three times as long. */
function normSwish(v: Variables, name: string, x: tf.Tensor4D): tf.Tensor4D {
  const width = x.shape[3];
  const grouped = x
    .reshape([batchSize, grid * grid, groups, width / groups])
    .transpose([0, 2, 1, 3])
    .reshape([batchSize, groups, (grid * grid * width) / groups]);
  const { mean, variance } = tf.moments(grouped, -1, true);
  const normed = grouped
    .sub(mean)
    .mul(variance.add(1e-6).rsqrt())
    .reshape([batchSize, groups, grid * grid, width / groups])
    .transpose([0, 2, 1, 3])
    .reshape<tf.Tensor4D>(x.shape);
  const y = normed.mul(v[`${name}.weight`]!).add<tf.Tensor4D>(v[`${name}.bias`]!);
  return y.mul(y.sigmoid());
}

/** [batch, height, width, channels] to [batch, grid, grid, (channel, row, column)]. */
function stackPatches(x: tf.Tensor4D): tf.Tensor4D {
  return x
    .reshape([batchSize, grid, patch, grid, patch, channels])
    .transpose([0, 1, 3, 5, 2, 4])
    .reshape([batchSize, grid, grid, channels * patch * patch]);
}

/** The inverse of `stackPatches`. */
function spreadPatches(x: tf.Tensor4D): tf.Tensor4D {
  return x
    .reshape([batchSize, grid, grid, channels, patch, patch])
    .transpose([0, 1, 4, 2, 5, 3])
    .reshape([batchSize, resolution, resolution, channels]);
}
