/**
 * Compiles a pure function on jax-js arrays: traced once per combination of shapes, run by the chosen executor.
 *
 * Inside, the function sees jax-js arrays and their ownership rules: it consumes its arguments, `.ref` keeps one.
 * Outside there are Tensors: a call borrows its arguments, except those it was told to `donate`. Whatever is not an
 * array (sizes, options) is closed over; the function runs only while it is traced, so it must not depend on anything
 * that changes between calls.
 */
import "./executors/worker-shim.ts"; // before jax-js, which looks for workers when it is loaded
import { type Array as JaxArray, type JsTree, tree } from "@jax-js/jax";
import { UsageError } from "../core/errors.ts";
import { currentDevice, type Device, loadExecutor } from "./device.ts";
import type { Executable } from "./executors/executor.ts";
import { type Outside, Tensor } from "./tensor.ts";
import { namedLeaves } from "./tree.ts";

export type Program = (...args: any[]) => JsTree<JaxArray>;
export type Compiled<F extends Program> = ((...args: Outside<Parameters<F>>) => Promise<Outside<ReturnType<F>>>) & {
  /** Frees what was prepared; results stay valid. */
  dispose(): void;
};
export interface CompileOptions {
  /** Shown in errors and profiles. */
  name?: string;
  /** Positions of arguments that are spent by the call, such as training state; the others are borrowed. */
  donate?: readonly number[];
  /** Where to run; default what POLYMATH_DEVICE says at the call. */
  device?: Device;
}

/**
 * @throws ConfigError at the first call, when the device cannot run something in `fn`: it names the primitive
 * @throws MissingError at the first call, when this machine lacks the device
 */
export function compile<F extends Program>(fn: F, options: CompileOptions = {}): Compiled<F> {
  const name = options.name ?? (fn.name || "program");
  const donate = options.donate ?? [];
  const prepared = new Map<string, Promise<Executable>>();

  const call = async (...args: unknown[]): Promise<unknown> => {
    const [leaves, structure] = tree.flatten(args as any) as unknown as [Tensor[], ReturnType<typeof tree.structure>];
    for (const [index, leaf] of leaves.entries())
      expectTensor(leaf, () => `${name}: argument ${[...namedLeaves(args).keys()][index]}`);
    const device = options.device ?? currentDevice();
    const key = `${device} ${structure} ${leaves.map((leaf) => `${leaf.dtype}[${leaf.shape}]`).join()}`;
    let executable = prepared.get(key);
    if (!executable) {
      executable = loadExecutor(device).then((executor) => executor.prepare({ name, fn, structure, inputs: leaves }));
      prepared.set(key, executable);
      executable.catch(() => prepared.delete(key)); // a later call may mend what this one lacked
    }
    const ready = await executable;
    const donated = args.flatMap((arg, index) => tree.leaves(arg as any).map(() => donate.includes(index)));
    const results = await ready.run(leaves, donated);
    for (const [index, leaf] of leaves.entries()) if (donated[index]) leaf.dispose();
    return tree.unflatten(ready.structure, results as any);
  };
  const dispose = () => {
    for (const executable of prepared.values()) void executable.then((ready) => ready.dispose()).catch(() => {});
    prepared.clear();
  };
  return Object.assign(call, { dispose }) as unknown as Compiled<F>;
}

function expectTensor(leaf: unknown, where: () => string): void {
  if (leaf instanceof Tensor) return;
  const found = leaf === null ? "null" : typeof leaf === "object" ? leaf.constructor.name : typeof leaf;
  throw new UsageError(`${where()}: expected a Tensor, got ${found}`, {
    hint: "Wrap numbers with Tensor.from(...); close over everything that is not a tensor.",
  });
}
