/** Lowers a traced program (a jax-js jaxpr) to an ONNX model, one rule per primitive. */
import type { Jaxpr } from "@jax-js/jax";
import { ConfigError } from "../../core/errors.ts";
import type { DType, TensorData } from "../tensor.ts";
import { arithmetic } from "./arithmetic.ts";
import { convolutions } from "./conv.ts";
import { products } from "./dot.ts";
import { elementwise } from "./elementwise.ts";
import { Graph } from "./graph.ts";
import { indexing } from "./indexing.ts";
import { movement } from "./movement.ts";
import type { OnnxModel, OnnxPort } from "./onnx-proto.ts";
import { pooling } from "./pool.ts";
import { randomness } from "./random.ts";
import { reductions } from "./reduce.ts";
import { CannotLower, type JaxprEquation, type RuleTable } from "./rule.ts";
import { sorting } from "./sort.ts";
import { dense, plainView, scalarView, type View } from "./view.ts";

const rules: RuleTable = {
  ...arithmetic,
  ...elementwise,
  ...reductions,
  ...movement,
  ...products,
  ...convolutions,
  ...pooling,
  ...indexing,
  ...sorting,
  ...randomness,
};

/** A value known when the program is lowered: an array that the function captured, or a parameter to be exported. */
export interface KnownValue {
  readonly shape: readonly number[];
  readonly type: DType;
  readonly data: TensorData;
  /** The initializer's name in the model; made up when left out. */
  readonly name?: string;
}

export interface LowerOptions {
  /** Which program, in errors. */
  name: string;
  /** For each input of the jaxpr: a name if it stays an input, or its value. */
  inputs: readonly (string | KnownValue)[];
  outputNames: readonly string[];
}

type Atom = JaxprEquation["inputs"][number];

/**
 * @param jaxpr flattened and simplified
 * @throws ConfigError naming the primitive and the program when something has no ONNX counterpart
 */
export function lower(jaxpr: Jaxpr, { name, inputs, outputNames }: LowerOptions): OnnxModel {
  const graph = new Graph();
  const views = new Map<unknown, View>();
  const ports: OnnxPort[] = [];
  jaxpr.inBinders.forEach((binder, index) => {
    const { shape, dtype } = binder.aval;
    const input = inputs[index]!;
    if (typeof input === "string") {
      ports.push({ name: input, type: dtype as DType, shape });
      views.set(binder, plainView(input, shape, dtype as DType));
    } else {
      views.set(binder, knownView(graph, input));
    }
  });
  const read = (atom: Atom): View => {
    if (!("value" in atom)) return views.get(atom)!;
    const type = atom.dtype as DType;
    return scalarView(graph, type, Number(atom.value));
  };
  const uses = countUses(jaxpr);
  for (const eqn of jaxpr.eqns) {
    const results = lowerEquation(graph, eqn, { read, uses, program: name });
    eqn.outBinders.forEach((binder, index) => void views.set(binder, results[index]!));
  }
  const outputs = jaxpr.outs.map((atom, index) => ({
    name: outputNames[index]!,
    type: atom.aval.dtype as DType,
    shape: atom.aval.shape,
  }));
  return graph.finish(
    ports,
    outputs,
    jaxpr.outs.map((atom) => dense(graph, read(atom))),
  );
}

/** How often each variable is read. */
function countUses(jaxpr: Jaxpr): Map<Atom, number> {
  const uses = new Map<Atom, number>();
  for (const atom of [...jaxpr.eqns.flatMap(({ inputs }) => inputs), ...jaxpr.outs]) {
    uses.set(atom, (uses.get(atom) ?? 0) + 1);
  }
  return uses;
}

interface EquationContext {
  read: (atom: Atom) => View;
  uses: Map<Atom, number>;
  program: string;
}

function lowerEquation(graph: Graph, eqn: JaxprEquation, { read, uses, program }: EquationContext): View[] {
  const rule = Object.hasOwn(rules, eqn.primitive) ? rules[eqn.primitive] : undefined;
  try {
    if (!rule) throw new CannotLower("there is no ONNX operator for it");
    return rule(graph, {
      primitive: eqn.primitive,
      params: eqn.params,
      inputs: eqn.inputs.map(read),
      weak: eqn.inputs.map((atom) => atom.aval.weakType),
      soleUse: eqn.inputs.map((atom) => uses.get(atom) === 1),
      outputs: eqn.outBinders.map(({ aval }) => ({ shape: aval.shape, type: aval.dtype as DType })),
    });
  } catch (error) {
    if (!(error instanceof CannotLower)) throw error;
    throw new ConfigError(`${program}: primitive ${eqn.primitive} ${JSON.stringify(eqn.params)}: ${error.message}`, {
      hint: "Run with POLYMATH_DEVICE=wasm, or write this step with other operations.",
    });
  }
}

/** A constant; one that repeats a single number (zeros, ones) becomes a lazy broadcast of a scalar. */
function knownView(graph: Graph, { shape, type, data, name }: KnownValue): View {
  if (name === undefined && data.length > 0 && data.every((value) => Object.is(value, data[0]))) {
    return scalarView(graph, type, Number(data[0]), shape);
  }
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return plainView(graph.initializer(type, shape, bytes, name), shape, type);
}
