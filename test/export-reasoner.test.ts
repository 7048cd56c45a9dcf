/** A trained model as an ONNX file: the embedded reasoner gives the same logits in plain onnxruntime. */
import ort from "onnxruntime-node";
import { expect, test } from "vitest";
import { compile } from "../src/compute/compile.ts";
import { exportOnnx } from "../src/compute/export-onnx.ts";
import { Tensor } from "../src/compute/tensor.ts";
import { type DecoderInputs, type DecoderParams, decoderLogits } from "../src/language/decoder/decoder.ts";
import { loadModel } from "../src/language/hugging-face.ts";
import { promptIds } from "../src/systems/overthinking/tokenizer.ts";

test("the reasoner exported to ONNX gives the same logits to 1e-4", async () => {
  const { config, params } = await loadModel("models/reasoner");
  const ids = Int32Array.from(promptIds({ addends: [17, 25, 38] }));
  const inputs = { tokens: Tensor.from(ids, [1, ids.length]) };
  const logits = (weights: DecoderParams, { tokens }: DecoderInputs) => decoderLogits(weights, config, { tokens });

  const exported = await exportOnnx(logits, [params, inputs], { argNames: ["params", "inputs"] });
  const session = await ort.InferenceSession.create(exported.bytes);
  const [input, output] = [exported.inputs[0]!.name, exported.outputs[0]!.name];
  const results = await session.run({ [input]: new ort.Tensor("int32", ids, [1, ids.length]) });

  const program = compile(logits, { device: "wasm" }); // jax-js's own kernels: shares no lowering with the file
  const ours = await program(params, inputs);
  expect(results[output]!.dims).toEqual([1, ids.length, config.vocabSize]);
  await expect(ours).toBeAllclose(results[output]!.data as Float32Array, { rtol: 0, atol: 1e-4 });
  await session.release();
  program.dispose();
});
