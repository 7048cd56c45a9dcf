/** The benchmark's training step in Polymath: the step program that `train()` runs, on the device of POLYMATH_DEVICE. */
import { adamw } from "../../src/compute/optim/adamw.ts";
import { Tensor, type TensorTree } from "../../src/compute/tensor.ts";
import { createStepProgram, disposeReport, initialState } from "../../src/compute/training/step-program.ts";
import { treeFromNames } from "../../src/compute/tree.ts";
import { autoencoderLoss, decoderLoss } from "./ours-models.ts";
import { adamwSettings, type HostArray, initialWeights, makeBatches, tasks } from "./tasks.ts";

/** @returns a function that takes one step on the batch of that index and returns its loss */
export async function openTrainingStep(taskName: string): Promise<(index: number) => Promise<number>> {
  const task = tasks[taskName]!;
  const weights = new Map([...initialWeights(task)].map(([name, array]) => [name, toTensor(array)]));
  const batches = makeBatches(task).map((batch) =>
    Object.fromEntries(Object.entries(batch).map(([name, array]) => [name, toTensor(array)])),
  );
  const optimizer = adamw(adamwSettings);
  const loss = task.kind === "decoder" ? decoderLoss(task) : autoencoderLoss(task);
  const program = createStepProgram({ loss, optimizer });
  let state = await initialState(treeFromNames(weights) as TensorTree, optimizer, undefined);
  let stepCount = 0;
  return async (index) => {
    stepCount++;
    const output = await program.run(state, [batches[index % batches.length]], stepCount, adamwSettings.lr);
    state = output.state;
    const value = await output.loss.item();
    disposeReport(output);
    return value;
  };
}

function toTensor({ shape, data }: HostArray): Tensor {
  return Tensor.from(data, shape);
}
