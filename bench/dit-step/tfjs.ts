/**
 * TensorFlow.js's side: the same transformer in plain tf operations on its WebAssembly backend, as an application gets it
 * in Node, or with every help we found for it (threads, copied transposes; see training-step/tfjs-kernels.ts).
 * A child process: `node tfjs.ts train|sample plain|helped`.
 * Labels are picked by a one-hot product, because a gather has no gradient there.
 */
import { availableParallelism } from "node:os";
import * as tf from "@tensorflow/tfjs";
import { ropeTables2d, sineCosineTable } from "../../src/diffusion/transformer/position-tables.ts";
import { serveContender } from "../lib/contender.ts";
import { adam } from "../lib/tfjs-adam.ts";
import { transposeBeforeProducts } from "../training-step/tfjs-kernels.ts";
import { startTfjs } from "../training-step/tfjs-threads.ts";
import { adamSettings, type Batch, batchSize, config, type HostArray, initialWeights, makeBatches } from "./task.ts";

type Variables = Record<string, tf.Variable>;
type Inputs = Record<keyof Batch, tf.Tensor>;

const { depth, width, heads, grid, channels, classes } = config;
const tokens = grid * grid;
const headDim = width / heads;

await serveContender(async ([mode, help]) => {
  const isHelped = help === "helped";
  const about = await startTfjs(isHelped ? availableParallelism() : 1);
  if (isHelped) transposeBeforeProducts();
  const variables: Variables = {};
  for (const [name, array] of initialWeights()) variables[name] = tf.variable(toTfjs(array), true, name);
  const batches = makeBatches().map(
    (batch) => Object.fromEntries(Object.entries(batch).map(([name, array]) => [name, toTfjs(array, false)])) as Inputs,
  );
  const update = adam(variables, adamSettings);
  const run = mode === "train" ? trainStep : sampleStep;
  return {
    about,
    async step(index) {
      const value = tf.tidy(() => run(variables, batches[index % batches.length]!, update));
      const [number] = await value.data();
      value.dispose();
      return number!;
    },
  };
});

function trainStep(v: Variables, batch: Inputs, update: (grads: tf.NamedTensorMap) => void): tf.Scalar {
  const { value, grads } = tf.variableGrads(() => loss(v, batch));
  update(grads);
  return value;
}

function sampleStep(v: Variables, { noise, timesteps, labels }: Inputs): tf.Scalar {
  return model(v, asTokens(noise), timesteps, labels).abs().mean() as tf.Scalar;
}

/** Linear weights [out, in] are turned once, before the clock starts. */
function toTfjs({ shape, data }: HostArray, isWeight = true): tf.Tensor {
  return tf.tidy(() => {
    const tensor = tf.tensor(data, [...shape], data instanceof Int32Array ? "int32" : "float32");
    if (!isWeight) return tensor;
    if (shape.length === 4) return tensor.reshape([width, channels]).transpose();
    return shape.length === 2 && shape[0] !== classes + 1 ? tensor.transpose() : tensor;
  });
}

/** [batch, channels, grid, grid] to [batch * tokens, channels]. */
function asTokens(x: tf.Tensor): tf.Tensor {
  return x.transpose([0, 2, 3, 1]).reshape([batchSize * tokens, channels]);
}

function loss(v: Variables, { data, noise, timesteps, labels }: Inputs): tf.Scalar {
  const [x1, x0] = [asTokens(data), asTokens(noise)];
  const target = x1.sub(x0);
  const t = timesteps
    .reshape([batchSize, 1, 1])
    .tile([1, tokens, 1])
    .reshape([batchSize * tokens, 1]);
  const found = model(v, x0.add(t.mul(target)), timesteps, labels);
  const inverse = (x: tf.Tensor) => x.square().sum(-1).maximum(1e-16).rsqrt();
  const cosine = found.mul(target).sum(-1).mul(inverse(found)).mul(inverse(target));
  return found.sub(target).square().mean().add(cosine.mean().neg().add(1)) as tf.Scalar;
}

/** @param x [batch * tokens, channels] @returns the same shape */
function model(v: Variables, x: tf.Tensor, timesteps: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  const linear = (name: string, y: tf.Tensor) =>
    tf.matMul(y as tf.Tensor2D, v[`${name}.weight`]! as unknown as tf.Tensor2D).add(v[`${name}.bias`]!);
  const silu = (y: tf.Tensor) => y.mul(tf.sigmoid(y));
  const norm = (name: string, y: tf.Tensor) =>
    y.mul(y.square().mean(-1, true).add(1e-6).rsqrt()).mul(v[`${name}.weight`]!);
  const spread = (y: tf.Tensor) =>
    y
      .reshape([batchSize, 1, width])
      .tile([1, tokens, 1])
      .reshape([batchSize * tokens, width]);
  const modulate = (y: tf.Tensor, shift: tf.Tensor, scale: tf.Tensor) => y.mul(spread(scale).add(1)).add(spread(shift));

  const frequencies = Float32Array.from({ length: 128 }, (_, i) => 10000 ** (-i / 128));
  const angles = timesteps.reshape([batchSize, 1]).mul(tf.tensor(frequencies));
  const time = linear(
    "t_embedder.mlp.2",
    silu(linear("t_embedder.mlp.0", tf.concat([angles.cos(), angles.sin()], -1))),
  );
  const picked = tf.matMul(
    tf.oneHot(labels as tf.Tensor1D, classes + 1).toFloat(),
    v["y_embedder.embedding_table.weight"]! as unknown as tf.Tensor2D,
  );
  const condition = silu(time.add(picked));
  const tables = ropeTables2d(grid, headDim);
  const table = (values: Float32Array) => tf.tensor(values, [1, tokens, 1, headDim]);
  const [cos, sin] = [table(tables.cos), table(tables.sin)];
  const turn = tf.tensor2d(turnMatrix(), [headDim, headDim]);
  const place = (y: tf.Tensor) => {
    const turned = tf
      .matMul(y.reshape([-1, headDim]) as tf.Tensor2D, turn)
      .reshape([batchSize, tokens, heads, headDim]);
    return y.reshape([batchSize, tokens, heads, headDim]).mul(cos).add(turned.mul(sin)).transpose([0, 2, 1, 3]);
  };

  let h = linear("x_embedder.proj", x)
    .reshape([batchSize, tokens, width])
    .add(tf.tensor(sineCosineTable(grid, width), [1, tokens, width]))
    .reshape([batchSize * tokens, width]);
  for (let index = 0; index < depth; index++) {
    const name = `blocks.${index}`;
    const [b1, s1, g1, b2, s2, g2] = tf.split(linear(`${name}.adaLN_modulation.1`, condition), 6, -1) as tf.Tensor[];
    const [q, k, value] = tf.split(
      linear(`${name}.attn.qkv`, modulate(norm(`${name}.norm1`, h), b1!, s1!)),
      3,
      -1,
    ) as tf.Tensor[];
    const scores = tf.matMul(place(q!), place(k!), false, true).mul(1 / Math.sqrt(headDim));
    const values = value!.reshape([batchSize, tokens, heads, headDim]).transpose([0, 2, 1, 3]);
    const mixed = tf
      .matMul(tf.softmax(scores), values)
      .transpose([0, 2, 1, 3])
      .reshape([batchSize * tokens, width]);
    h = h.add(spread(g1!).mul(linear(`${name}.attn.proj`, mixed)));
    const [gate, up] = tf.split(
      linear(`${name}.mlp.w12`, modulate(norm(`${name}.norm2`, h), b2!, s2!)),
      2,
      -1,
    ) as tf.Tensor[];
    h = h.add(spread(g2!).mul(linear(`${name}.mlp.w3`, silu(gate!).mul(up!))));
  }
  const [shift, scale] = tf.split(linear("final_layer.adaLN_modulation.1", condition), 2, -1) as tf.Tensor[];
  return linear("final_layer.linear", modulate(norm("final_layer.norm_final", h), shift!, scale!));
}

/** x · turn maps each pair (a, b) to (-b, a). */
function turnMatrix(): Float32Array {
  const turn = new Float32Array(headDim * headDim);
  for (let i = 0; i < headDim; i += 2) {
    turn[(i + 1) * headDim + i] = -1;
    turn[i * headDim + i + 1] = 1;
  }
  return turn;
}
