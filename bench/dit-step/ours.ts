/** Polymath's side, a child process: `POLYMATH_DEVICE=native node ours.ts train|sample`. */
import "../../src/compute/executors/worker-shim.ts"; // before jax-js is loaded
import { compile } from "../../src/compute/compile.ts";
import { adamw } from "../../src/compute/optim/adamw.ts";
import { Tensor } from "../../src/compute/tensor.ts";
import { createStepProgram, disposeReport, initialState } from "../../src/compute/training/step-program.ts";
import { version } from "../../src/core/version.ts";
import { type DitInputs, type DitParams, dit, ditFrom, ditLoss } from "../../src/diffusion/index.ts";
import { serveContender } from "../lib/contender.ts";
import { adamSettings, type Batch, config, type HostArray, initialWeights, makeBatches } from "./task.ts";

const tensor = ({ shape, data }: HostArray) => Tensor.from(data, shape);

await serveContender(async ([mode]) => ({
  about: `Polymath ${version}, ${process.env.POLYMATH_DEVICE}`,
  step: mode === "train" ? await openTraining() : openSampling(),
}));

async function openTraining(): Promise<(index: number) => Promise<number>> {
  const weights = initialWeights();
  const params = ditFrom(config, (name) => tensor(weights.get(name)!));
  const batches = makeBatches().map((batch) => mapBatch(batch));
  const optimizer = adamw({ ...adamSettings, weightDecay: 0 });
  const program = createStepProgram({ loss: ditLoss(config, { direction: true }), optimizer });
  let state = await initialState(params as never, optimizer, undefined);
  let stepCount = 0;
  return async (index) => {
    const output = await program.run(state, [batches[index % batches.length]], ++stepCount, adamSettings.lr);
    state = output.state;
    const value = await output.loss.item();
    disposeReport(output);
    return value;
  };
}

/** One look at the model, as each step of a solver takes. */
function openSampling(): (index: number) => Promise<number> {
  const weights = initialWeights();
  const params = ditFrom(config, (name) => tensor(weights.get(name)!));
  const batches = makeBatches().map((batch) => mapBatch(batch));
  const program = compile((p: DitParams, inputs: DitInputs) => dit(p, inputs, config), { name: "dit" });
  return async (index) => {
    const { noise: latents, timesteps, labels } = batches[index % batches.length]!;
    const velocity = await program(params, { latents, timesteps, labels });
    const values = (await velocity.data()) as Float32Array;
    velocity.dispose();
    return values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
  };
}

function mapBatch({ data, noise, timesteps, labels }: Batch) {
  return { data: tensor(data), noise: tensor(noise), timesteps: tensor(timesteps), labels: tensor(labels) };
}
