/** Polymath's side, a child process: `POLYMATH_DEVICE=native node ours.ts train|reconstruct`. */
import "../../src/compute/executors/worker-shim.ts"; // before jax-js is loaded
import { numpy as np } from "@jax-js/jax";
import { compile } from "../../src/compute/compile.ts";
import { adamw } from "../../src/compute/optim/adamw.ts";
import { Tensor } from "../../src/compute/tensor.ts";
import { createStepProgram, disposeReport, initialState } from "../../src/compute/training/step-program.ts";
import { version } from "../../src/core/version.ts";
import {
  type AutoencoderParams,
  autoencoderFromTensors,
  decode,
  encode,
  tokenizerLoss,
} from "../../src/diffusion/autoencoder/index.ts";
import { serveContender } from "../lib/contender.ts";
import {
  adamSettings,
  config,
  type HostArray,
  initialWeights,
  klWeight,
  makeBatches,
  numbersPerPicture,
  peakMemory,
} from "./task.ts";

const tensor = ({ shape, data }: HostArray) => Tensor.from(data, shape);

await serveContender(async ([mode]) => {
  const step = mode === "train" ? await openTraining() : await openReconstruction();
  await step(0);
  return { about: `Polymath ${version}, ${process.env.POLYMATH_DEVICE}, ${peakMemory()}`, step };
});

async function openTraining(): Promise<(index: number) => Promise<number>> {
  const weight = Tensor.from(klWeight);
  const batches = (await makeBatches()).map(({ images, noise }) => {
    return { images: tensor(images), noise: tensor(noise), klWeight: weight };
  });
  const { lr, ...adam } = adamSettings;
  const optimizer = adamw({ ...adam, weightDecay: 0 });
  const program = createStepProgram({ loss: tokenizerLoss(config), optimizer });
  let state = await initialState({ model: makeParams() } as never, optimizer, undefined);
  let stepCount = 0;
  return async (index) => {
    const output = await program.run(state, [batches[index % batches.length]], ++stepCount, lr);
    state = output.state;
    const value = await output.loss.item();
    disposeReport(output);
    return value / numbersPerPicture;
  };
}

/** The mean absolute difference between pictures and what is decoded from the means of their posteriors. */
async function openReconstruction(): Promise<(index: number) => Promise<number>> {
  const params = makeParams();
  const batches = (await makeBatches()).map(({ images }) => tensor(images));
  const program = compile(
    (p: AutoencoderParams, images: np.Array) => {
      const { mean, logvar } = encode(p, images.ref, config);
      logvar.dispose();
      return { difference: np.abs(decode(p, mean, config).sub(images)).mean() };
    },
    { name: "reconstruct" },
  );
  return async (index) => {
    const { difference } = await program(params, batches[index % batches.length]!);
    const value = await difference.item();
    difference.dispose();
    return value;
  };
}

function makeParams() {
  const tensors = new Map([...initialWeights()].map(([name, array]) => [name, tensor(array)]));
  return autoencoderFromTensors(tensors, config, "tokenizer-step");
}
