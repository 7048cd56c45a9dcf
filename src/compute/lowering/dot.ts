/**
 * `dot` is sum(x * y) over the last axis, with broadcasting: jax-js writes every matrix product, attention score and
 * weight gradient this way. An axis that both operands have is a batch axis, one that only x has becomes a row, one
 * that only y has a column; what neither has stays lazy. One product does it, and reads a transposed operand as it is:
 * Gemm for plain matrices; for batches Transpose and MatMul, which ONNX Runtime fuses by itself.
 */
import type { DType } from "../tensor.ts";
import { multiply, type Result } from "./arithmetic.ts";
import { elementCount, type Graph, isFloat } from "./graph.ts";
import { reduceView } from "./reduce.ts";
import type { Rule, RuleTable } from "./rule.ts";
import { castView, padRank, place, placedView, sameOrder, scalarView, type View } from "./view.ts";

const dot: Rule = (graph, { inputs, outputs: [output] }) => {
  const { shape, type } = output!;
  const computed: DType = type === "bool" || type === "uint32" ? "int32" : type;
  const [x, y] = inputs.map((view) => castView(graph, view, computed)) as [View, View];
  return [castView(graph, contract(graph, x, y, { shape, type: computed }), type)];
};

/** sum(a * b) over the last axis, for operands of one dtype. */
export function contract(graph: Graph, a: View, b: View, output: Result): View {
  const last = output.shape.length;
  const x = padRank(a, last + 1);
  const y = padRank(b, last + 1);
  if (x.axes[last]! < 0 || y.axes[last]! < 0) return contractRepeated(graph, x, y, output);
  const axes = output.shape.map((_, axis) => axis);
  const batch = axes.filter((axis) => x.axes[axis]! >= 0 && y.axes[axis]! >= 0);
  const left = axes.filter((axis) => x.axes[axis]! >= 0 && y.axes[axis]! < 0);
  const right = axes.filter((axis) => x.axes[axis]! < 0 && y.axes[axis]! >= 0);
  if (left.length === 0 && right.length === 0) {
    const product = multiply(graph, x, y, { shape: [...output.shape, x.shape[last]!], type: output.type });
    return reduceView(graph, product, "Add", [last]);
  }
  return matrixProduct(graph, x, y, { batch, left, right, last }, output);
}

/** One operand repeats along the contracted axis: sum the other first, then multiply. */
function contractRepeated(graph: Graph, x: View, y: View, output: Result): View {
  const last = output.shape.length;
  const summed = [x, y].map((view) =>
    view.axes[last]! < 0
      ? { ...view, axes: view.axes.slice(0, last), shape: view.shape.slice(0, last) }
      : reduceView(graph, view, "Add", [last]),
  );
  const product = multiply(graph, summed[0]!, summed[1]!, output);
  const count = x.axes[last]! < 0 && y.axes[last]! < 0 ? Math.max(x.shape[last]!, y.shape[last]!) : 1;
  if (count === 1) return product;
  return multiply(graph, product, scalarView(graph, output.type, count), output);
}

interface AxisRoles {
  batch: number[];
  left: number[];
  right: number[];
  last: number;
}

function matrixProduct(graph: Graph, x: View, y: View, roles: AxisRoles, output: Result): View {
  const { last } = roles;
  const inMemory = (view: View, axes: number[]) => axes.toSorted((a, b) => view.axes[a]! - view.axes[b]!);
  const larger = elementCount(x.core) >= elementCount(y.core) ? x : y;
  const batch = inMemory(larger, roles.batch);
  const left = inMemory(x, roles.left);
  const right = inMemory(y, roles.right);
  const factor = x.scale * y.scale;
  const a = arrange(graph, { ...x, scale: 1 }, batch, left, last);
  const b = arrange(graph, { ...y, scale: 1 }, batch, right, last);
  const sizes = (axes: number[]) => axes.map((axis) => output.shape[axis]!);
  // `arrange` gives both operands as [..., free, contracted] when not swapped; y must be the other way round.
  const { name, scale } = product(graph, a, { ...b, swapped: !b.swapped }, factor, output.type);
  const order = [...batch, ...left, ...right];
  const repeated = output.shape.map((_, axis) => axis).filter((axis) => !order.includes(axis));
  const stored = [...sizes(batch), elementCount(sizes(left)), elementCount(sizes(right))];
  const dims = [...sizes(order), ...repeated.map(() => 1)];
  const view = placedView({ name, dims, order: [...order, ...repeated] }, output.shape, output.type, stored);
  return { ...view, scale };
}

interface Matrix {
  name: string;
  dims: number[];
  /** The last two axes are exchanged. */
  swapped: boolean;
}

/** The operand as a batch of matrices, transposed in memory only if neither orientation lies there already. */
function arrange(graph: Graph, view: View, batch: number[], free: number[], last: number): Matrix {
  const plain = [...batch, ...free, last];
  const swapped = [...batch, last, ...free];
  // Where something has to move, what is innermost in memory stays so: whole rows are copied, not single elements.
  const lastIsInnermost = view.axes[last] === view.core.length - 1;
  const isSwapped = !sameOrder(view, plain) && (sameOrder(view, swapped) || !lastIsInnermost);
  const placed = place(graph, view, isSwapped ? swapped : plain);
  const batchDims = batch.map((axis) => view.shape[axis]!);
  const rows = elementCount(free.map((axis) => view.shape[axis]!));
  const depth = view.shape[last]!;
  const dims = [...batchDims, ...(isSwapped ? [depth, rows] : [rows, depth])];
  return { name: graph.reshape(placed.name, placed.dims, dims), dims, swapped: isSwapped };
}

/** factor · a · b, each read transposed when `swapped`; `scale` is what is left of the factor. */
function product(graph: Graph, a: Matrix, b: Matrix, factor: number, type: DType): { name: string; scale: number } {
  const attributes = { transA: Number(a.swapped), transB: Number(b.swapped), alpha: { float: factor } };
  const isPlain = !a.swapped && !b.swapped && factor === 1;
  if (isFloat(type) && !isPlain && a.dims.length === 2) {
    return { name: graph.emit("Gemm", [a.name, b.name], { attributes }), scale: 1 };
  }
  const upright = ({ name, dims, swapped }: Matrix) => {
    const perm = dims.map((_, axis) => axis);
    if (swapped) perm.push(...perm.splice(-2, 1));
    return graph.transpose(name, perm);
  };
  return { name: graph.emit("MatMul", [upright(a), upright(b)]), scale: factor };
}

export const products: RuleTable = { dot };
