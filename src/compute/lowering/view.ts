/**
 * A value of the program as a lazy view of a tensor in the graph.
 *
 * jax-js writes most of a program as movement: a linear layer is transpose, reshape, broadcast and a sum of products.
 * Emitted one by one these steps dominate the run time (47 % of a training step in Transpose, gigabytes in Expand).
 * So a value carries its axis order and its broadcasts along, and an operator asks for what it cannot do without:
 * elementwise operators take any common order and size-1 axes, reductions any order, products a transposed operand.
 *
 *   name    tensor in the graph; its elements lie in row-major order of `core`
 *   stored  the shape the graph knows it by, which has the same elements as `core`
 *   core    its axes that are longer (or shorter) than 1
 *   axes    for each axis of the value, its place in `core`, or -1: the same element repeated (or size 1)
 *   shape   the value's shape as jax-js sees it
 *   scale   a number that the value is still to be multiplied by: signs and constant factors wander through sums,
 *           products and movement, meet others, and end up in a matrix product, which takes a factor for nothing
 */
import type { DType } from "../tensor.ts";
import { elementCount, type Graph, sameShape } from "./graph.ts";

export interface View {
  readonly name: string;
  readonly stored: readonly number[];
  readonly core: readonly number[];
  readonly axes: readonly number[];
  readonly shape: readonly number[];
  readonly type: DType;
  readonly scale: number;
}

/** A tensor laid out in axis order `order`, size 1 where the value only repeats. */
export interface Placed {
  readonly name: string;
  readonly dims: readonly number[];
  readonly order: readonly number[];
}

/** The view of a tensor that lies in the value's own order, nothing repeated. */
export function plainView(name: string, shape: readonly number[], type: DType): View {
  return placedView({ name, dims: shape, order: shape.map((_, axis) => axis) }, shape, type);
}

/** The view of a tensor with one axis per axis of the value, in axis order `order`. */
export function placedView({ name, dims, order }: Placed, shape: readonly number[], type: DType, stored = dims): View {
  const axes = shape.map(() => -1);
  const core: number[] = [];
  order.forEach((axis, index) => {
    if (dims[index] !== 1) axes[axis] = core.push(dims[index]!) - 1;
  });
  return { name, stored, core, axes, shape, type, scale: 1 };
}

/** One number, repeated over `shape`. */
export function scalarView(graph: Graph, type: DType, value: number, shape: readonly number[] = []): View {
  return { name: graph.scalar(type, value), stored: [], core: [], axes: shape.map(() => -1), shape, type, scale: 1 };
}

/** The value with its factor multiplied in. */
export function settle(graph: Graph, view: View): View {
  if (view.scale === 1) return view;
  const constant = graph.numberOf(view.name);
  if (constant !== undefined) return { ...view, name: graph.scalar(view.type, constant * view.scale), scale: 1 };
  return { ...view, name: graph.scale(view.name, view.type, view.scale), scale: 1 };
}

/** Applies something linear to the value without its factor, which the result keeps. */
export function linear(view: View, apply: (bare: View) => View): View {
  if (view.scale === 1) return apply(view);
  const result = apply({ ...view, scale: 1 });
  return { ...result, scale: result.scale * view.scale };
}

/** Axes in the order in which they lie in memory; those that only repeat follow the axis before them. */
export function memoryOrder({ axes }: Pick<View, "axes">): number[] {
  const order = axes.map((_, axis) => axis).filter((axis) => axes[axis]! >= 0);
  order.sort((a, b) => axes[a]! - axes[b]!);
  axes.forEach((place, axis) => {
    if (place < 0) order.splice(axis === 0 ? 0 : order.indexOf(axis - 1) + 1, 0, axis);
  });
  return order;
}

/** Whether the value lies in memory in this order of axes (repeated ones do not count). */
export function sameOrder(view: View, order: readonly number[]): boolean {
  const perm = order.map((axis) => view.axes[axis]!).filter((index) => index >= 0);
  return perm.every((index, position) => index === position);
}

/** Lays the value out in `order`; repeated axes stay size 1. Costs a transpose only when memory is ordered otherwise. */
export function place(graph: Graph, scaled: View, order: readonly number[]): Placed {
  const view = settle(graph, scaled);
  const dims = order.map((axis) => (view.axes[axis]! < 0 ? 1 : view.core[view.axes[axis]!]!));
  if (sameOrder(view, order)) return { name: graph.reshape(view.name, view.stored, dims), dims, order };
  const perm = order.map((axis) => view.axes[axis]!).filter((index) => index >= 0);
  const moved = graph.transpose(graph.reshape(view.name, view.stored, view.core), perm);
  const movedShape = perm.map((index) => view.core[index]!);
  return { name: graph.reshape(moved, movedShape, dims), dims, order };
}

/** Lays the value out in `order` with the axes `full` (all when left out) written out instead of repeated. */
export function placeFull(graph: Graph, view: View, order = identity(view.shape.length), full = order): Placed {
  const placed = place(graph, view, order);
  const dims = order.map((axis, index) => (full.includes(axis) ? view.shape[axis]! : placed.dims[index]!));
  return { name: graph.expand(placed.name, placed.dims, dims), dims, order };
}

/** The whole value, in its own axis order: what an output or an operator without broadcasting needs. */
export function dense(graph: Graph, view: View): string {
  return placeFull(graph, view).name;
}

export function castView(graph: Graph, view: View, type: DType): View {
  if (view.type === type) return view;
  const settled = settle(graph, view);
  return { ...settled, name: graph.cast(settled.name, view.type, type), type };
}

export function transposeView(view: View, perm: readonly number[]): View {
  return { ...view, axes: perm.map((axis) => view.axes[axis]!), shape: perm.map((axis) => view.shape[axis]!) };
}

/** Adds the axes `added` of `shape`, along which the value repeats. */
export function broadcastView(view: View, shape: readonly number[], added: readonly number[]): View {
  let next = 0;
  const axes = shape.map((_, axis) => (added.includes(axis) ? -1 : view.axes[next++]!));
  return { ...view, axes, shape };
}

/** Adds leading axes up to `rank`, as NumPy broadcasting does. */
export function padRank(view: View, rank: number): View {
  const missing = rank - view.shape.length;
  if (missing === 0) return view;
  const ones = new Array<number>(missing).fill(1);
  return { ...view, axes: [...ones.map(() => -1), ...view.axes], shape: [...ones, ...view.shape] };
}

/**
 * The same elements under another shape. Groups of axes with equal element counts map to each other; a group whose
 * axes lie next to each other in memory, or only repeat, costs nothing.
 */
export function reshapeView(graph: Graph, view: View, shape: readonly number[]): View {
  return linear(view, (bare) => reshapeBare(graph, bare, shape));
}

function reshapeBare(graph: Graph, view: View, shape: readonly number[]): View {
  const groups = elementCount(shape) === 0 ? undefined : matchGroups(view.shape, shape);
  const free = groups?.every(({ from }) => isContiguous(view, from));
  if (!groups || !free) {
    const scattered = groups?.filter(({ from }) => !isContiguous(view, from)).flatMap(({ from }) => from);
    // Write out what is scattered, in the value's order; the rest stays lazy.
    const { name, dims, order } = placeFull(graph, view, identity(view.shape.length), scattered ?? undefined);
    const written = placedView({ name, dims, order }, view.shape, view.type);
    if (groups) return reshapeBare(graph, written, shape);
    return plainView(graph.reshape(name, dims, shape), shape, view.type);
  }
  const axes = shape.map(() => -1);
  const blocks = groups.filter(({ from }) => from.some((axis) => view.axes[axis]! >= 0));
  const firstPlace = ({ from }: AxisGroup) => Math.min(...from.map((axis) => view.axes[axis]!).filter((i) => i >= 0));
  blocks.sort((a, b) => firstPlace(a) - firstPlace(b));
  const core: number[] = [];
  for (const { to } of blocks) {
    for (const axis of to) if (shape[axis] !== 1) axes[axis] = core.push(shape[axis]!) - 1;
  }
  return { ...view, core, axes, shape };
}

interface AxisGroup {
  from: number[];
  to: number[];
}

/** Cuts both shapes into the shortest runs of axes with equal element counts. */
function matchGroups(from: readonly number[], to: readonly number[]): AxisGroup[] {
  const groups: AxisGroup[] = [];
  let i = 0;
  let j = 0;
  while (i < from.length || j < to.length) {
    const group: AxisGroup = { from: [], to: [] };
    let left = 1;
    let right = 1;
    if (i < from.length) {
      left = from[i]!;
      group.from.push(i++);
    }
    if (j < to.length) {
      right = to[j]!;
      group.to.push(j++);
    }
    while (left !== right) {
      if (left < right) {
        left *= from[i]!;
        group.from.push(i++);
      } else {
        right *= to[j]!;
        group.to.push(j++);
      }
    }
    groups.push(group);
  }
  return groups;
}

/** Whether the axes only repeat (all of them), or lie side by side in memory in this order (all of them). */
function isContiguous(view: View, axes: readonly number[]): boolean {
  const real = axes.filter((axis) => view.shape[axis] !== 1);
  const places = real.map((axis) => view.axes[axis]!);
  if (places.every((index) => index < 0)) return true;
  return places.every((index, position) => index === places[0]! + position && index >= 0);
}

export function identity(rank: number): number[] {
  return Array.from({ length: rank }, (_, axis) => axis);
}

/** Lays several values out for an operator that broadcasts: one order for all, chosen to move the fewest elements. */
export function align(graph: Graph, views: readonly View[], shape: readonly number[]): AlignedViews {
  const padded = views.map((view) => padRank(view, shape.length));
  const weight = new Map<string, number>();
  for (const view of padded) {
    if (view.core.length === 0) continue;
    const key = String(memoryOrder(view));
    weight.set(key, (weight.get(key) ?? 0) + elementCount(view.core));
  }
  let order = identity(shape.length);
  let heaviest = weight.get(String(order)) ?? 0;
  for (const view of padded) {
    const candidate = memoryOrder(view);
    const moved = weight.get(String(candidate)) ?? 0;
    if (moved > heaviest) [order, heaviest] = [candidate, moved];
  }
  const placed = padded.map((view) => placeTrimmed(graph, view, order));
  const rank = Math.max(...placed.map(({ dims }) => dims.length));
  const stored = Array.from({ length: rank }, (_, index) =>
    placed.reduce((dim, { dims }) => broadcastDim(dim, dims[dims.length - rank + index] ?? 1), 1),
  );
  const leading = new Array<number>(shape.length - rank).fill(1);
  return {
    names: placed.map(({ name }) => name),
    view: (name, type) => placedView({ name, dims: [...leading, ...stored], order }, shape, type, stored),
  };
}

export interface AlignedViews {
  readonly names: string[];
  /** The view of the operator's output. */
  readonly view: (name: string, type: DType) => View;
}

function broadcastDim(a: number, b: number): number {
  return a === 1 ? b : a;
}

/** `place` without the leading size-1 axes, which broadcasting adds by itself: saves a reshape of biases and scales. */
function placeTrimmed(graph: Graph, scaled: View, order: readonly number[]): { name: string; dims: readonly number[] } {
  const view = settle(graph, scaled);
  const dims = order.map((axis) => (view.axes[axis]! < 0 ? 1 : view.core[view.axes[axis]!]!));
  const trimmed = dims.slice(dims.findIndex((dim) => dim !== 1));
  const isScalar = view.core.length === 0;
  if (sameShape(view.stored, isScalar ? [] : trimmed) && sameOrder(view, order)) {
    return { name: view.name, dims: view.stored };
  }
  return place(graph, view, order);
}
