/**
 * Collects the nodes of one ONNX graph while a program is lowered.
 *
 * Shapes of names are the caller's business (see view.ts). What this file does for everybody: constants, reshapes,
 * transposes and casts are emitted once per distinct request, chains of reshapes collapse to one, and nodes that
 * nothing reads are dropped at the end (ONNX Runtime would run them).
 */
import type { Attribute, OnnxModel, OnnxNode, OnnxPort, OnnxTensor, OnnxType } from "./onnx-proto.ts";
import { onnxTypeCode } from "./onnx-proto.ts";

export interface EmitOptions {
  attributes?: Record<string, Attribute>;
}

export class Graph {
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers = new Map<string, OnnxTensor>();
  readonly #producers = new Map<string, OnnxNode>();
  readonly #once = new Map<string, string>();
  readonly #numbers = new Map<string, number>();
  /** What a reshaped name was before, and in which shape. */
  readonly #origins = new Map<string, { name: string; shape: readonly number[] }>();
  #names = 0;

  /** Adds a node with one output and returns the output's name. */
  emit(op: string, inputs: readonly string[], options: EmitOptions = {}): string {
    return this.emitMany(op, inputs, 1, options)[0]!;
  }

  emitMany(op: string, inputs: readonly string[], outputCount: number, options: EmitOptions = {}): string[] {
    const outputs = Array.from({ length: outputCount }, () => this.#freshName());
    const node = { op, inputs, outputs, attributes: options.attributes ?? {} };
    this.#nodes.push(node);
    for (const output of outputs) this.#producers.set(output, node);
    return outputs;
  }

  /** The node that computes `name`, if one does: how peepholes look back. */
  producer(name: string): OnnxNode | undefined {
    return this.#producers.get(name);
  }

  /** A constant tensor; equal small ones share one name. */
  constant(type: OnnxType, shape: readonly number[], values: readonly number[]): string {
    return this.#cached(`constant ${type} [${shape}] ${values.map(exactText)}`, () =>
      this.initializer(type, shape, encodeNumbers(type, values)),
    );
  }

  /** A constant given by its bytes, under `name` when given. */
  initializer(type: OnnxType, shape: readonly number[], bytes: Uint8Array, name = this.#freshName()): string {
    this.#initializers.set(name, { name, type, shape, bytes });
    return name;
  }

  scalar(type: OnnxType, value: number): string {
    const name = this.constant(type, [], [value]);
    this.#numbers.set(name, value);
    return name;
  }

  /** The number that `scalar` made this name for. */
  numberOf(name: string): number | undefined {
    return this.#numbers.get(name);
  }

  /** A list of axes, sizes or positions, as ONNX operators take them. */
  int64s(values: readonly number[]): string {
    return this.constant("int64", [values.length], values);
  }

  /** Same elements under another shape: no copy in ONNX Runtime. */
  reshape(name: string, from: readonly number[], to: readonly number[]): string {
    if (sameShape(from, to)) return name;
    const origin = this.#origins.get(name) ?? { name, shape: from };
    if (sameShape(origin.shape, to)) return origin.name;
    return this.#cached(`reshape ${origin.name} [${to}]`, () => {
      const attributes: Record<string, Attribute> = to.includes(0) ? { allowzero: 1 } : {};
      const result = this.emit("Reshape", [origin.name, this.int64s(to)], { attributes });
      this.#origins.set(result, origin);
      return result;
    });
  }

  transpose(name: string, perm: readonly number[]): string {
    if (perm.every((axis, index) => axis === index)) return name;
    return this.#cached(`transpose ${name} [${perm}]`, () => this.emit("Transpose", [name], { attributes: { perm } }));
  }

  cast(name: string, from: OnnxType, to: OnnxType): string {
    if (from === to) return name;
    return this.#cached(`cast ${name} ${to}`, () =>
      this.emit("Cast", [name], { attributes: { to: onnxTypeCode[to] } }),
    );
  }

  /** `name` times a number. ONNX Runtime folds the node into a matrix product that it follows. */
  scale(name: string, type: OnnxType, factor: number): string {
    if (factor === 1) return name;
    if (factor === -1) return this.#cached(`negative ${name}`, () => this.emit("Neg", [name]));
    return this.#cached(`scale ${name} ${factor}`, () => this.emit("Mul", [name, this.scalar(type, factor)]));
  }

  /** Repeats size-1 axes to `shape`: the only place where a broadcast costs memory. */
  expand(name: string, from: readonly number[], shape: readonly number[]): string {
    if (sameShape(from, shape)) return name;
    return this.#cached(`expand ${name} [${shape}]`, () => this.emit("Expand", [name, this.int64s(shape)]));
  }

  /** The finished model: `results` become the outputs, under the names of `outputs`. */
  finish(inputs: readonly OnnxPort[], outputs: readonly OnnxPort[], results: readonly string[]): OnnxModel {
    const renamed = new Map<string, string>();
    const copies: OnnxNode[] = [];
    results.forEach((name, index) => {
      const port = outputs[index]!;
      // A node can write the output itself, unless it is an input, a constant or already another output.
      if (this.#producers.has(name) && !renamed.has(name)) renamed.set(name, port.name);
      else copies.push({ op: "Identity", inputs: [name], outputs: [port.name], attributes: {} });
    });
    const rename = (name: string) => renamed.get(name) ?? name;
    const nodes = [...this.#nodes, ...copies].map((node) => ({
      ...node,
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
    }));
    const used = new Set(outputs.map((port) => port.name));
    const live: OnnxNode[] = [];
    for (const node of nodes.reverse()) {
      if (!node.outputs.some((name) => used.has(name))) continue;
      for (const name of node.inputs) used.add(name);
      live.push(node);
    }
    const initializers = [...this.#initializers.values()].filter(({ name }) => used.has(name));
    return { nodes: live.reverse(), initializers, inputs, outputs };
  }

  #cached(key: string, make: () => string): string {
    const known = this.#once.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#once.set(key, made);
    return made;
  }

  #freshName(): string {
    return `%${this.#names++}`;
  }
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, index) => dim === b[index]);
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

export function isFloat(type: OnnxType): boolean {
  return type === "float32" || type === "float16" || type === "float64";
}

/** Keeps -0 and NaN apart from 0 in a text key. */
function exactText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

const makeArray: Record<OnnxType, (values: readonly number[]) => ArrayBufferView<ArrayBuffer>> = {
  float32: (values) => Float32Array.from(values),
  float16: (values) => Float16Array.from(values),
  float64: (values) => Float64Array.from(values),
  int32: (values) => Int32Array.from(values),
  uint32: (values) => Uint32Array.from(values),
  bool: (values) => Uint8Array.from(values, (value) => (value ? 1 : 0)),
  int64: (values) => BigInt64Array.from(values, BigInt),
};

function encodeNumbers(type: OnnxType, values: readonly number[]): Uint8Array<ArrayBuffer> {
  const array = makeArray[type](values);
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
