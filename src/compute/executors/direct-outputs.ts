/**
 * Lets ONNX Runtime write results straight into our buffers, and nowhere else.
 *
 * onnxruntime-node 1.30 copies every output into a newly allocated array, also one that was passed to be written to
 * (`fetches`). For training state that is the whole model, fresh memory, every step: measured, the copy and its page
 * faults took longer than a 64 MB operator itself (decision 0001). The binding converts outputs in the order of the
 * model, after the run, and gives up with an error at one that is not a tensor. So a list goes first: the outputs
 * behind it are computed, lie in the given buffers, and are not converted. Two things keep this honest: any other error
 * is a real one, and a number written by the same run shows that it took place. A version that learns to convert lists
 * will copy again, and still be right.
 */
import ort from "onnxruntime-node";
import type { OnnxModel } from "../lowering/onnx-proto.ts";

const STOP = "stop";
const RAN = "ran";
const CONVERSION_ERROR = "Non tensor type is temporarily not supported";

/** The model with the list in front of its outputs and the number behind them. */
export function withDirectOutputs(model: OnnxModel): OnnxModel {
  const one = { name: "one", type: "float32" as const, shape: [], bytes: new Uint8Array(Float32Array.of(1).buffer) };
  const node = (op: string, output: string) => ({
    op,
    inputs: [one.name],
    outputs: [output],
    attributes: {},
  });
  return {
    nodes: [...model.nodes, node("SequenceConstruct", STOP), node("Identity", RAN)],
    initializers: [...model.initializers, one],
    inputs: model.inputs,
    outputs: [
      { name: STOP, type: "float32", shape: [], isSequence: true },
      ...model.outputs,
      { name: RAN, type: "float32", shape: [] },
    ],
  };
}

/** Runs a session of such a model; afterwards `outputs` hold the results. */
export async function runDirect(
  session: ort.InferenceSession,
  inputs: Record<string, ort.Tensor>,
  outputs: Record<string, ort.Tensor>,
): Promise<void> {
  const ran = Float32Array.of(0);
  try {
    await session.run(inputs, { [STOP]: null, ...outputs, [RAN]: new ort.Tensor("float32", ran, []) });
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes(CONVERSION_ERROR)) throw error;
  }
  if (ran[0] !== 1) throw new Error("onnxruntime-node did not write its outputs into the buffers it was given");
}
