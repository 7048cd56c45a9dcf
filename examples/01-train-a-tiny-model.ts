/**
 * Trains a two-layer network to tell whether a point lies inside a circle, in a few seconds on any machine.
 * Run: node examples/01-train-a-tiny-model.ts
 */
import { type numpy as np, tree } from "@jax-js/jax";
import { crossEntropy } from "../src/compute/layers/cross-entropy.ts";
import { initLinear, type LinearParams, linear } from "../src/compute/layers/linear.ts";
import { type GeluMlpParams, geluMlp, initGeluMlp } from "../src/compute/layers/mlp.ts";
import { adamw } from "../src/compute/optim/adamw.ts";
import { cosine } from "../src/compute/schedules.ts";
import { Tensor } from "../src/compute/tensor.ts";
import { train } from "../src/compute/train.ts";
import { Random } from "../src/core/random.ts";

// A model is a tree of parameters and a function. Inside the function values are jax-js arrays, outside Tensors.
type Params = { mlp: GeluMlpParams; head: LinearParams };
type Batch = { points: np.Array; inside: np.Array }; // [batch, 2] and [batch]

function loss(params: Params, { points, inside }: Batch): np.Array {
  const logits = linear(params.head, geluMlp(params.mlp, points)); // [batch, 2]
  tree.dispose(params); // layers only borrow parameters; a loss owns what it is given
  return crossEntropy(logits, inside);
}

// The same step always gives the same batch: that is what makes training resumable.
function batch(_step: number, rng: Random) {
  const points = Float32Array.from({ length: 2 * 64 }, () => 2 * rng.next() - 1);
  const inside = Int32Array.from({ length: 64 }, (_, i) =>
    Math.hypot(points[2 * i]!, points[2 * i + 1]!) < 0.75 ? 1 : 0,
  );
  return { points: Tensor.from(points, [64, 2]), inside: Tensor.from(inside) };
}

const rng = new Random(7);
const steps = 300;
const result = await train<Params, Batch>({
  params: {
    mlp: initGeluMlp(rng.split("mlp"), { dim: 2, hidden: 32 }),
    head: initLinear(rng.split("head"), { in: 2, out: 2 }),
  },
  loss,
  batch,
  optimizer: adamw(),
  schedule: cosine({ peak: 0.03, steps, warmup: 20 }),
  steps,
  seed: 7,
  onStep: ({ step, loss }) => {
    if (step % 50 === 0) console.log(`step ${step}  loss ${loss.toFixed(3)}`);
  },
});
console.log(`trained for ${result.seconds.toFixed(1)} s`);
