import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { grad, type numpy as np } from "@jax-js/jax";
import { expect, suite, test } from "vitest";
import { compile } from "../../compute/compile.ts";
import { crossEntropy } from "../../compute/layers/cross-entropy.ts";
import { Tensor } from "../../compute/tensor.ts";
import { namedLeaves } from "../../compute/tree.ts";
import { Random } from "../../core/random.ts";
import { defineDecoder } from "../decoder/config.ts";
import { families, randomDecoder, randomTokens } from "../decoder/decoder.fixtures.ts";
import type { DecoderParams } from "../decoder/decoder.ts";
import { initDecoder } from "../decoder/init-decoder.ts";
import { createGenerator } from "../generate/generator.ts";
import { closedVocabulary } from "../tokenizers/index.ts";
import { batchOfRows, type SftBatch } from "./batches.ts";
import { encodeExample } from "./examples.ts";
import { packExamples, type TokenExample } from "./packing.ts";
import { createEvaluator, sft, sftLoss } from "./sft.ts";

const config = families.Qwen2!;
const random = (length: number, prompt: number): TokenExample => {
  const tokens = randomTokens(config, length, length);
  return { tokens, trained: tokens.map((_, i) => i >= prompt) };
};

suite("sftLoss", () => {
  test("packed examples have the loss they have alone", async () => {
    const examples = [random(9, 4), random(6, 1), random(12, 11), random(5, 2)];
    const params = randomDecoder(config);
    const loss = compile((p: DecoderParams, batch: SftBatch) => sftLoss(p, config, batch));
    const [row, ...others] = packExamples(examples, 32);
    expect(others).toEqual([]);
    for (const [index, example] of examples.entries()) {
      const alone = await loss(params, batchOfRows(packExamples([example], 11)));
      const weights = row!.weights.map((weight, at) => (row!.segments[at] === index + 1 ? weight : 0));
      const packed = await loss(params, batchOfRows([{ ...row!, weights }]));
      expect(Math.abs((await packed.item()) - (await alone.item()))).toBeLessThan(1e-5);
    }
    loss.dispose();
  });

  test("masked targets get no gradient", async () => {
    const gradient = compile((logits: np.Array, targets: np.Array, weights: np.Array) =>
      grad((inner: np.Array) => crossEntropy(inner, targets, weights))(logits),
    );
    const logits = Tensor.from(
      Float32Array.from({ length: 12 }, (_, i) => Math.sin(i)),
      [3, 4],
    );
    const result = await gradient(logits, Tensor.from(Int32Array.of(0, 1, 2)), Tensor.from([0, 1, 0]));
    const data = await result.data();
    const rows = [0, 1, 2].map((row) => [...data.subarray(4 * row, 4 * row + 4)]);
    expect([rows[0], rows[2]]).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
    expect(rows[1]![1]).toBeLessThan(-0.5); // softmax minus one
    gradient.dispose();
  });

  test("the evaluator weighs tokens, not batches", async () => {
    const examples = [random(12, 1), random(11, 10), random(10, 8)];
    const params = randomDecoder(config);
    const losses = await Promise.all(
      [3, 2].map(async (batchSize) => {
        const evaluator = createEvaluator(config, packExamples(examples, 11), batchSize);
        return evaluator.loss(params).finally(evaluator.dispose);
      }),
    );
    expect(losses[0]).toBeCloseTo(losses[1]!, 5);
  });
});

suite("sft", () => {
  const tokenizer = closedVocabulary([..."abcdefghijkl:", "<end>"], { eos: "<end>" });
  const pairs = ["ab", "ba", "cab", "dig", "big", "egg", "lake", "kale"].map((word, i) => ({
    prompt: `${"abcdefgh"[i]}:`,
    response: word,
  }));
  const examples = pairs.map((row) => encodeExample(row, { tokenizer }));
  const small = defineDecoder({
    vocabSize: tokenizer.vocabSize,
    hiddenSize: 32,
    layerCount: 1,
    headCount: 2,
    maxPositions: 32,
  });
  const options = { config: small, examples, sequenceLength: 24, batchSize: 2, learningRate: 0.02, seed: 3 };

  test("learns eight examples by heart and writes them", async () => {
    const trained = await sft({
      ...options,
      params: initDecoder(small, new Random(1)),
      steps: 80,
      evaluation: examples,
    });
    expect(trained.loss).toBeLessThan(0.05);
    expect([trained.rowCount, trained.fill]).toEqual([2, 40 / 48]);
    const generator = createGenerator({ model: { config: small, params: trained.params }, tokenizer });
    const prompts = pairs.map(({ prompt }) => prompt);
    const { completions } = await generator.generate({ prompts, maxTokens: 10, temperature: 0 });
    expect(completions.map(({ text }) => text)).toEqual(pairs.map(({ response }) => response));
    generator.dispose();
  });

  test("interrupted and resumed, it ends with the same parameters", async () => {
    const folder = await mkdtemp(join(tmpdir(), "polymath-sft-"));
    const run = (dir: string, signal?: AbortSignal, onStep?: () => void) =>
      sft({
        ...options,
        params: initDecoder(small, new Random(1)),
        steps: 5,
        checkpointDir: join(folder, dir),
        signal,
        onStep,
      });
    const straight = await run("straight");
    const controller = new AbortController();
    const cut = await run("cut", controller.signal, () => controller.abort());
    expect(cut.stopped).toBe(true);
    const resumed = await run("cut");
    const bytes = (tree: object) => Promise.all([...namedLeaves<Tensor>(tree).values()].map((leaf) => leaf.data()));
    expect(await bytes(resumed.params)).toEqual(await bytes(straight.params));
    await rm(folder, { recursive: true });
  });

  test("refuses to do nothing", async () => {
    const params = initDecoder(small, new Random(1));
    await expect(sft({ ...options, params })).rejects.toThrow("sft: nothing to do");
    await expect(sft({ ...options, params, steps: 1, sequenceLength: 64 })).rejects.toThrow(
      "beyond the model's 32 positions",
    );
  });
});
