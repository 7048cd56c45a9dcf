/** Traces a function for given shapes: a flat jaxpr, the arrays it captured, and the tree of its result. */
import { Jaxpr, type JsTreeDef, makeJaxpr, tree } from "@jax-js/jax";
import type { KnownValue } from "../lowering/lower.ts";
import type { DType, TensorData } from "../tensor.ts";
import type { ProgramCall } from "./executor.ts";

export interface Trace {
  /** `jit` calls inlined, dead code removed. Its first inputs are the captured arrays, then the arguments' leaves. */
  readonly jaxpr: Jaxpr;
  readonly captured: readonly KnownValue[];
  readonly structure: JsTreeDef;
}

/** An argument's shape and dtype; a class, because jax-js would take a plain object for a tree. */
class Aval {
  readonly shape: number[];
  readonly dtype: DType;
  readonly weakType = false;

  constructor(shape: readonly number[], dtype: DType) {
    this.shape = [...shape];
    this.dtype = dtype;
  }
}

export async function traceProgram({ fn, structure, inputs }: ProgramCall): Promise<Trace> {
  const avals = inputs.map(({ shape, dtype }) => new Aval(shape, dtype));
  const args = tree.unflatten(structure, avals) as unknown as any[];
  const { jaxpr: closed, treedef } = makeJaxpr(fn)(...args);
  const captured: KnownValue[] = [];
  for (const array of closed.consts as any[]) {
    const { shape, dtype } = array;
    const data = (await array.data()) as TensorData; // spends the reference that the trace holds
    captured.push({ shape, type: dtype, data: dtype === "bool" ? Uint8Array.from(data as Int32Array) : data });
  }
  // Not `.simplify()`, which jax-mend.ts may have changed for jax-js's own kernels: the lowering has better ways.
  const jaxpr = Jaxpr.prototype.simplify.call(closed.jaxpr.flatten());
  return { jaxpr, captured, structure: treedef };
}
