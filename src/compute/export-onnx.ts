/**
 * Writes a function as an ONNX file: the same lowering that the native executor runs, with names a person can read, so
 * that a model trained here runs wherever ONNX runs (ONNX Runtime on servers, phones and in browsers, and others).
 * Standard operators only, opset 18.
 */
import "./executors/worker-shim.ts"; // before jax-js
import { type Array as JaxArray, type JsTree, tree } from "@jax-js/jax";
import { ConfigError } from "../core/errors.ts";
import { traceProgram } from "./executors/trace.ts";
import { type KnownValue, lower } from "./lowering/lower.ts";
import { encodeModel } from "./lowering/onnx-proto.ts";
import type { DType, Outside, Tensor } from "./tensor.ts";
import { namedLeaves } from "./tree.ts";

export interface ExportOptions {
  /** Names of the arguments; default input0, input1... */
  argNames?: readonly string[];
  /**
   * Positions of the arguments that become part of the file, such as parameters; default [0]. Their tensors keep
   * their paths as names (model.layers.0.mlp.gate_proj.weight), as in a checkpoint.
   */
  baked?: readonly number[];
  /** In errors; default the function's name. */
  name?: string;
}

export interface OnnxPortInfo {
  /** The path in the tree: "tokens", "cache.0.keys". A result that is one array is "output". */
  name: string;
  shape: readonly number[];
  dtype: DType;
}

export interface OnnxExport {
  /** The file's contents. */
  bytes: Uint8Array<ArrayBuffer>;
  inputs: readonly OnnxPortInfo[];
  outputs: readonly OnnxPortInfo[];
}

/** Protobuf, and with it a single ONNX file, ends at 2 GiB. */
const LARGEST_FILE = 2 ** 31 - 1;

/**
 * @param args example arguments: their shapes are the file's shapes, the values of baked ones are its weights
 * @throws ConfigError when a primitive has no ONNX counterpart, or the weights exceed 2 GiB
 */
export async function exportOnnx<F extends (...args: any[]) => JsTree<JaxArray>>(
  fn: F,
  args: Outside<Parameters<F>>,
  { argNames = [], baked = [0], name = fn.name || "program" }: ExportOptions = {},
): Promise<OnnxExport> {
  const leaves = (args as unknown[]).flatMap((arg, position) =>
    [...namedLeaves<Tensor>(arg)].map(([path, leaf]) => ({ position, path, leaf })),
  );
  const structure = tree.structure(args as any);
  const inputs = leaves.map(({ leaf }) => ({ shape: leaf.shape, dtype: leaf.dtype }));
  const traced = await traceProgram({ name, fn, structure, inputs });

  const ports: OnnxPortInfo[] = [];
  const bindings: (string | KnownValue)[] = [...traced.captured];
  for (const { position, path, leaf } of leaves) {
    if (baked.includes(position)) {
      const title = path || (argNames[position] ?? `input${position}`);
      bindings.push({ name: title, shape: leaf.shape, type: leaf.dtype, data: await leaf.data() });
    } else {
      const title = [argNames[position] ?? `input${position}`, path].filter(Boolean).join(".");
      ports.push({ name: title, shape: leaf.shape, dtype: leaf.dtype });
      bindings.push(title);
    }
  }
  const weightBytes = bindings.reduce((sum, it) => sum + (typeof it === "string" ? 0 : it.data.byteLength), 0);
  if (weightBytes > LARGEST_FILE) {
    throw new ConfigError(`exportOnnx: ${name}: ${weightBytes} bytes of weights exceed the 2 GiB of one ONNX file`, {
      hint: "Export the model in parts, or leave the parameters as inputs with { baked: [] }.",
    });
  }
  const results = tree.unflatten(traced.structure, traced.jaxpr.outs as any);
  const outputs = [...namedLeaves<(typeof traced.jaxpr.outs)[number]>(results)].map(([path, { aval }]) => ({
    name: path ? `output.${path}` : "output",
    shape: aval.shape,
    dtype: aval.dtype as DType,
  }));
  const outputNames = outputs.map((port) => port.name);
  const bytes = encodeModel(lower(traced.jaxpr, { name, inputs: bindings, outputNames }));
  return { bytes, inputs: ports, outputs };
}
