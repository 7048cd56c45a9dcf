/**
 * Reductions. The axes may lie in any order in memory, so nothing is transposed; an axis along which the value only
 * repeats is not summed but counted.
 */
import type { DType } from "../tensor.ts";
import { multiply } from "./arithmetic.ts";
import { elementCount, type Graph } from "./graph.ts";
import type { Rule, RuleTable } from "./rule.ts";
import { castView, linear, memoryOrder, place, placedView, scalarView, settle, type View } from "./view.ts";

export type ReduceOp = "Add" | "Mul" | "Max" | "Min";

const operators: Record<ReduceOp, string> = { Add: "ReduceSum", Mul: "ReduceProd", Max: "ReduceMax", Min: "ReduceMin" };
/** ONNX Runtime reduces no uint32 and no bool. */
const computedIn: Partial<Record<DType, DType>> = { uint32: "int32", bool: "int32" };

/** Reduces the axes of a view away. A positive factor passes through a sum or an extremum. */
export function reduceView(graph: Graph, view: View, op: ReduceOp, axes: readonly number[]): View {
  const passes = op === "Add" || (op !== "Mul" && view.scale > 0);
  if (!passes) return reduceBare(graph, settle(graph, view), op, axes);
  return linear(view, (bare) => reduceBare(graph, bare, op, axes));
}

function reduceBare(graph: Graph, view: View, op: ReduceOp, axes: readonly number[]): View {
  const kept = view.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const drop = (reduced: View): View => ({
    ...reduced,
    axes: kept.map((axis) => reduced.axes[axis]!),
    shape: kept.map((axis) => view.shape[axis]!),
  });
  const order = memoryOrder(view).filter((axis) => view.axes[axis]! >= 0);
  const real = axes.filter((axis) => view.axes[axis]! >= 0);
  const repeats = elementCount(axes.filter((axis) => view.axes[axis]! < 0).map((axis) => view.shape[axis]!));
  let reduced = view;
  if (real.length > 0) {
    const { name, dims } = place(graph, view, order);
    const positions = real.map((axis) => order.indexOf(axis));
    const result = graph.emit(operators[op], [name, graph.int64s(positions)], { attributes: { keepdims: 0 } });
    const rest = order.filter((axis) => !real.includes(axis));
    const restDims = rest.map((axis) => dims[order.indexOf(axis)]!);
    reduced = placedView({ name: result, dims: restDims, order: rest }, view.shape, view.type);
  }
  if (repeats === 1 || op === "Max" || op === "Min") return drop(reduced);
  if (op === "Add") return drop(multiply(graph, reduced, scalarView(graph, view.type, repeats), view));
  return drop({ ...reduced, name: graph.emit("Pow", [reduced.name, graph.scalar(view.type, repeats)]) });
}

const reduce: Rule = (graph, { params, inputs: [x], outputs: [output] }) => {
  const { op, axis } = params as { op: ReduceOp; axis: number[] };
  const type = output!.type;
  const computed = castView(graph, x!, computedIn[type] ?? type);
  return [castView(graph, reduceView(graph, computed, op, axis), type)];
};

export const reductions: RuleTable = { reduce };
