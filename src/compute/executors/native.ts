/**
 * The native executor: a traced program as an ONNX graph on ONNX Runtime's CPU kernels.
 *
 * ONNX Runtime reads inputs straight from typed arrays and (direct-outputs.ts) writes results straight into ours. The
 * buffers of donated inputs become outputs of the next call, so the two copies of a training state take turns and a
 * step allocates nothing. (Writing into a donated buffer during the same call would be wrong: nodes that run later may
 * still read the old value.) `run` blocks the thread; programs with equal graphs share a session.
 */
import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import ort from "onnxruntime-node";
import { lower } from "../lowering/lower.ts";
import { encodeModel } from "../lowering/onnx-proto.ts";
import { type DeviceValue, type DType, Tensor, type TensorData } from "../tensor.ts";
import { runDirect, withDirectOutputs } from "./direct-outputs.ts";
import type { Executable, Executor, ProgramCall } from "./executor.ts";
import { traceProgram } from "./trace.ts";

export const nativeExecutor: Executor = { prepare };

async function prepare(call: ProgramCall): Promise<Executable> {
  const { jaxpr, captured, structure } = await traceProgram(call);
  const inputNames = call.inputs.map((_, index) => `in${index}`);
  const outputNames = jaxpr.outs.map((_, index) => `out${index}`);
  const inputs = [...captured, ...inputNames];
  const model = lower(jaxpr, { name: call.name, inputs, outputNames });
  const session = await acquireSession(encodeModel(withDirectOutputs(model)));
  const outputs = jaxpr.outs.map(({ aval }) => ({ shape: aval.shape, dtype: aval.dtype as DType }));
  const spare = new SpareBuffers(outputs);

  return {
    structure,
    async run(tensors, donated) {
      const hosts = await Promise.all(tensors.map(hostData));
      const feeds: Record<string, ort.Tensor> = {};
      tensors.forEach((tensor, index) => {
        feeds[inputNames[index]!] = toOrt(tensor.dtype, hosts[index]!, tensor.shape);
      });
      const fetches: Record<string, ort.Tensor> = {};
      const results = outputs.map(({ shape, dtype }, index) => {
        const data = spare.take(dtype, shape);
        fetches[outputNames[index]!] = toOrt(dtype, data, shape);
        return new Tensor(shape, dtype, { device: new NativeValue(data) });
      });
      await runDirect(session.value, feeds, fetches);
      tensors.forEach((tensor, index) => {
        if (donated[index] && tensor.device instanceof NativeValue) tensor.device.giveTo(spare);
      });
      return results;
    },
    dispose: session.release,
  };
}

/** A tensor's bytes; those of another executor are fetched. */
function hostData(tensor: Tensor): TensorData | Promise<TensorData> {
  return tensor.device instanceof NativeValue ? tensor.device.borrow() : tensor.data();
}

/** A result's memory. Once somebody has read it, it is theirs for good; else a donation lets it be written again. */
class NativeValue implements DeviceValue {
  #data: TensorData | undefined;
  #isShared = false;

  constructor(data: TensorData) {
    this.#data = data;
  }

  /** For the duration of a call. */
  borrow(): TensorData {
    return this.#data!;
  }

  async read(): Promise<TensorData> {
    this.#isShared = true;
    return this.#data!;
  }

  giveTo(spare: SpareBuffers): void {
    if (this.#data && !this.#isShared) spare.offer(this.#data);
    this.#data = undefined;
  }

  dispose(): void {
    this.#data = undefined;
  }
}

/** Buffers of donated inputs, kept to be outputs of the next call: at most as many as one call writes. */
class SpareBuffers {
  readonly #free = new Map<number, ArrayBuffer[]>();
  readonly #wanted = new Map<number, number>();

  constructor(outputs: readonly { shape: readonly number[]; dtype: DType }[]) {
    for (const { shape, dtype } of outputs) {
      const bytes = byteLength(dtype, shape);
      this.#wanted.set(bytes, (this.#wanted.get(bytes) ?? 0) + 1);
      this.#free.set(bytes, []);
    }
  }

  take(dtype: DType, shape: readonly number[]): TensorData {
    const bytes = byteLength(dtype, shape);
    const buffer = this.#free.get(bytes)?.pop() ?? new ArrayBuffer(bytes);
    return new arrayTypes[dtype](buffer);
  }

  offer({ buffer }: TensorData): void {
    const free = this.#free.get(buffer.byteLength);
    if (free && free.length < this.#wanted.get(buffer.byteLength)!) free.push(buffer);
  }
}

const arrayTypes = {
  float32: Float32Array<ArrayBuffer>,
  float16: Float16Array<ArrayBuffer>,
  float64: Float64Array<ArrayBuffer>,
  int32: Int32Array<ArrayBuffer>,
  uint32: Uint32Array<ArrayBuffer>,
  bool: Uint8Array<ArrayBuffer>,
} as const;

function byteLength(dtype: DType, shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, arrayTypes[dtype].BYTES_PER_ELEMENT);
}

function toOrt(dtype: DType, data: TensorData, shape: readonly number[]): ort.Tensor {
  return new ort.Tensor(dtype as "float32", data as Float32Array, shape);
}

interface SharedSession {
  readonly session: Promise<ort.InferenceSession>;
  users: number;
}

/** Sessions by the hash of their model: equal programs share one, whatever function they came from. */
const sessions = new Map<string, SharedSession>();

async function acquireSession(model: Uint8Array) {
  const key = createHash("sha256").update(model).digest("hex");
  const shared = sessions.get(key) ?? { session: createSession(model), users: 0 };
  sessions.set(key, shared);
  shared.users++;
  const release = async () => {
    if (--shared.users > 0) return;
    sessions.delete(key);
    await (await shared.session).release();
  };
  try {
    return { value: await shared.session, release };
  } catch (error) {
    sessions.delete(key);
    throw error;
  }
}

function createSession(model: Uint8Array): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(model, {
    graphOptimizationLevel: "all",
    executionMode: "sequential",
    intraOpNumThreads: availableParallelism(),
    logSeverityLevel: 3, // errors only
    // Threads wait for the next operator for a moment only, not busily for good: as fast on an idle machine, two to
    // three times as fast on a shared one (decision 0001).
    extra: { session: { intra_op: { spin_duration_us: "20" } } },
  });
}
