import { type Array as JaxArray, nn, numpy as np } from "@jax-js/jax";
import ort from "onnxruntime-node";
import { expect, suite, test } from "vitest";
import { compile } from "./compile.ts";
import { integers, normal } from "./executors/programs.fixtures.ts";
import { exportOnnx } from "./export-onnx.ts";

const [batch, seq, dim, vocab] = [2, 5, 8, 11];

type Params = { embed: { weight: JaxArray }; layers: { q: JaxArray; mlp: JaxArray }[] };

/** Attention, a norm and a tied head: enough to need batched transposed products. */
function logits(params: Params, tokens: JaxArray): JaxArray {
  let x = np.take(params.embed.weight.ref, tokens, 0) as JaxArray; // [batch, seq, dim]
  for (const { q, mlp } of params.layers) {
    const heads = np.dot(x.ref, q.ref.transpose()).reshape([batch, seq, 2, dim / 2]);
    const mixed = nn.dotProductAttention(heads.ref, heads.ref, heads, { isCausal: true });
    x = x.add(nn.silu(np.dot(mixed.reshape([batch, seq, dim]), mlp.ref.transpose())));
    x = x.ref.div(np.sqrt(np.mean(np.square(x), -1, { keepdims: true }).add(1e-6)));
  }
  return np.dot(x, params.embed.weight.ref.transpose());
}

const params = () => ({
  embed: { weight: normal([vocab, dim]) },
  layers: [1, 2].map((seed) => ({ q: normal([dim, dim], seed), mlp: normal([dim, dim], -seed) })),
});
const tokens = integers([batch, seq], 0, vocab);

suite("exportOnnx", () => {
  test("gives the program's numbers in plain ONNX Runtime", async () => {
    const expected = await compile(logits)(params(), tokens);
    const { bytes, inputs, outputs } = await exportOnnx(logits, [params(), tokens], {
      argNames: ["params", "tokens"],
    });
    expect(inputs).toEqual([{ name: "tokens", shape: [batch, seq], dtype: "int32" }]);
    expect(outputs).toEqual([{ name: "output", shape: [batch, seq, vocab], dtype: "float32" }]);
    const session = await ort.InferenceSession.create(bytes, { graphOptimizationLevel: "disabled" });
    const result = await session.run({ tokens: new ort.Tensor("int32", tokens.host as Int32Array, [batch, seq]) });
    await expect(expected).toBeAllclose(result.output!.data as Float32Array, { rtol: 1e-5, atol: 1e-5 });
    expect(Buffer.from(bytes).includes("layers.1.mlp")).toBe(true); // weights keep their paths
  });

  test("names inputs and outputs by their place in the tree", async () => {
    const swap = (pair: { a: JaxArray; b: JaxArray[] }) => ({ sum: pair.a.add(1), rest: [pair.b[0]!] });
    const { inputs, outputs } = await exportOnnx(swap, [{ a: normal([2]), b: [normal([3])] }], { baked: [] });
    expect(inputs.map(({ name }) => name)).toEqual(["input0.a", "input0.b.0"]);
    expect(outputs.map(({ name }) => name)).toEqual(["output.sum", "output.rest.0"]);
  });

  test("the same program gives the same bytes", async () => {
    const once = await exportOnnx(logits, [params(), tokens]);
    const again = await exportOnnx(logits, [params(), tokens]);
    expect(Buffer.compare(once.bytes, again.bytes)).toBe(0);
  });

  test("what ONNX cannot do is named", async () => {
    const whiten = (x: JaxArray) => np.linalg.cholesky(x);
    await expect(exportOnnx(whiten, [normal([2, 2])], { baked: [] })).rejects.toThrow("whiten: primitive cholesky");
  });
});
