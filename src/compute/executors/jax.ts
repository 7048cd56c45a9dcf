/**
 * Executors on jax-js's own backends: its jit fuses the traced program into kernels for WebAssembly or WebGPU.
 * Results stay jax-js arrays on the device until somebody reads them.
 */
import { defaultDevice, type Array as JaxArray, jit, numpy as np, tree } from "@jax-js/jax";
import { type DeviceValue, type DType, Tensor, type TensorData } from "../tensor.ts";
import type { Executable, Executor, ProgramCall } from "./executor.ts";
import { mendJit } from "./jax-mend.ts";

export type JaxDevice = "wasm" | "webgpu";

export function createJaxExecutor(device: JaxDevice): Executor {
  mendJit();
  return { prepare: async (call) => prepare(device, call) };
}

function prepare(device: JaxDevice, { fn, structure }: ProgramCall): Executable {
  let resultStructure: ReturnType<typeof tree.structure> | undefined;
  const flat = (...leaves: JaxArray[]): JaxArray[] => {
    const args = tree.unflatten(structure, leaves) as any[];
    const [results, traced] = tree.flatten(fn(...args) as JaxArray);
    resultStructure = traced;
    return results;
  };
  const jitted = jit(flat);

  return {
    get structure() {
      if (!resultStructure) throw new Error("internal: the structure of a result is known after the first run");
      return resultStructure;
    },
    async run(inputs) {
      const arrays = await Promise.all(inputs.map((input) => toJax(input, device)));
      const results = onDevice(device, () => jitted(...arrays)) as JaxArray[];
      // Kernels are queued lazily: without waiting, an unread state would drag a growing queue from step to step.
      await Promise.all(results.map((array) => array.blockUntilReady()));
      return results.map((array) => new Tensor(array.shape, array.dtype as DType, { device: new JaxValue(array) }));
    },
    dispose: async () => jitted.dispose(),
  };
}

/** Arrays that the program makes while it is traced belong to the same device. */
function onDevice<T>(device: JaxDevice, run: () => T): T {
  const before = defaultDevice();
  defaultDevice(device);
  try {
    return run();
  } finally {
    defaultDevice(before);
  }
}

class JaxValue implements DeviceValue {
  readonly array: JaxArray;
  #isDisposed = false;

  constructor(array: JaxArray) {
    this.array = array;
  }

  async read(): Promise<TensorData> {
    const { dtype } = this.array;
    const data = (await this.array.ref.data()) as TensorData; // data() spends a reference
    return dtype === "bool" ? Uint8Array.from(data) : data;
  }

  dispose(): void {
    if (!this.#isDisposed) this.array.dispose();
    this.#isDisposed = true;
  }
}

/** A reference for the program to spend; the tensor keeps its own. */
async function toJax(tensor: Tensor, device: JaxDevice): Promise<JaxArray> {
  if (tensor.device instanceof JaxValue && tensor.device.array.device === device) return tensor.device.array.ref;
  const data = await tensor.data();
  const shape = [...tensor.shape];
  if (data.length === 0) return np.zeros(shape, { dtype: tensor.dtype as any, device }); // array() refuses no numbers
  if (tensor.dtype !== "bool") return np.array(data as any, { shape, device });
  return np.array(Int32Array.from(data) as any, { shape, dtype: np.bool, device });
}
