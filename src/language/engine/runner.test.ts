import { expect, suite, test } from "vitest";
import type { Device } from "../../compute/device.ts";
import type { Tensor } from "../../compute/tensor.ts";
import { namedLeaves } from "../../compute/tree.ts";
import { Random } from "../../core/random.ts";
import { defineDecoder } from "../decoder/config.ts";
import { families, largestDifference, randomDecoder, randomTokens } from "../decoder/decoder.fixtures.ts";
import { referenceLogits } from "../decoder/decoder.reference.ts";
import { KvRows } from "./kv-rows.ts";
import { openRunner, type TokenRunner } from "./runner.ts";

// Heads of 8 and 24 run as the native graph, the others through compile.
const config24 = defineDecoder({ vocabSize: 31, hiddenSize: 96, layerCount: 2, headCount: 4, maxPositions: 512 });
const cases: [string, (typeof families)[string], Device][] = [
  ["Llama, heads of 24", config24, "native"],
  ["Llama, untied, llama3 rope, all biases", families["Llama, untied, llama3 rope, all biases"]!, "native"],
  ["Qwen2, heads of 8", { ...families.Qwen2!, headDim: 8 }, "native"],
  ["Qwen3, heads of 16", { ...families.Qwen3!, headDim: 16 }, "native"],
  ["Qwen3, heads of 10 (compiled)", families.Qwen3!, "native"],
  ["Qwen2", families.Qwen2!, "wasm"],
];

function openCache(runner: TokenRunner, rows: number, slots: number) {
  const cache = new KvRows(runner.layout);
  const sizes = runner.sizes(rows, slots);
  cache.resize(sizes.rows, sizes.slots, []);
  return cache;
}

suite("runner", () => {
  for (const [name, config, device] of cases) {
    test(`${name} on ${device}: every step equals a full forward`, async () => {
      const params = randomDecoder(config);
      const weights = new Map([...namedLeaves<Tensor>(params)].map(([key, tensor]) => [key, tensor.host!]));
      const runner = await openRunner({ config, params }, device);
      const cache = openCache(runner, 3, 60);
      const rows = [3, 1, 37].map((length) => randomTokens(config, length, length));
      const expectNext = (logits: readonly Float32Array[]) => {
        expect(logits.length).toBe(3);
        for (const [i, row] of rows.entries()) {
          expect(largestDifference(logits[i]!, referenceLogits(config, weights, row).at(-1)!)).toBeLessThan(1e-4);
        }
      };
      expectNext(await runner.extend(cache, { firstRow: 0, starts: [0, 0, 0], tokens: rows, isPrompt: true }));
      for (const more of [1, 1, 5, 1]) {
        const starts = rows.map((row) => row.length);
        const tokens = rows.map((row, i) => randomTokens(config, more, `${row.length} ${i}`));
        for (const [i, row] of rows.entries()) row.push(...tokens[i]!);
        expectNext(await runner.extend(cache, { firstRow: 0, starts, tokens, isPrompt: more > 1 }));
      }
      await runner.dispose();
    });
  }

  test("native: a row's logits have the same bits alone, among others, in larger arrays, however its prompt is cut", async () => {
    const config = { ...config24, kvHeadCount: 2 };
    const runner = await openRunner({ config, params: randomDecoder(config) }, "native");
    const rng = new Random("bits");
    const prompt = randomTokens(config, 90, "prompt");
    const answer = randomTokens(config, 40, "answer");
    const others = Array.from({ length: 15 }, (_, i) => randomTokens(config, rng.int(1, 300), i));
    const follow = async (cuts: readonly number[], neighbours: readonly number[][], slots: number) => {
      const cache = openCache(runner, 1 + neighbours.length, slots);
      const rows = [prompt, ...neighbours];
      const logits: Float32Array[] = [];
      if (cuts.length === 0)
        logits.push(
          (await runner.extend(cache, { firstRow: 0, starts: rows.map(() => 0), tokens: rows, isPrompt: true }))[0]!,
        );
      else {
        if (neighbours.length > 0)
          await runner.extend(cache, {
            firstRow: 1,
            starts: neighbours.map(() => 0),
            tokens: neighbours,
            isPrompt: true,
          });
        for (const [i, cut] of cuts.entries()) {
          const batch = { firstRow: 0, starts: [cut], tokens: [prompt.slice(cut, cuts[i + 1])], isPrompt: true };
          logits.splice(0, 1, ...(await runner.extend(cache, batch)));
        }
      }
      for (const [at, token] of answer.entries()) {
        const starts = rows.map((row) => row.length + at);
        logits.push(
          (
            await runner.extend(cache, { firstRow: 0, starts, tokens: rows.map(() => [token]), isPrompt: false })
          )[0]!.slice(),
        );
      }
      return logits;
    };
    const alone = await follow([], [], 140);
    expect(await follow([], others, 400)).toEqual(alone);
    expect(await follow([0, 16, 17, 80, 89], others.slice(0, 6), 350)).toEqual(alone);
    await runner.dispose();
  });
});
