/** What a lowering rule gets and gives: one equation of the traced program, operands as views. */
import type { Jaxpr } from "@jax-js/jax";
import type { DType } from "../tensor.ts";
import type { Graph } from "./graph.ts";
import type { View } from "./view.ts";

/** An equation of a jaxpr; jax-js does not export the type by name. */
export type JaxprEquation = Jaxpr["eqns"][number];

export interface Equation {
  readonly primitive: string;
  /** As jax-js defines them for the primitive (frontend/core.ts, PrimitiveParamsImpl). */
  readonly params: Readonly<Record<string, any>>;
  readonly inputs: readonly View[];
  /** Whether each input's dtype yields to the others' (a number literal's). */
  readonly weak: readonly boolean[];
  /** Whether each input has no other reader in the program. */
  readonly soleUse: readonly boolean[];
  /** Shape and dtype of each result. */
  readonly outputs: readonly { readonly shape: readonly number[]; readonly type: DType }[];
}

/** Emits the nodes of one equation and returns a view of each result. */
export type Rule = (graph: Graph, equation: Equation) => View[];
export type RuleTable = Readonly<Record<string, Rule>>;

/** A primitive or a use of one that cannot be expressed in ONNX; lower.ts adds which program asked for it. */
export class CannotLower extends Error {}

const rank: Record<DType, number> = { bool: 0, uint32: 1, int32: 2, float16: 3, float32: 4, float64: 5 };

/** The dtype in which operands meet: jax-js's promotion, where literals yield to arrays. */
export function meetingType({ inputs, weak }: Pick<Equation, "inputs" | "weak">, from = 0): DType {
  return inputs.slice(from).reduce<{ type: DType; weak: boolean }>(
    (met, { type }, index) => {
      const isWeak = weak[from + index]!;
      if (met.weak === isWeak) return { type: later(met.type, type), weak: isWeak };
      return { type: later(met.weak ? type : met.type, "uint32"), weak: false };
    },
    { type: inputs[from]!.type, weak: weak[from]! },
  ).type;
}

function later(a: DType, b: DType): DType {
  return rank[a] > rank[b] ? a : b;
}
