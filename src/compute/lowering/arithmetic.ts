/**
 * Sums, differences, products and quotients.
 *
 * jax-js has no subtraction or division: a - b is add(a, neg(b)) and a / b is mul(a, reciprocal(b)). Signs and constant
 * factors are not multiplied in at once but carried along (View.scale), so that neg costs nothing, a difference becomes
 * one Sub again, and most factors meet a matrix product in the end. Only floats carry one: whole numbers wrap.
 * On bool, add and mul mean or and and.
 */
import type { DType } from "../tensor.ts";
import { elementCount, type Graph } from "./graph.ts";
import type { Equation, Rule, RuleTable } from "./rule.ts";
import { align, castView, padRank, scalarView, settle, type View } from "./view.ts";

/** Shape and dtype of a result. */
export interface Result {
  readonly shape: readonly number[];
  readonly type: DType;
}

/** Applies one operator to views that broadcast against each other. */
export function pointwise(graph: Graph, op: string, views: readonly View[], result: Result, attributes = {}): View {
  const aligned = align(graph, views, result.shape);
  return aligned.view(graph.emit(op, aligned.names, { attributes }), result.type);
}

/** Operands cast to the result's dtype. */
export function promoted(graph: Graph, { inputs, outputs }: Equation): View[] {
  return inputs.map((view) => castView(graph, view, outputs[0]!.type));
}

const carriesFactor = (type: DType) => type === "float32" || type === "float64";
/** Whether a factor may be carried: not so far from 1 that a later product of factors leaves float32's range. */
const isTame = (factor: number) => Math.abs(factor) > 1e-15 && Math.abs(factor) < 1e15;
const bare = (view: View): View => ({ ...view, scale: 1 });

/** The number that a constant view repeats. */
export function constantOf(graph: Graph, view: View): number | undefined {
  const value = graph.numberOf(view.name);
  return value === undefined ? undefined : value * view.scale;
}

/** The view broadcast to `shape`. */
function stretched(view: View, shape: readonly number[]): View {
  return { ...padRank(view, shape.length), shape };
}

export function multiply(graph: Graph, a: View, b: View, result: Result): View {
  if (!carriesFactor(result.type)) return pointwise(graph, "Mul", [a, b], result);
  for (const [x, y] of [
    [a, b],
    [b, a],
  ] as const) {
    const factor = (constantOf(graph, y) ?? Number.NaN) * x.scale;
    if (isTame(factor)) return { ...stretched(x, result.shape), scale: factor };
  }
  const scale = a.scale * b.scale;
  if (!isTame(scale)) return pointwise(graph, "Mul", [a, b], result);
  return { ...pointwise(graph, "Mul", [bare(a), bare(b)], result), scale };
}

export function sum(graph: Graph, a: View, b: View, result: Result): View {
  if (!carriesFactor(result.type)) return pointwise(graph, "Add", [a, b], result);
  const [larger, smaller] = elementCount(a.core) >= elementCount(b.core) ? [a, b] : [b, a];
  const constant = constantOf(graph, smaller);
  if (constant === 0) return stretched(larger, result.shape);
  const { scale } = larger;
  if (constant !== undefined) {
    const shifted = pointwise(graph, "Add", [bare(larger), scalarView(graph, result.type, constant / scale)], result);
    return { ...shifted, scale };
  }
  if (larger.scale === -smaller.scale) {
    const [plus, minus] = scale > 0 ? [larger, smaller] : [smaller, larger];
    return { ...pointwise(graph, "Sub", [bare(plus), bare(minus)], result), scale: plus.scale };
  }
  // s·a + t·b = s·(a + t/s·b): one of the two factors stays to be carried on.
  const ratio = smaller.scale / scale;
  if (!isTame(ratio)) return pointwise(graph, "Add", [a, b], result);
  return { ...pointwise(graph, "Add", [bare(larger), { ...smaller, scale: ratio }], result), scale };
}

const add: Rule = (graph, equation) => {
  const [output] = equation.outputs;
  const [a, b] = promoted(graph, equation) as [View, View];
  if (output!.type === "bool") return [pointwise(graph, "Or", [a, b], output!)];
  return [sum(graph, a, b, output!)];
};

const mul: Rule = (graph, equation) => {
  const [output] = equation.outputs;
  const [a, b] = promoted(graph, equation) as [View, View];
  if (output!.type === "bool") return [pointwise(graph, "And", [a, b], output!)];
  for (const [x, inverse, index] of [
    [a, b, 1],
    [b, a, 0],
  ] as const) {
    const denominator = denominatorOf(graph, inverse, equation.soleUse[index]!, output!.shape);
    const scale = x.scale * inverse.scale;
    if (!denominator || !isTame(scale)) continue;
    return [{ ...pointwise(graph, "Div", [bare(x), denominator], output!), scale }];
  }
  return [multiply(graph, a, b, output!)];
};

/**
 * What `inverse` is the reciprocal of, where one Div is less work than Reciprocal and Mul: not if others need the
 * reciprocal too, nor if it is smaller than the result (a softmax's sum, a norm's root).
 */
function denominatorOf(graph: Graph, inverse: View, isSoleUse: boolean, shape: readonly number[]): View | undefined {
  const node = graph.producer(inverse.name);
  if (node?.op !== "Reciprocal" || !isSoleUse || elementCount(inverse.core) < elementCount(shape)) return undefined;
  return { ...inverse, name: node.inputs[0]!, scale: 1 };
}

const neg: Rule = (graph, { inputs: [x] }) => {
  if (carriesFactor(x!.type)) return [{ ...x!, scale: -x!.scale }];
  if (x!.type !== "uint32") return [{ ...x!, name: graph.emit("Neg", [x!.name]) }];
  return [{ ...x!, name: graph.emit("Sub", [graph.scalar("uint32", 0), x!.name]) }]; // wraps
};

const reciprocal: Rule = (graph, { inputs: [x] }) => {
  const operand = carriesFactor(x!.type) ? bare(x!) : settle(graph, x!);
  return [{ ...operand, name: graph.emit("Reciprocal", [operand.name]), scale: 1 / (x!.scale / operand.scale) }];
};

export const arithmetic: RuleTable = { add, mul, neg, reciprocal };
