/** Movement: what can stay lazy does (view.ts); padding, slicing, flipping and joining work in memory order. */
import { elementCount, type Graph } from "./graph.ts";
import type { Rule, RuleTable } from "./rule.ts";
import {
  broadcastView,
  castView,
  linear,
  memoryOrder,
  type Placed,
  placedView,
  placeFull,
  reshapeView,
  transposeView,
  type View,
} from "./view.ts";

/** One end of an axis: [before, after] for padding, [start, end] for a slice. */
type Pair = readonly [number, number];

export interface Cut {
  axis: number;
  start: number;
  end: number;
  /** Default 1. */
  step?: number;
}

/**
 * Cuts [start, end) with a step out of some axes; all other axes stay as they are.
 * A negative step walks down from `start`; then an `end` of -1 means past the first element.
 */
export function sliceView(graph: Graph, view: View, cuts: readonly Cut[]): View {
  return linear(view, (bare) => sliceBare(graph, bare, cuts));
}

function sliceBare(graph: Graph, view: View, cuts: readonly Cut[]): View {
  const real = cuts.filter(({ axis, start, end, step = 1 }) => start !== 0 || end !== view.shape[axis] || step !== 1);
  const shape = [...view.shape];
  for (const { axis, start, end, step = 1 } of real) shape[axis] = Math.max(0, Math.ceil((end - start) / step));
  const written = real.filter(({ axis }) => view.axes[axis]! >= 0 || shape[axis] === 0);
  if (written.length === 0) return { ...view, shape };
  const full = written.map(({ axis }) => axis);
  const { name, dims, order } = placeFull(graph, view, memoryOrder(view), full);
  const sliced = graph.emit("Slice", [
    name,
    graph.int64s(written.map(({ start }) => start)),
    graph.int64s(written.map(({ end }) => (end < 0 ? -(2 ** 31) : end))),
    graph.int64s(written.map(({ axis }) => order.indexOf(axis))),
    graph.int64s(written.map(({ step = 1 }) => step)),
  ]);
  const slicedDims = order.map((axis, index) => (full.includes(axis) ? shape[axis]! : dims[index]!));
  return placedView({ name: sliced, dims: slicedDims, order }, shape, view.type);
}

/** Adds zeros before and after; negative widths cut instead. */
export function padView(graph: Graph, view: View, width: readonly Pair[]): View {
  return linear(view, (bare) => padBare(graph, bare, width));
}

function padBare(graph: Graph, view: View, width: readonly Pair[]): View {
  const cuts = width.map(([before, after], axis) => ({
    axis,
    start: Math.max(0, -before),
    end: view.shape[axis]! - Math.max(0, -after),
  }));
  const cut = sliceView(graph, view, cuts);
  const padded = width.flatMap(([before, after], axis) => (before > 0 || after > 0 ? [axis] : []));
  if (padded.length === 0) return cut;
  const { name, dims, order } = placeFull(graph, cut, memoryOrder(cut), padded);
  const ends = (side: 0 | 1) => padded.map((axis) => Math.max(0, width[axis]![side]));
  const axes = graph.int64s(padded.map((axis) => order.indexOf(axis)));
  const zero = graph.scalar(view.type, 0);
  const result = graph.emit("Pad", [name, graph.int64s([...ends(0), ...ends(1)]), zero, axes]);
  const grown = (axis: number) => Math.max(0, width[axis]![0]) + Math.max(0, width[axis]![1]);
  const shape = cut.shape.map((dim, axis) => dim + grown(axis));
  const resultDims = order.map((axis, index) => (padded.includes(axis) ? shape[axis]! : dims[index]!));
  return placedView({ name: result, dims: resultDims, order }, shape, view.type);
}

/** Joins views along an axis; the others must agree. */
export function concatViews(graph: Graph, views: readonly View[], axis: number): View {
  const scaled = views.filter((view) => view.shape[axis] !== 0);
  if (scaled.length <= 1) return scaled[0] ?? views[0]!;
  const scale = scaled[0]!.scale;
  const isCommon = scaled.every((part) => part.scale === scale);
  const parts = isCommon ? scaled.map((part) => ({ ...part, scale: 1 })) : scaled;
  const largest = parts.reduce((a, b) => (elementCount(b.core) > elementCount(a.core) ? b : a));
  const order = memoryOrder(largest);
  // An axis that repeats in every part stays lazy.
  const full = order.filter((other) => other === axis || parts.some((part) => part.axes[other]! >= 0));
  const placed: Placed[] = parts.map((part) => placeFull(graph, part, order, full));
  const position = order.indexOf(axis);
  const name = graph.emit(
    "Concat",
    placed.map((part) => part.name),
    { attributes: { axis: position } },
  );
  const total = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
  const dims = placed[0]!.dims.map((dim, index) => (index === position ? total : dim));
  const shape = largest.shape.map((dim, other) => (other === axis ? total : dim));
  return { ...placedView({ name, dims, order }, shape, largest.type), scale: isCommon ? scale : 1 };
}

/** Joins views along a new leading axis, each part contiguous in memory. */
export function stackViews(graph: Graph, views: readonly View[]): View {
  const grown = views.map((view) => broadcastView(view, [1, ...view.shape], [0]));
  return concatViews(graph, grown, 0);
}

/** Puts `steps[axis] - 1` zeros between neighbours along each axis. */
export function dilateView(graph: Graph, view: View, steps: readonly number[]): View {
  if (steps.every((step) => step === 1)) return view;
  const apart = reshapeView(
    graph,
    view,
    view.shape.flatMap((dim) => [dim, 1]),
  );
  const grown = padView(
    graph,
    apart,
    steps.flatMap(
      (step) =>
        [
          [0, 0],
          [0, step - 1],
        ] as const,
    ),
  );
  const joined = reshapeView(
    graph,
    grown,
    view.shape.map((dim, axis) => dim * steps[axis]!),
  );
  return sliceView(
    graph,
    joined,
    view.shape.map((dim, axis) => ({ axis, start: 0, end: Math.max(0, (dim - 1) * steps[axis]! + 1) })),
  );
}

const flip: Rule = (graph, { params, inputs: [x] }) => [
  sliceView(
    graph,
    x!,
    (params.axis as number[]).map((axis) => ({ axis, start: x!.shape[axis]! - 1, end: -1, step: -1 })),
  ),
];

const shrink: Rule = (graph, { params, inputs: [x] }) => [
  sliceView(
    graph,
    x!,
    (params.slice as Pair[]).map(([start, end], axis) => ({ axis, start, end })),
  ),
];

const split: Rule = (graph, { params, inputs: [x] }) => {
  const { axis, sizes } = params as { axis: number; sizes: number[] };
  let start = 0;
  return sizes.map((size) => {
    const part = sliceView(graph, x!, [{ axis, start, end: start + size }]);
    start += size;
    return part;
  });
};

const concatenate: Rule = (graph, { params, inputs, outputs: [output] }) => [
  concatViews(
    graph,
    inputs.map((view) => castView(graph, view, output!.type)),
    params.axis,
  ),
];

export const movement: RuleTable = {
  transpose: (_, { params, inputs }) => [transposeView(inputs[0]!, params.perm)],
  broadcast: (_, { params, inputs }) => [broadcastView(inputs[0]!, params.shape, params.axis)],
  reshape: (graph, { params, inputs }) => [reshapeView(graph, inputs[0]!, params.shape)],
  pad: (graph, { params, inputs }) => [padView(graph, inputs[0]!, params.width)],
  flip,
  shrink,
  split,
  concatenate,
};
