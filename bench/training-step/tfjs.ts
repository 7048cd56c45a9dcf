/**
 * TensorFlow.js's side of the training step: the same models in plain tf operations on its WebAssembly backend.
 * Started as a child process: `node tfjs.ts <task> plain|helped`.
 *
 * `plain` is what an application gets in Node: SIMD, one thread. Three things it lacks are made up for: AdamW is written
 * with tf operations, once per tensor, like its own optimizers; embeddings are picked by a one-hot product, because a
 * gather has no gradient there (UnsortedSegmentSum); the filter gradient of conv2d is composed of its conv2d.
 * `helped` is the best we could make of it: as many threads as processors, and transposed operands copied before
 * products. See tfjs-kernels.ts and tfjs-threads.ts.
 */
import { availableParallelism } from "node:os";
import * as tf from "@tensorflow/tfjs";
import { serveContender } from "../lib/contender.ts";
import { adam } from "../lib/tfjs-adam.ts";
import {
  type AutoencoderTask,
  adamwSettings,
  type Batch,
  type DecoderTask,
  type HostArray,
  initialWeights,
  makeBatches,
  tasks,
} from "./tasks.ts";
import { addConvFilterGradient, transposeBeforeProducts } from "./tfjs-kernels.ts";
import { startTfjs } from "./tfjs-threads.ts";

type Variables = Record<string, tf.Variable>;
type Inputs = Record<string, tf.Tensor>;

await serveContender(async ([taskName, mode]) => {
  const helped = mode === "helped";
  const about = await startTfjs(helped ? availableParallelism() : 1);
  addConvFilterGradient();
  if (helped) transposeBeforeProducts();
  const task = tasks[taskName!]!;
  const variables: Variables = {};
  for (const [name, array] of initialWeights(task))
    variables[name] = tf.variable(toTfjsWeight(name, array), true, name);
  const batches = makeBatches(task).map(toTfjsBatch);
  const loss = task.kind === "decoder" ? decoderLoss(task) : autoencoderLoss(task);
  const update = adam(variables, adamwSettings);

  return {
    about,
    async step(index) {
      const batch = batches[index % batches.length]!;
      const value = tf.tidy(() => {
        const { value, grads } = tf.variableGrads(() => loss(variables, batch));
        update(grads);
        return value;
      });
      const [number] = await value.data();
      value.dispose();
      return number!;
    },
  };
});

/** TensorFlow.js's layouts: linear [in, out]; [out, in, k, k] of conv2d and [in, out, k, k] of its transpose turn alike. */
function toTfjsWeight(name: string, { shape, data }: HostArray): tf.Tensor {
  return tf.tidy(() => {
    const tensor = tf.tensor(data, shape);
    if (shape.length === 4) return tensor.transpose([2, 3, 1, 0]);
    const isProduct = shape.length === 2 && name !== "embed.weight" && name !== "positions.weight";
    return isProduct ? tensor.transpose() : tensor;
  });
}

function toTfjsBatch(batch: Batch): Inputs {
  const inputs: Inputs = {};
  for (const [name, { shape, data }] of Object.entries(batch)) {
    const tensor = tf.tensor(data, shape, data instanceof Int32Array ? "int32" : "float32");
    inputs[name] = shape.length === 4 ? tf.tidy(() => tensor.transpose([0, 2, 3, 1])) : tensor;
  }
  return inputs;
}

function decoderLoss({ vocab, dim, layers, heads, seq, batch }: DecoderTask) {
  const mask = tf.tidy(() =>
    tf.linalg
      .bandPart(tf.ones([seq, seq]), -1, 0)
      .sub(1)
      .mul(1e9),
  ); // 0 where seen, -1e9 else
  const headDim = dim / heads;
  const split = (x: tf.Tensor) => x.reshape([batch, seq, heads, headDim]).transpose([0, 2, 1, 3]);
  const attention = (v: Variables, name: string, x: tf.Tensor) => {
    const [q, k, value] = ["q_proj", "k_proj", "v_proj"].map((part) =>
      split(tf.matMul(x, v[`${name}.${part}.weight`]!)),
    );
    const scores = tf
      .matMul(q!, k!, false, true)
      .mul(1 / Math.sqrt(headDim))
      .add(mask);
    const mixed = tf.matMul(tf.softmax(scores), value!); // [batch, heads, seq, headDim]
    return tf.matMul(
      mixed.transpose([0, 2, 1, 3]).reshape([batch * seq, dim]),
      v[`${name}.o_proj.weight`]! as tf.Tensor2D,
    );
  };
  const mlp = (v: Variables, name: string, x: tf.Tensor) =>
    tf.matMul(geluTanh(tf.matMul(x, v[`${name}.fc1.weight`]!)), v[`${name}.fc2.weight`]!);

  return (v: Variables, { tokens, targets }: Inputs): tf.Scalar => {
    const oneHot = tf.oneHot(tokens!.reshape([batch * seq]) as tf.Tensor1D, vocab).toFloat();
    const embedded = tf.matMul(oneHot, v["embed.weight"]!).reshape([batch, seq, dim]).add(v["positions.weight"]!);
    let x: tf.Tensor = embedded.reshape([batch * seq, dim]);
    for (let layer = 0; layer < layers; layer++) {
      const name = `layers.${layer}`;
      x = x.add(attention(v, name, layerNorm(v, `${name}.norm1`, x)));
      x = x.add(mlp(v, `${name}.mlp`, layerNorm(v, `${name}.norm2`, x)));
    }
    const logits = tf.matMul(layerNorm(v, "norm", x), v["head.weight"]!);
    const wanted = tf.oneHot(targets!.reshape([batch * seq]) as tf.Tensor1D, vocab).toFloat();
    return tf.logSoftmax(logits).mul(wanted).sum(-1).mean().neg() as tf.Scalar;
  };
}

function autoencoderLoss({ batch, size, channels }: AutoencoderTask) {
  const levels = channels.length - 1;
  return (v: Variables, { images }: Inputs): tf.Scalar => {
    let x = images as tf.Tensor4D;
    for (let level = 0; level < levels; level++) {
      const weight = v[`down.${level}.weight`] as unknown as tf.Tensor4D;
      x = tf.relu(tf.conv2d(x, weight, 2, "same").add(v[`down.${level}.bias`]!));
    }
    for (let level = 0; level < levels; level++) {
      const side = size >> (levels - 1 - level);
      const weight = v[`up.${level}.weight`] as unknown as tf.Tensor4D;
      const shape: [number, number, number, number] = [batch, side, side, channels[levels - 1 - level]!];
      const y = tf.conv2dTranspose(x, weight, shape, 2, "same").add(v[`up.${level}.bias`]!) as tf.Tensor4D;
      x = level + 1 < levels ? tf.relu(y) : y;
    }
    return tf.squaredDifference(x, images!).mean() as tf.Scalar;
  };
}

function layerNorm(v: Variables, name: string, x: tf.Tensor): tf.Tensor {
  const centred = x.sub(x.mean(-1, true));
  const variance = centred.square().mean(-1, true);
  return centred.mul(variance.add(1e-5).rsqrt()).mul(v[`${name}.weight`]!).add(v[`${name}.bias`]!);
}

/** GELU's tanh form, as x · sigmoid(2 √(2/π) (x + 0.044715 x³)): fewer operations than with tanh. */
function geluTanh(x: tf.Tensor): tf.Tensor {
  const cubic = x.square().mul(0.044715).add(1).mul(x);
  return x.mul(tf.sigmoid(cubic.mul(2 * Math.sqrt(2 / Math.PI))));
}
