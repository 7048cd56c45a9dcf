/** What an executor is: a way to run one traced program on one kind of device. */
import type { JsTreeDef } from "@jax-js/jax";
import type { DType, Tensor } from "../tensor.ts";

export type Device = "native" | "wasm" | "webgpu";

/** A pure function on trees of jax-js arrays. */
export type Program = (...args: any[]) => any;

/** A function together with the shapes it is asked for: all that preparing it needs. */
export interface ProgramCall {
  /** Shown in errors and profiles. */
  readonly name: string;
  readonly fn: Program;
  /** The tree of the argument list; its leaves are `inputs`. */
  readonly structure: JsTreeDef;
  readonly inputs: readonly { readonly shape: readonly number[]; readonly dtype: DType }[];
}

/** A prepared program: run as often as wanted with tensors of the prepared shapes. */
export interface Executable {
  /** The tree of the result; its leaves are what `run` returns. */
  readonly structure: JsTreeDef;
  /**
   * @param inputs borrowed; the caller disposes of the donated ones afterwards
   * @param donated for each input, whether its memory may be written to by later calls
   */
  run(inputs: readonly Tensor[], donated: readonly boolean[]): Promise<Tensor[]>;
  dispose(): Promise<void>;
}

export interface Executor {
  prepare(call: ProgramCall): Promise<Executable>;
}
