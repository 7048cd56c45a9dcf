/**
 * A graph written by hand, on ONNX Runtime, for the few programs that a trace cannot express: here an operator may
 * write into a buffer that it was given. Only native; whoever needs another device compiles a function instead.
 */
import ort from "onnxruntime-node";
import { runDirect, withDirectOutputs } from "./executors/direct-outputs.ts";
import { encodeModel, type OnnxModel } from "./lowering/onnx-proto.ts";

/** A typed array with a shape, made once and passed to as many runs as wanted. */
export type GraphTensor = ort.Tensor;

export interface NativeGraph {
  /**
   * Reads `inputs` where they lie and writes the results into `outputs`. A buffer may be both: then it is the graph's
   * affair that no node reads what another has overwritten.
   */
  run(inputs: Record<string, GraphTensor>, outputs: Record<string, GraphTensor>): Promise<void>;
  dispose(): Promise<void>;
}

/** @param data kept, not copied */
export function graphTensor(
  type: "float32" | "int32" | "int64",
  data: Float32Array | Int32Array | BigInt64Array,
  shape: readonly number[],
): GraphTensor {
  return new ort.Tensor(type as "float32", data as Float32Array, shape);
}

/**
 * @param model its constants are copied into the layout that the products want; the bytes may go afterwards
 * @param options.threads that share one operator; for small operators one is the fastest
 */
export async function openNativeGraph(model: OnnxModel, { threads }: { threads: number }): Promise<NativeGraph> {
  const external = model.initializers.filter((tensor) => tensor.external);
  const session = await ort.InferenceSession.create(encodeModel(withDirectOutputs(model)), {
    graphOptimizationLevel: "all",
    executionMode: "sequential",
    intraOpNumThreads: threads,
    logSeverityLevel: 3, // errors only
    externalData: external.map(({ name, bytes }) => ({ path: name, data: bytes })),
    extra: { session: { intra_op: { spin_duration_us: "20" } } }, // as in executors/native.ts
  });
  return {
    run: (inputs, outputs) => runDirect(session, inputs, outputs),
    dispose: () => session.release(),
  };
}
