/**
 * A chain of square products on one executor: `POLYMATH_DEVICE=native node multiply.ts <size> <products>`, or without
 * our engine, as the plainest graph that ONNX Runtime takes: `node multiply.ts <size> <products> bare`.
 * A chain, because one small product would measure the call and not the arithmetic.
 */
import "../../src/compute/executors/worker-shim.ts"; // before jax-js is loaded
import { numpy as np } from "@jax-js/jax";
import ort from "onnxruntime-node";
import { compile } from "../../src/compute/compile.ts";
import { encodeModel, type OnnxNode } from "../../src/compute/lowering/onnx-proto.ts";
import { Tensor } from "../../src/compute/tensor.ts";
import { Random } from "../../src/core/random.ts";
import { type Contender, serveContender } from "../lib/contender.ts";

await serveContender(async ([size, products, bare]) => {
  const [n, count] = [Number(size), Number(products)];
  const rng = new Random("bench-matmul");
  const left = Float32Array.from({ length: n * n }, () => rng.normal());
  // Columns of norm near 1, so that the elements keep their size along the chain.
  const right = Float32Array.from({ length: n * n }, () => rng.normal() / Math.sqrt(n));
  return bare ? bareOnnxRuntime(n, count, left, right) : ours(n, count, left, right);
});

type Matrix = Float32Array<ArrayBuffer>;

async function ours(n: number, count: number, left: Matrix, right: Matrix): Promise<Contender> {
  const chain = compile((a: np.Array, b: np.Array) => {
    let x = a;
    for (let product = 0; product < count; product++) x = np.matmul(x, b.ref);
    b.dispose();
    return np.square(x).mean(-1).mean(); // in two steps: one float32 sum of four million squares loses digits
  });
  // Out of a program, so that they lie where the executor keeps its tensors.
  const place = compile((a: np.Array, b: np.Array) => [a.mul(1), b.mul(1)] as [np.Array, np.Array]);
  const [a, b] = await place(Tensor.from(left, [n, n]), Tensor.from(right, [n, n]));
  return {
    about: `compile() on ${process.env.POLYMATH_DEVICE}`,
    async step() {
      const mean = await chain(a, b);
      const value = await mean.item();
      mean.dispose();
      return value;
    },
  };
}

async function bareOnnxRuntime(n: number, count: number, left: Matrix, right: Matrix): Promise<Contender> {
  const node = (op: string, inputs: string[], output: string, attributes = {}): OnnxNode => {
    return { op, domain: "", inputs, outputs: [output], attributes };
  };
  const products = Array.from({ length: count }, (_, i) => node("MatMul", [i === 0 ? "a" : `x${i}`, "b"], `x${i + 1}`));
  const last = `x${count}`;
  const square = node("Mul", [last, last], "square");
  const model = encodeModel({
    nodes: [...products, square, node("ReduceMean", ["square"], "mean", { keepdims: 0 })],
    initializers: [],
    inputs: ["a", "b"].map((name) => ({ name, type: "float32", shape: [n, n] })),
    outputs: [{ name: "mean", type: "float32", shape: [] }],
  });
  const session = await ort.InferenceSession.create(model);
  const feeds = { a: new ort.Tensor("float32", left, [n, n]), b: new ort.Tensor("float32", right, [n, n]) };
  return {
    about: `onnxruntime-node ${ort.env.versions.node}, MatMul nodes only`,
    step: async () => ((await session.run(feeds)).mean!.data as Float32Array)[0]!,
  };
}
