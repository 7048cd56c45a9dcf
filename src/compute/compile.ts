/**
 * Compiles a pure function on jax-js arrays: traced once per combination of shapes, run by the chosen executor.
 */
import { type Array as JaxArray, type JsTree, defaultDevice, init, jit, numpy as np, tree } from "@jax-js/jax";
import { type Outside, Tensor, type TensorData } from "./tensor.ts";

export type Program = (...args: any[]) => JsTree<JaxArray>;
export type Compiled<F extends Program> = ((...args: Outside<Parameters<F>>) => Promise<Outside<ReturnType<F>>>) & {
  dispose(): void;
};
export interface CompileOptions {
  /** Shown in errors and profiles. */
  name?: string;
  /** Positions of arguments that are spent by the call, such as training state; the others are borrowed. */
  donate?: readonly number[];
}

export function compile<F extends Program>(fn: F, options: CompileOptions = {}): Compiled<F> {
  const jitted = jit(fn as any) as any;
  const call = async (...args: any[]) => {
    await init("wasm");
    defaultDevice("wasm");
    const inputs = args.map((arg) => tree.map((leaf: any) => toJax(leaf), arg));
    const outputs = jitted(...inputs);
    const result = await mapAsync(outputs, fromJax);
    for (const position of options.donate ?? []) tree.map((leaf: any) => leaf.dispose(), args[position]);
    return result;
  };
  return Object.assign(call, { dispose: () => jitted.dispose() }) as any;
}

function toJax(tensor: Tensor): JaxArray {
  const host = tensor.host!;
  const data = tensor.dtype === "bool" ? Int32Array.from(host as Uint8Array) : host;
  const array = np.array(data as any, { shape: [...tensor.shape] } as any);
  return tensor.dtype === "bool" ? array.astype(np.bool) : array;
}

async function mapAsync(outputs: any, fn: (leaf: any) => Promise<Tensor>): Promise<any> {
  const [leaves, structure] = tree.flatten(outputs);
  const mapped = [];
  for (const leaf of leaves) mapped.push(await fn(leaf));
  return tree.unflatten(structure, mapped as any);
}

async function fromJax(array: JaxArray): Promise<Tensor> {
  const { shape, dtype } = array;
  const data = (await array.data()) as TensorData;
  return new Tensor(shape, dtype as any, { host: dtype === "bool" ? Uint8Array.from(data as any) : data });
}
