/**
 * Pooling windows: `pool` cuts the last axes into windows [..., ...positions, ...window] (a reduction follows), and
 * `pool_transpose`, its gradient, adds the windows back where they came from.
 * Windows that do not overlap are movement only; others take one slice per place in the window.
 */

import { sum } from "./arithmetic.ts";
import { positionsOf } from "./conv.ts";
import type { Graph } from "./graph.ts";
import { dilateView, padView, sliceView, stackViews } from "./movement.ts";
import type { Rule, RuleTable } from "./rule.ts";
import { reshapeView, transposeView, type View } from "./view.ts";

interface Pool {
  window: readonly number[];
  strides: readonly number[];
}

const NONE = [0, 0] as const;
const disjoint = ({ window, strides }: Pool) => window.every((size, i) => size <= strides[i]!);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

const pool: Rule = (graph, { params, inputs: [x], outputs: [output] }) => {
  const { window, strides } = params as Pool;
  const lead = x!.shape.length - window.length;
  const positions = output!.shape.slice(lead, lead + window.length);
  const none = range(0, lead).map(() => NONE);
  if (disjoint({ window, strides })) {
    // [..., position * stride] -> [..., position, stride] -> [..., position, window], then windows last.
    const fill = positions.map((count, i) => [0, count * strides[i]! - x!.shape[lead + i]!] as const);
    const filled = padView(graph, x!, [...none, ...fill]);
    const apart = reshapeView(graph, filled, [
      ...x!.shape.slice(0, lead),
      ...positions.flatMap((count, i) => [count, strides[i]!]),
    ]);
    const cuts = window.map((size, i) => ({ axis: lead + 2 * i + 1, start: 0, end: size }));
    return [transposeView(sliceView(graph, apart, cuts), windowsLast(lead, window.length))];
  }
  const slices = positionsOf(window).map((offset) =>
    sliceView(
      graph,
      x!,
      offset.map((start, i) => {
        const step = strides[i]!;
        return { axis: lead + i, start, end: start + (positions[i]! - 1) * step + 1, step };
      }),
    ),
  );
  const stacked = reshapeView(graph, stackViews(graph, slices), [...window, ...slices[0]!.shape]);
  const rank = stacked.shape.length;
  return [transposeView(stacked, [...range(window.length, rank), ...range(0, window.length)])];
};

/** Axes [lead..., position, window, position, window...] as [lead..., positions..., windows...]. */
function windowsLast(lead: number, count: number): number[] {
  return [
    ...range(0, lead),
    ...range(0, count).map((i) => lead + 2 * i),
    ...range(0, count).map((i) => lead + 2 * i + 1),
  ];
}

const poolTranspose: Rule = (graph, { params, inputs: [x], outputs: [output] }) => {
  const { window, strides } = params as Pool;
  const inShape = output!.shape;
  const lead = inShape.length - window.length;
  const positions = x!.shape.slice(lead, lead + window.length);
  const none = range(0, lead).map(() => NONE);
  if (disjoint({ window, strides })) {
    const order = windowsLast(lead, window.length);
    const interleaved = transposeView(
      x!,
      order.map((_, axis) => order.indexOf(axis)),
    );
    const grown = padView(graph, interleaved, [
      ...none,
      ...window.flatMap((size, i) => [NONE, [0, strides[i]! - size] as const]),
    ]);
    const joined = reshapeView(graph, grown, [
      ...inShape.slice(0, lead),
      ...positions.map((count, i) => count * strides[i]!),
    ]);
    return [
      padView(graph, joined, [...none, ...positions.map((n, i) => [0, inShape[lead + i]! - n * strides[i]!] as const)]),
    ];
  }
  const terms = positionsOf(window).map((offset) => scattered(graph, x!, offset, { window, strides }, inShape));
  return [terms.reduce((total, term) => sum(graph, total, term, { shape: inShape, type: x!.type }))];
};

/** The elements at one place of every window, back at their places in the input, zeros elsewhere. */
function scattered(
  graph: Graph,
  x: View,
  offset: readonly number[],
  { window, strides }: Pool,
  inShape: readonly number[],
) {
  const lead = inShape.length - window.length;
  const windowAxis = (i: number) => lead + window.length + i;
  const cuts = offset.map((start, i) => ({ axis: windowAxis(i), start, end: start + 1 }));
  const picked = sliceView(graph, x, cuts);
  const plane = reshapeView(graph, picked, x.shape.slice(0, lead + window.length));
  const dilated = dilateView(graph, plane, [...range(0, lead).map(() => 1), ...strides]);
  const width = offset.map((before, i) => {
    const axis = lead + i;
    return [before, inShape[axis]! - before - dilated.shape[axis]!] as const;
  });
  return padView(graph, dilated, [...range(0, lead).map(() => NONE), ...width]);
}

export const pooling: RuleTable = { pool, pool_transpose: poolTranspose };
