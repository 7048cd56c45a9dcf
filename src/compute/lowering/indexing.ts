/**
 * Gather (advanced indexing x[:, ...indices, :]) and scatter, its gradient: updates added to or put into zeros.
 * The index axes stand at `outDim` of the gathered value. Several indexed axes are combined into one flat index.
 */
import { multiply, sum } from "./arithmetic.ts";
import { elementCount, type Graph, isFloat } from "./graph.ts";
import type { OnnxType } from "./onnx-proto.ts";
import type { Rule, RuleTable } from "./rule.ts";
import {
  castView,
  identity,
  linear,
  padRank,
  placedView,
  placeFull,
  plainView,
  reshapeView,
  scalarView,
  transposeView,
  type View,
} from "./view.ts";

interface GatherParams {
  axis: readonly number[];
  outDim: number;
}

interface ScatterParams extends GatherParams {
  op: "add" | "update";
  shape: readonly number[];
}

/** Moves the block of axes [from, from + count) to `to`, as a permutation for `transposeView`. */
function moveBlock(rank: number, from: number, count: number, to: number): number[] {
  const order = identity(rank);
  const block = order.splice(from, count);
  order.splice(to, 0, ...block);
  return order;
}

/** One index into the flattened indexed axes of `shape`, as an int32 view that broadcasts the given indices. */
function flatIndex(graph: Graph, indices: readonly View[], shape: readonly number[], axis: readonly number[]): View {
  const rank = Math.max(...indices.map((index) => index.shape.length));
  const type = "int32";
  const views = indices.map((index) => padRank(castView(graph, index, type), rank));
  const indexShape = identity(rank).map((a) => Math.max(...views.map((view) => view.shape[a]!)));
  return views.reduce((flat, view, k) => {
    const size = scalarView(graph, type, shape[axis[k]!]!);
    const scaled = multiply(graph, flat, size, { shape: indexShape, type });
    return sum(graph, scaled, view, { shape: indexShape, type });
  });
}

const gather: Rule = (graph, { params, inputs: [x, ...indices] }) => [
  linear(x!, (bare) => gatherView(graph, bare, indices, params as GatherParams)),
];

function gatherView(graph: Graph, x: View, indices: readonly View[], { axis, outDim }: GatherParams): View {
  const rest = identity(x.shape.length).filter((a) => !axis.includes(a));
  const index = flatIndex(graph, indices, x.shape, axis);
  const indexPlaced = placeFull(graph, index);
  const indexRank = index.shape.length;
  // The indexed axes in front, flattened: [positions, ...rest]; then the result is [...index, ...rest].
  const table = reshapeView(graph, transposeView(x, [...axis, ...rest]), [
    elementCount(axis.map((a) => x.shape[a]!)),
    ...rest.map((a) => x.shape[a]!),
  ]);
  const { name, dims } = placeFull(graph, table, identity(table.shape.length), [0]);
  const gathered = graph.emit("Gather", [name, indexPlaced.name]);
  const shape = [...index.shape, ...table.shape.slice(1)];
  const gatheredDims = [...index.shape, ...dims.slice(1)];
  const view = placedView({ name: gathered, dims: gatheredDims, order: identity(shape.length) }, shape, x.type);
  return transposeView(view, moveBlock(shape.length, 0, indexRank, outDim));
}

const scatter: Rule = (graph, { params, inputs: [updates, ...indices] }) => [
  linear(updates!, (bare) => scatterView(graph, bare, indices, params as ScatterParams)),
];

function scatterView(graph: Graph, updates: View, indices: readonly View[], params: ScatterParams): View {
  const { axis, outDim, op, shape } = params;
  const rest = identity(shape.length).filter((a) => !axis.includes(a));
  const index = flatIndex(graph, indices, shape, axis);
  const indexRank = index.shape.length;
  const inFront = transposeView(updates, moveBlock(updates.shape.length, outDim, indexRank, 0));
  const [rows, width] = [elementCount(index.shape), elementCount(rest.map((a) => shape[a]!))];
  const positions = elementCount(axis.map((a) => shape[a]!));
  const type = updates.type === "bool" ? "int32" : updates.type;
  const updateRows = placeFull(graph, castView(graph, reshapeView(graph, inFront, [rows, width]), type)).name;
  const rowIndex = graph.cast(placeFull(graph, reshapeView(graph, index, [rows, 1])).name, "int32", "int64");
  const put = op === "add" ? addRows : putRows;
  const name = put(graph, { index: rowIndex, updates: updateRows, rows, width, positions, type });
  const flat = reshapeView(graph, plainView(name, [positions, width], type), [
    ...axis.map((a) => shape[a]!),
    ...rest.map((a) => shape[a]!),
  ]);
  const order = [...axis, ...rest];
  const view = transposeView(
    flat,
    identity(shape.length).map((a) => order.indexOf(a)),
  );
  return castView(graph, view, updates.type);
}

interface Rows {
  index: string; // int64 [rows, 1], each from 0 to positions - 1
  updates: string; // [rows, width]
  rows: number;
  width: number;
  positions: number;
  type: OnnxType;
}

function putRows(graph: Graph, { index, updates, width, positions, type }: Rows): string {
  const zeros = graph.expand(graph.scalar(type, 0), [], [positions, width]);
  return graph.emit("ScatterND", [zeros, index, updates]);
}

/** Up to so many positions a product with a one-hot matrix beats ScatterElements (15 ns an element, measured). */
const oneHotPositions = 512;

/**
 * Adds up the rows of each position. Not by ScatterND: ONNX Runtime 1.30 lets its threads add to one row at the same
 * time, and sums come out wrong (measured: by up to 80 %, differently each time).
 */
function addRows(graph: Graph, { index, updates, rows, width, positions, type }: Rows): string {
  if (isFloat(type) && positions <= oneHotPositions) {
    const places = graph.constant("int64", [positions, 1], identity(positions));
    const equal = graph.emit("Equal", [places, graph.reshape(index, [rows, 1], [1, rows])]);
    return graph.emit("MatMul", [graph.cast(equal, "bool", type), updates]);
  }
  const zeros = graph.expand(graph.scalar(type, 0), [], [positions, width]);
  const everywhere = graph.expand(index, [rows, 1], [rows, width]);
  return graph.emit("ScatterElements", [zeros, everywhere, updates], { attributes: { axis: 0, reduction: "add" } });
}

export const indexing: RuleTable = { gather, scatter };
