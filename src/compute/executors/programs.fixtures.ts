/**
 * Small programs that between them use every family of primitives: what the executors must agree on.
 * Sizes are odd and unequal, so that a mixed-up axis shows.
 */
import { type Array as JaxArray, lax, nn, numpy as np, random } from "@jax-js/jax";
import { Random } from "../../core/random.ts";
import { type DType, Tensor } from "../tensor.ts";

type Arrays = [JaxArray, JaxArray, JaxArray];

export interface TestProgram {
  name: string;
  fn: (...args: any[]) => any;
  inputs: () => Tensor[];
  /** Also compare the gradients with respect to the float inputs. */
  differentiable: boolean;
  /** What WebGPU may do differently: a wider tolerance, or the reason why it cannot run this. */
  webgpu?: number | string;
}

/** Normal numbers; the same for the same shape and seed. */
export function normal(shape: readonly number[], seed = 0, dtype: DType = "float32"): Tensor {
  const rng = new Random(seed);
  const size = shape.reduce((product, dim) => product * dim, 1);
  return Tensor.from(
    Array.from({ length: size }, () => rng.normal()),
    shape,
    dtype,
  );
}

/** Whole numbers from `low` to `high` - 1. */
export function integers(
  shape: readonly number[],
  low: number,
  high: number,
  seed = 0,
  dtype: DType = "int32",
): Tensor {
  const rng = new Random(seed);
  const size = shape.reduce((product, dim) => product * dim, 1);
  return Tensor.from(
    Array.from({ length: size }, () => low + (rng.uint32() % (high - low))),
    shape,
    dtype,
  );
}

const positive = (shape: readonly number[], seed = 0) => {
  const values = normal(shape, seed).host as Float32Array;
  return Tensor.from(
    values.map((value) => Math.abs(value) + 0.1),
    shape,
  );
};
const flags = (shape: readonly number[], seed = 0) => integers(shape, 0, 2, seed, "bool");

export const programs: TestProgram[] = [];

type Rest = Pick<TestProgram, "webgpu">;

function smooth(name: string, fn: TestProgram["fn"], inputs: TestProgram["inputs"], rest?: Rest): void {
  programs.push({ name, fn, inputs, differentiable: true, ...rest });
}

function plain(name: string, fn: TestProgram["fn"], inputs: TestProgram["inputs"], rest?: Rest): void {
  programs.push({ name, fn, inputs, differentiable: false, ...rest });
}

/** WGSL allows sine and cosine an absolute error of 2^-11. */
const sine = { webgpu: 2e-3 };
/** WGSL implementations may assume that there are no NaNs and infinities. */
const finiteOnly = { webgpu: "WGSL need not keep NaN and infinity" };

// Arithmetic and broadcasting
smooth(
  "add broadcasts rows and columns",
  (x, y) => x.add(y),
  () => [normal([3, 1, 5]), normal([4, 1], 1)],
);
smooth(
  "subtract and divide",
  (x, y) => x.ref.sub(y.ref).div(y),
  () => [normal([3, 5]), positive([5], 1)],
);
smooth(
  "scalars",
  (x, y) => x.mul(y).add(2).mul(0.5).sub(1),
  () => [normal([]), normal([])],
);
smooth(
  "size-1 axes",
  (x, y) => x.mul(y),
  () => [normal([1, 4, 1]), normal([2, 1, 1], 1)],
);
smooth(
  "square, negative, reciprocal",
  (x) => np.square(x.ref).add(np.reciprocal(x.neg())),
  () => [positive([7])],
);
smooth(
  "exp, log, sqrt",
  (x) => np.exp(x.ref.neg()).add(np.log(x.ref)).add(np.sqrt(x)),
  () => [positive([2, 7])],
);
smooth(
  "sin, cos, tan",
  (x) =>
    np
      .sin(x.ref)
      .add(np.cos(x.ref))
      .add(np.tan(x.mul(0.1))),
  () => [normal([2, 7])],
  sine,
);
smooth(
  "asin, atan",
  (x) => np.arcsin(x.ref).add(np.arctan(x)),
  () => [Tensor.from([-0.9, -0.5, 0, 0.3, 0.8])],
);
smooth(
  "erf, erfc",
  (x) => lax.erf(x.ref).add(lax.erfc(x)),
  () => [normal([2, 7])],
);
smooth(
  "power",
  (x) => np.power(x, 3.5),
  () => [positive([5])],
);
smooth(
  "minimum, maximum, clip",
  (x, y) => np.clip(np.minimum(x.ref, y.ref).add(np.maximum(x, y)), -1, 1.5),
  () => [normal([3, 5]), normal([5], 1)],
);
plain(
  "floor, ceil, round, trunc",
  (x) => [np.floor(x.ref), np.ceil(x.ref), np.trunc(x)],
  () => [Tensor.from([-2.5, -1.2, -0, 0, 0.4, 1.5, 3])],
);
plain(
  "sign, absolute",
  (x) => [np.sign(x.ref), np.absolute(x)],
  () => [Tensor.from([-2.5, 0, 3])],
);
smooth(
  "tanh, sigmoid, silu, gelu, softplus",
  (x) => np.tanh(x.ref).add(nn.sigmoid(x.ref)).add(nn.silu(x.ref)).add(nn.gelu(x.ref)).add(nn.softplus(x)),
  () => [normal([3, 5])],
);
smooth(
  "exact gelu",
  (x) => nn.gelu(x, { approximate: false }),
  () => [normal([3, 5])],
);

// Whole numbers, truth values and bits
plain(
  "int32 arithmetic",
  (x, y) => [x.ref.add(y.ref), x.ref.mul(y.ref), x.ref.sub(y.ref), np.minimum(x, y)],
  () => [integers([3, 4], -50, 50), integers([4], -50, 50, 1)],
);
plain(
  "int32 division truncates, remainder keeps the sign",
  (x, y) => [np.floorDivide(x.ref, y.ref), np.remainder(x.ref, y.ref), np.fmod(x, y)],
  () => [Tensor.from(Int32Array.of(-7, -1, 0, 5, 9)), Tensor.from(Int32Array.of(3, 4, 5, -3, 4))],
);
plain(
  "float remainder",
  (x, y) => [np.fmod(x.ref, y.ref), np.remainder(x, y)],
  () => [normal([9]), positive([9], 1)],
);
plain(
  "uint32 wraps",
  (x, y) => [x.ref.add(y.ref), x.ref.mul(y.ref), x.ref.sub(y.ref), np.maximum(x, y)],
  () => [Tensor.from(Uint32Array.of(0, 1, 0xffffffff, 0x80000000)), Tensor.from(Uint32Array.of(1, 2, 3, 0xfffffff0))],
);
plain(
  "comparisons",
  (x, y) => [
    np.less(x.ref, y.ref),
    np.lessEqual(x.ref, y.ref),
    np.equal(x.ref, y.ref),
    np.notEqual(x.ref, y.ref),
    np.greater(x.ref, y.ref),
    np.greaterEqual(x, y),
  ],
  () => [integers([3, 4], 0, 3), integers([4], 0, 3, 1)],
);
plain(
  "comparison across dtypes",
  (x, y) => [np.less(x.ref, y.ref), np.equal(x, y)],
  () => [integers([6], 0, 3), Tensor.from([0.5, 1, 1.5, 2, 0, 1])],
);
plain(
  "truth values",
  (x, y) => [
    np.logicalAnd(x.ref, y.ref),
    np.logicalOr(x.ref, y.ref),
    np.logicalXor(x.ref, y.ref),
    np.logicalNot(x.ref),
    np.any(x.ref, 1),
    np.all(x.ref, 0),
    x.astype(np.float32).add(y.astype(np.float32)),
  ],
  () => [flags([4, 3]), flags([4, 3], 1)],
);
smooth(
  "where",
  (c, x, y) => np.where(c, x, y),
  () => [flags([4, 1]), normal([4, 3]), normal([3], 1)],
);
plain(
  "where on truth values and uint32",
  (c, x, y) => [
    np.where(c.ref, x.ref, c.ref),
    np.where(c, y, (np.uint32 as any) ? np.zeros([3], { dtype: np.uint32 }) : y),
  ],
  () => [flags([4, 3]), flags([4, 3], 1), integers([4, 3], 0, 9, 2, "uint32")],
);
plain(
  "casts",
  (x, y, z) => [
    x.ref.astype(np.int32),
    x.astype(np.bool),
    y.ref.astype(np.float32),
    y.astype(np.uint32),
    z.astype(np.int32),
  ],
  () => [Tensor.from([-1.7, -0.2, 0, 0.9, 2.5]), integers([4], 0, 9), flags([4])],
);
plain(
  "bits",
  (x, y) => [
    np.bitwiseAnd(x.ref, y.ref),
    np.bitwiseOr(x.ref, y.ref),
    np.bitwiseXor(x.ref, y.ref),
    np.invert(x.ref),
    np.leftShift(x.ref, y.ref),
    np.rightShift(x, y),
  ],
  () => [integers([6], 0, 1 << 20), integers([6], 0, 11, 1)],
  { webgpu: "jax-js 0.1.25 shifts int32 by int32, which WGSL does not compile" },
);

// Reductions
smooth(
  "sum over each axis",
  (x) =>
    x.ref
      .sum(0)
      .sum()
      .add(x.ref.sum([0, 2]).sum())
      .add(x.sum()),
  () => [normal([3, 4, 5])],
);
smooth(
  "sum keeps dims",
  (x) => np.sum(x, 1, { keepdims: true }),
  () => [normal([3, 4, 5])],
);
smooth(
  "mean and variance",
  (x) => np.mean(x.ref, -1).add(np.var_(x, -1)),
  () => [normal([3, 7])],
);
smooth(
  "max and min",
  (x) => np.max(x.ref, 1).add(np.min(x, 1)),
  () => [normal([3, 7])],
);
smooth(
  "prod",
  (x) => np.prod(x, 1),
  () => [normal([3, 4])],
);
plain(
  "argmax and argmin",
  (x) => [np.argmax(x.ref, 1), np.argmin(x, 0)],
  () => [normal([3, 7])],
);
plain(
  "sums of int32 and uint32",
  (x, y) => [x.sum(0), y.sum()],
  () => [integers([3, 4], -9, 9), integers([7], 0, 9, 1, "uint32")],
);
smooth(
  "reduction of a broadcast",
  (x) => np.broadcastTo(x, [4, 3, 5]).sum([0, 2]),
  () => [normal([3, 1])],
);
smooth(
  "cumsum",
  (x) => np.cumsum(x, 1),
  () => [normal([3, 7])],
);
smooth(
  "softmax, logSoftmax, logsumexp",
  (x) =>
    nn
      .softmax(x.ref, -1)
      .add(nn.logSoftmax(x.ref, 0))
      .add(nn.logsumexp(x, -1, { keepdims: true })),
  () => [normal([3, 7])],
);

// Movement
smooth(
  "transpose and reshape",
  (x) => x.transpose([2, 0, 1]).reshape([5, 12]).transpose().reshape([2, 6, 5]),
  () => [normal([3, 4, 5])],
);
smooth(
  "reshape of a broadcast",
  (x) =>
    np
      .broadcastTo(x.reshape([3, 1, 4]), [3, 5, 4])
      .reshape([15, 4])
      .mul(2),
  () => [normal([3, 4])],
);
smooth(
  "axes split and joined after a transpose",
  (x) => x.transpose([1, 0, 2]).reshape([4, 3, 2, 3]).transpose([0, 2, 1, 3]).reshape([8, 9]),
  () => [normal([3, 4, 6])],
);
smooth(
  "slices",
  (x) => x.ref.slice([1, 3]).sum(0).add(x.slice(0)),
  () => [normal([4, 5])],
);
smooth(
  "flip",
  (x) => np.flip(x.ref, 1).add(np.flip(x)),
  () => [normal([3, 4])],
);
smooth(
  "pad",
  (x) =>
    np.pad(x, [
      [1, 2],
      [0, 3],
    ]),
  () => [normal([2, 3])],
);
smooth(
  "pad of a transpose",
  (x) =>
    np.pad(x.transpose(), [
      [1, 0],
      [2, 1],
    ]),
  () => [normal([2, 3])],
);
smooth(
  "concatenate and stack",
  (x, y) => np.concatenate([x.ref, y.ref.transpose(), x.mul(2)], 0).add(np.stack([y.ref.sum(1), y.sum(1)]).sum()),
  () => [normal([2, 3]), normal([3, 4], 1)],
);
smooth(
  "concatenate columns of transposes",
  (x, y) => np.concatenate([x.transpose(), y.transpose()], 1),
  () => [normal([2, 3]), normal([4, 3], 1)],
);
smooth(
  "gradient of a slice's sum is zero outside",
  (x) => x.slice([1, 3]).sum(),
  () => [normal([4, 5])],
);
smooth(
  "split",
  (x) => {
    const [a, b, c] = np.split(x, [1, 3], 1) as Arrays;
    return a
      .mul(2)
      .add(b.sum(1, { keepdims: true }))
      .add(c.sum());
  },
  () => [normal([2, 5])],
);
smooth(
  "repeat and tile",
  (x) => np.repeat(x.ref, 3, 1).add(np.tile(x, [1, 3])),
  () => [normal([2, 3])],
);
smooth(
  "triangles",
  (x) => np.tril(x.ref).add(np.triu(x, 1).mul(2)),
  () => [normal([4, 5])],
);
smooth(
  "diagonal",
  (x) => np.diagonal(x),
  () => [normal([4, 4])],
);
smooth(
  "roll",
  (x) => np.roll(x, 2, 1),
  () => [normal([2, 5])],
);
plain(
  "zero-size arrays",
  (x) => [x.ref.mul(2), np.concatenate([x.ref, x], 0)],
  () => [Tensor.from(new Float32Array(0), [0, 3])],
);

// Products
smooth(
  "dot: matrix and vector",
  (x, y) => np.dot(x, y),
  () => [normal([3, 5]), normal([5], 1)],
);
smooth(
  "dot: vectors",
  (x, y) => np.dot(x, y),
  () => [normal([5]), normal([5], 1)],
);
smooth(
  "linear layer [out, in]",
  (x, w) => np.dot(x, w.transpose()),
  () => [normal([2, 3, 5]), normal([4, 5], 1)],
);
smooth(
  "matmul in batches",
  (x, y) => np.matmul(x, y),
  () => [normal([2, 3, 4, 5]), normal([2, 3, 5, 6], 1)],
);
smooth(
  "matmul broadcasts its batch",
  (x, y) => np.matmul(x, y),
  () => [normal([2, 1, 4, 5]), normal([3, 5, 6], 1)],
);
smooth(
  "matmul of transposes",
  (x, y) => np.matmul(x.transpose([0, 2, 1]), y.transpose([0, 2, 1])),
  () => [normal([2, 5, 4]), normal([2, 6, 5], 1)],
);
smooth(
  "outer",
  (x, y) => np.outer(x, y),
  () => [normal([4]), normal([3], 1)],
);
smooth(
  "einsum",
  (x, y) => np.einsum("bqhd,bkhd->bhqk", x, y),
  () => [normal([2, 3, 4, 5]), normal([2, 6, 4, 5], 1)],
);
smooth(
  "product over a broadcast axis",
  (x, y) => np.matmul(np.broadcastTo(x, [3, 4, 5]), y),
  () => [normal([3, 4, 1]), normal([5, 6], 1)],
);
smooth(
  "rowwise product",
  (x, y) => np.einsum("bd,bd->b", x, y),
  () => [normal([3, 5]), normal([3, 5], 1)],
);
plain(
  "integer product",
  (x, y) => np.dot(x, y),
  () => [integers([3, 4], -5, 5), integers([4, 2], -5, 5, 1)],
);
smooth(
  "attention, causal",
  (q, k, v) => nn.dotProductAttention(q, k, v, { isCausal: true }),
  () => [normal([2, 5, 3, 4]), normal([2, 5, 3, 4], 1), normal([2, 5, 3, 4], 2)],
);

// Indexing
smooth(
  "embedding lookup",
  (table, ids) => np.take(table, ids, 0),
  () => [normal([7, 3]), integers([2, 5], 0, 7)],
);
smooth(
  "embedding gradient, many rows add to few positions", // threads must not add to one row at the same time
  (table, ids) => np.take(table, ids, 0),
  () => [normal([600, 16]), integers([2048], 0, 3)],
);
smooth(
  "take along the last axis",
  (x, ids) => np.take(x, ids, 1),
  () => [normal([3, 7]), integers([4], 0, 7)],
);
smooth(
  "takeAlongAxis",
  (x, ids) => np.takeAlongAxis(x, ids, 1),
  () => [normal([3, 7]), integers([3, 2], 0, 7)],
);
smooth(
  "two index arrays",
  (x, i, j) => x.slice(i, j),
  () => [normal([3, 7, 2]), integers([5], 0, 3), integers([5], 0, 7, 1)],
);
smooth(
  "index arrays around a slice",
  (x, i, j) => x.slice(i, [], j),
  () => [normal([3, 4, 5]), integers([6], 0, 3), integers([6], 0, 5, 1)],
);
smooth(
  "one-hot",
  (x, ids) => nn.oneHot(ids, 5).mul(x),
  () => [normal([4, 5]), integers([4], 0, 5)],
);
smooth(
  "cross-entropy by lookup",
  (logits, ids) =>
    np
      .takeAlongAxis(nn.logSoftmax(logits, -1), ids.reshape([4, 1]), 1)
      .sum()
      .neg(),
  () => [normal([4, 9]), integers([4], 0, 9)],
);

// Sorting
smooth(
  "sort",
  (x) => np.sort(x, 1),
  () => [normal([3, 7])],
);
plain(
  "argsort is stable",
  (x) => np.argsort(x, 0),
  () => [integers([9, 2], 0, 3, 0, "float32")],
);
smooth(
  "topK",
  (x) => (lax.topK(x, 3) as [JaxArray, JaxArray])[0],
  () => [normal([2, 7])],
);

// Convolutions and pooling
const same1 = [1, 1];
smooth(
  "conv 2d same",
  (x, w) => lax.convGeneralDilated(x, w, same1, "SAME"),
  () => [normal([2, 3, 5, 6]), normal([4, 3, 3, 3], 1)],
);
smooth(
  "conv 2d strided",
  (x, w) =>
    lax.convGeneralDilated(
      x,
      w,
      [2, 2],
      [
        [1, 1],
        [1, 1],
      ],
    ),
  () => [normal([2, 3, 7, 6]), normal([4, 3, 3, 3], 1)],
);
smooth(
  "conv 2d strided, no remainder",
  (x, w) => lax.convGeneralDilated(x, w, [2, 3], "VALID"),
  () => [normal([2, 2, 8, 10]), normal([3, 2, 2, 4], 1)],
);
smooth(
  "conv 2d right dilation",
  (x, w) => lax.convGeneralDilated(x, w, same1, "SAME", { rhsDilation: [2, 2] }),
  () => [normal([1, 2, 7, 8]), normal([3, 2, 3, 3], 1)],
);
smooth(
  "conv 2d left dilation",
  (x, w) =>
    lax.convGeneralDilated(
      x,
      w,
      same1,
      [
        [2, 1],
        [1, 2],
      ],
      { lhsDilation: [2, 2] },
    ),
  () => [normal([2, 3, 4, 3]), normal([2, 3, 3, 3], 1)],
);
smooth(
  "conv 2d negative padding",
  (x, w) =>
    lax.convGeneralDilated(x, w, same1, [
      [-1, 0],
      [0, -2],
    ]),
  () => [normal([1, 2, 7, 8]), normal([3, 2, 3, 3], 1)],
);
smooth(
  "conv 2d grouped",
  (x, w) => lax.convGeneralDilated(x, w, [2, 1], "SAME", { featureGroupCount: 2 }),
  () => [normal([2, 4, 5, 6]), normal([6, 2, 3, 3], 1)],
);
smooth(
  "conv 1d",
  (x, w) => lax.convGeneralDilated(x, w, [2], [[1, 2]]),
  () => [normal([2, 3, 9]), normal([4, 3, 4], 1)],
);
smooth(
  "conv 3d",
  (x, w) => lax.convGeneralDilated(x, w, [1, 2, 1], "SAME"),
  () => [normal([1, 2, 3, 4, 5]), normal([3, 2, 2, 3, 3], 1)],
);
smooth(
  "conv transpose",
  (x, w) => lax.convTranspose(x, w, [2, 2], "SAME"),
  () => [normal([2, 3, 4, 5]), normal([2, 3, 3, 3], 1)],
);
smooth(
  "pointwise conv",
  (x, w) => lax.convGeneralDilated(x, w, same1, "VALID"),
  () => [normal([2, 3, 4, 5]), normal([6, 3, 1, 1], 1)],
);
smooth(
  "max pool",
  (x) => lax.reduceWindow(x, np.max as any, [2, 2], [2, 2]),
  () => [normal([2, 3, 4, 6])],
);
smooth(
  "average pool, overlapping",
  (x) => lax.reduceWindow(x, np.mean as any, [3, 2], [2, 1]),
  () => [normal([2, 3, 7, 6])],
);
smooth(
  "max pool with a remainder",
  (x) => lax.reduceWindow(x, np.max as any, [2, 2], [3, 2]),
  () => [normal([1, 2, 8, 5])],
);

// Random numbers
const key = () => random.key(7);
plain(
  "random bits",
  () => random.bits(key(), [3, 5]),
  () => [],
);
plain(
  "random split and uniform",
  () => {
    const [a, b] = np.split(random.split(key(), 2), 2, 0) as [JaxArray, JaxArray];
    return [random.uniform(a.reshape([2]), [4]), random.normal(b.reshape([2]), [3, 5])];
  },
  () => [],
  sine,
);
plain(
  "random from a given key",
  (k) => random.uniform(k, [11]),
  () => [Tensor.from(Uint32Array.of(3, 9))],
);
plain(
  "bernoulli",
  (k) => random.bernoulli(k, 0.3, [17]),
  () => [Tensor.from(Uint32Array.of(3, 9))],
);

// Structure
plain(
  "passes inputs, constants and repeats through",
  (x, y) => {
    const two = x.ref.add(2);
    return { same: x, again: [two.ref, two], y: y, constant: np.arange(3), zero: np.zeros([2, 2]) };
  },
  () => [normal([3]), integers([2], 0, 5)],
);
smooth(
  "captured arrays",
  (x) => x.mul(np.linspace(0, 1, 5)).add(np.eye(5).slice(2)),
  () => [normal([3, 5])],
);

// Numbers that are no numbers
const odd = () => Tensor.from([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1e-30, 3e38]);
plain(
  "NaN and infinity: arithmetic",
  (x) => [x.ref.add(1), x.ref.mul(10), x.ref.div(x.ref), np.sqrt(x.ref), np.exp(x.ref), np.log(x)],
  () => [odd()],
  finiteOnly,
);
plain(
  "NaN and infinity: comparison",
  (x) => [np.equal(x.ref, x.ref), np.notEqual(x.ref, x.ref), np.less(x.ref, np.flip(x.ref)), np.lessEqual(x.ref, x)],
  () => [odd()],
  finiteOnly,
);
plain(
  "NaN and infinity: extrema and sums",
  (x) => [np.maximum(x.ref, 1), np.minimum(x.ref, 1), np.max(x.ref), np.sum(x.ref), np.isnan(x.ref), np.isinf(x)],
  () => [odd()],
  finiteOnly,
);
plain(
  "NaN and infinity: softmax of a masked row",
  (x) => nn.softmax(np.where(np.less(x.ref, 0), -Infinity, x), -1),
  () => [normal([3, 5])],
);
