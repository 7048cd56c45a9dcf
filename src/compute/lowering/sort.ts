/** Sorting along the last axis. ONNX's TopK breaks ties by the lower index, which makes it the stable sort argsort needs. */
import type { DType } from "../tensor.ts";
import type { Graph } from "./graph.ts";
import type { Rule, RuleTable } from "./rule.ts";
import { castView, dense, plainView, type View } from "./view.ts";

/** Ascending values and their indices. */
function sorted(graph: Graph, x: View): [View, View] {
  const computed: DType = x.type === "bool" ? "int32" : x.type;
  const name = dense(graph, castView(graph, x, computed));
  const attributes = { axis: -1, largest: 0, sorted: 1 };
  const length = x.shape.at(-1)!;
  const [values, indices] = graph.emitMany("TopK", [name, graph.int64s([length])], 2, { attributes }) as [
    string,
    string,
  ];
  return [
    castView(graph, plainView(values, x.shape, computed), x.type),
    plainView(graph.cast(indices, "int64", "int32"), x.shape, "int32"),
  ];
}

const sort: Rule = (graph, { inputs: [x] }) => [sorted(graph, x!)[0]];
const argsort: Rule = (graph, { inputs: [x] }) => sorted(graph, x!);

export const sorting: RuleTable = { sort, argsort };
