/**
 * Convolutions: x [*vmap, batch, in, ...spatial] with kernels [*vmap, out, in, ...window], as in
 * lax.conv_general_dilated. jax-js writes both gradients as convolutions too, and each shape of work has its best way:
 *
 *   forward, gradient at stride 1   ONNX Conv; negative padding cuts the input first
 *   gradient to a strided input     left dilation (zeros between elements): ConvTranspose, which multiplies no zeros
 *   gradient to the kernel          a window as large as the image at few positions: those windows stacked, one MatMul
 *
 * Grouped convolutions arrive as vmapped ones. ONNX Runtime convolves float32 (and float16 by way of it) only, so
 * other dtypes go by stacked windows as well.
 */
import { contract } from "./dot.ts";
import { elementCount, type Graph } from "./graph.ts";
import { dilateView, padView, sliceView, stackViews } from "./movement.ts";
import type { Rule, RuleTable } from "./rule.ts";
import { broadcastView, castView, dense, linear, plainView, reshapeView, transposeView, type View } from "./view.ts";

interface Window {
  strides: readonly number[];
  padding: readonly (readonly [number, number])[];
  lhsDilation: readonly number[];
  rhsDilation: readonly number[];
}

const conv: Rule = (graph, { params, inputs, outputs: [output] }) => {
  const { shape, type } = output!;
  const { vmapDims, ...window } = params as Window & { vmapDims: number };
  const vmap = shape.slice(0, vmapDims);
  const groups = elementCount(vmap);
  const [x, kernel] = inputs.map((input): View => {
    const view = castView(graph, input, type);
    return { ...view, shape: [...vmap, ...view.shape.slice(vmapDims)] }; // a vmapped axis of size 1 repeats
  }) as [View, View];
  const [batch, channels, ...image] = x.shape.slice(vmapDims) as [number, number, ...number[]];
  const [out, ...kernelRest] = kernel.shape.slice(vmapDims) as [number, ...number[]];

  if (kernel.axes.slice(0, vmapDims).every((place) => place < 0)) {
    // One kernel for all: the vmapped axes are more batch.
    const inBatch = reshapeView(graph, x, [groups * batch, channels, ...image]);
    const shared = reshapeView(graph, firstOf(kernel, vmapDims), [out, ...kernelRest]);
    return [reshapeView(graph, convolve(graph, inBatch, shared, 1, window), shape)];
  }
  const rest = x.shape.map((_, axis) => axis).slice(vmapDims + 1);
  const vmapAxes = vmap.map((_, axis) => axis);
  const batchFirst = transposeView(x, [vmapDims, ...vmapAxes, ...rest]);
  const grouped = reshapeView(graph, batchFirst, [batch, groups * channels, ...image]);
  const kernels = reshapeView(graph, kernel, [groups * out, ...kernelRest]);
  const result = convolve(graph, grouped, kernels, groups, window); // [batch, groups * out, ...]
  const apart = reshapeView(graph, result, [batch, ...vmap, ...shape.slice(vmapDims + 1)]);
  return [transposeView(apart, [...vmapAxes.map((axis) => axis + 1), 0, ...rest])];
};

/** The first element along leading axes that only repeat. */
function firstOf(view: View, count: number): View {
  return { ...view, axes: view.axes.slice(count), shape: view.shape.slice(count) };
}

/** x [batch, groups * in, ...], kernels [groups * out, in, ...] to [batch, groups * out, ...]. */
function convolve(graph: Graph, x: View, kernel: View, groups: number, window: Window): View {
  return linear(x, (image) => linear(kernel, (bare) => convolveBare(graph, image, bare, groups, window)));
}

function convolveBare(graph: Graph, x: View, kernel: View, groups: number, window: Window): View {
  if (window.strides.length === 0) {
    // No spatial axis: a window of one element.
    const one = { strides: [1], padding: [[0, 0] as const], lhsDilation: [1], rhsDilation: [1] };
    const grow = (view: View) => broadcastView(view, [...view.shape, 1], [view.shape.length]);
    const result = convolve(graph, grow(x), grow(kernel), groups, one);
    return { ...result, axes: result.axes.slice(0, -1), shape: result.shape.slice(0, -1) };
  }
  const size = outputSize(x, kernel, window);
  if (groups === 1) {
    const fewPositions = elementCount(size) < elementCount(kernel.shape.slice(2));
    const isPlain = [...window.strides, ...window.rhsDilation].every((step) => step === 1);
    const isInputDilated = window.lhsDilation.some((step) => step !== 1);
    if (fewPositions && isPlain && isInputDilated) return exchangedConv(graph, x, kernel, window, size);
    // Slices with a step are slow to gather, so ONNX's dilated Conv is faster there (measured 1.3 to 4 times).
    const isStrided = window.rhsDilation.every((step) => step !== 1);
    if (x.type === "float64" || (fewPositions && !isStrided)) return stackedWindows(graph, x, kernel, window, size);
  }
  const shape = [x.shape[0]!, kernel.shape[0]!, ...size];
  if (window.lhsDilation.some((step) => step !== 1)) {
    return transposedConv(graph, x, kernel, groups, window, shape) ?? undilated(graph, x, kernel, groups, window);
  }
  // Negative padding is a cut; ONNX Conv takes only the positive part.
  const cut = padView(graph, x, [
    NONE,
    NONE,
    ...window.padding.map(([a, b]) => [Math.min(a, 0), Math.min(b, 0)] as const),
  ]);
  const pads = [0, 1].flatMap((side) => window.padding.map((pair) => Math.max(0, pair[side]!)));
  const { strides, rhsDilation: dilations } = window;
  const attributes = { strides, dilations, pads, group: groups };
  const name = graph.emit("Conv", [dense(graph, cut), dense(graph, kernel)], { attributes });
  return plainView(name, shape, x.type);
}

const NONE = [0, 0] as const;

/** Sizes of the result's spatial axes. */
function outputSize(x: View, kernel: View, { strides, padding, lhsDilation, rhsDilation }: Window): number[] {
  return strides.map((stride, i) => {
    const reach = (kernel.shape[i + 2]! - 1) * rhsDilation[i]! + 1;
    const dilated = Math.max((x.shape[i + 2]! - 1) * lhsDilation[i]! + 1, 0);
    return Math.ceil((dilated + padding[i]![0] + padding[i]![1] - reach + 1) / stride);
  });
}

/** Writes the zeros of a left dilation out. */
function undilated(graph: Graph, x: View, kernel: View, groups: number, window: Window): View {
  const dilated = dilateView(graph, x, [1, 1, ...window.lhsDilation]);
  return convolve(graph, dilated, kernel, groups, { ...window, lhsDilation: window.strides.map(() => 1) });
}

/**
 * A convolution of a left-dilated input as ONNX ConvTranspose, whose kernel is [in, out, ...] and flipped.
 * Undefined where its padding cannot express the shape.
 */
function transposedConv(
  graph: Graph,
  x: View,
  kernel: View,
  groups: number,
  { strides, padding, lhsDilation, rhsDilation }: Window,
  shape: readonly number[],
): View | undefined {
  const spatial = strides.map((_, i) => i);
  const reach = spatial.map((i) => (kernel.shape[i + 2]! - 1) * rhsDilation[i]!);
  const begins = spatial.map((i) => reach[i]! - padding[i]![0]);
  const ends = spatial.map((i) => reach[i]! - padding[i]![1]);
  const extra = ends.map((end) => Math.max(0, -end)); // elements past the last window, zero
  const fits = spatial.every((i) => begins[i]! >= 0 && extra[i]! < Math.max(lhsDilation[i]!, rhsDilation[i]!));
  if (!fits || strides.some((stride) => stride !== 1)) return undefined;
  const [inTotal, out, channels] = [x.shape[1]!, kernel.shape[0]! / groups, kernel.shape[1]!];
  const windowSize = kernel.shape.slice(2);
  const byGroup = reshapeView(graph, kernel, [groups, out, channels, ...windowSize]);
  const swapped = transposeView(byGroup, [0, 2, 1, ...spatial.map((i) => i + 3)]);
  const kernels = reshapeView(graph, swapped, [inTotal, out, ...windowSize]);
  const flipped = sliceView(
    graph,
    kernels,
    windowSize.map((size, i) => ({ axis: i + 2, start: size - 1, end: -1, step: -1 })),
  );
  const attributes = {
    strides: lhsDilation,
    dilations: rhsDilation,
    pads: [...begins, ...ends.map((end) => Math.max(0, end))],
    output_padding: extra,
    group: groups,
  };
  const name = graph.emit("ConvTranspose", [dense(graph, x), dense(graph, flipped)], { attributes });
  return plainView(name, shape, x.type);
}

/**
 * A left-dilated input under windows as large as itself (the kernel's gradient of a transposed convolution), with the
 * roles exchanged: sum over u of x[u] kernel[L u + b - p] is a convolution of the kernel by x, dilated, whose positions
 * come out backwards. So no zeros are written or multiplied.
 */
function exchangedConv(graph: Graph, x: View, kernel: View, window: Window, size: readonly number[]): View {
  const ones = size.map(() => 1);
  const padding = size.map((length, i) => {
    const begin = length - 1 - window.padding[i]![0];
    const reach = window.lhsDilation[i]! * (x.shape[i + 2]! - 1);
    return [begin, length + reach - kernel.shape[i + 2]! - begin] as const;
  });
  const exchanged = { strides: ones, padding, lhsDilation: ones, rhsDilation: window.lhsDilation };
  const backwards = convolve(graph, kernel, x, 1, exchanged); // [out, batch, ...]
  const turn = size.map((length, i) => ({ axis: i + 2, start: length - 1, end: -1, step: -1 }));
  return transposeView(sliceView(graph, backwards, turn), [1, 0, ...size.map((_, i) => i + 2)]);
}

/** One slice of the input per position of the result, stacked, times all kernels at once. */
function stackedWindows(graph: Graph, x: View, kernel: View, window: Window, size: readonly number[]): View {
  const { strides, padding, lhsDilation, rhsDilation } = window;
  // Transposed once here rather than once per position.
  const upright = plainView(dense(graph, x), x.shape, x.type);
  const padded = padView(graph, dilateView(graph, upright, [1, 1, ...lhsDilation]), [NONE, NONE, ...padding]);
  const windows = positionsOf(size).map((position) =>
    sliceView(
      graph,
      padded,
      position.map((index, i) => {
        const start = index * strides[i]!;
        const reach = (kernel.shape[i + 2]! - 1) * rhsDilation[i]! + 1;
        return { axis: i + 2, start, end: start + reach, step: rhsDilation[i]! };
      }),
    ),
  );
  const [batch, out] = [x.shape[0]!, kernel.shape[0]!];
  const depth = elementCount(kernel.shape.slice(1));
  const stacked = reshapeView(graph, stackViews(graph, windows), [windows.length, batch, 1, depth]);
  const kernels = reshapeView(graph, kernel, [out, depth]);
  const result = contract(graph, stacked, kernels, { shape: [windows.length, batch, out], type: x.type });
  const rest = size.map((_, i) => i);
  const apart = reshapeView(graph, result, [...size, batch, out]);
  return transposeView(apart, [size.length, size.length + 1, ...rest]);
}

/** All index tuples below `size`, in row-major order. */
export function positionsOf(size: readonly number[]): number[][] {
  return size.reduce<number[][]>(
    (positions, length) => positions.flatMap((head) => Array.from({ length }, (_, index) => [...head, index])),
    [[]],
  );
}

export const convolutions: RuleTable = { conv };
