import { numpy as np, tree } from "@jax-js/jax";
import { expect, suite, test } from "vitest";
import type { Tensor } from "../../compute/tensor.ts";
import { countParameters, mapTree, namedLeaves } from "../../compute/tree.ts";
import { Random } from "../../core/random.ts";
import { compileForward, families, int32, largestDifference, randomDecoder, randomTokens } from "./decoder.fixtures.ts";
import { referenceLogits } from "./decoder.reference.ts";
import { type DecoderParams, decoderLogits } from "./decoder.ts";
import { initDecoder } from "./init-decoder.ts";

suite("decoderLogits", () => {
  for (const [name, config] of Object.entries(families)) {
    test(`${name}: equals the float64 reference`, async () => {
      const params = randomDecoder(config);
      const weights = new Map([...namedLeaves<Tensor>(params)].map(([key, tensor]) => [key, tensor.host!]));
      const rows = [randomTokens(config, 40, "a"), randomTokens(config, 40, "b")];
      const forward = compileForward(config);
      const logits = await (await forward(params, { tokens: int32(rows) })).data();
      const expected = rows.flatMap((row) => referenceLogits(config, weights, row)).flat();
      expect(largestDifference(logits, expected)).toBeLessThan(1e-5);
      expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(0.5); // not flat, so 1e-5 says something
      forward.dispose();
    });
  }

  test("packed texts do not see each other", async () => {
    const config = families.Qwen2!;
    const params = randomDecoder(config);
    const [one, two] = [randomTokens(config, 5, "one"), randomTokens(config, 7, "two")];
    const forward = compileForward(config);
    const packed = await forward(params, {
      tokens: int32([[...one, ...two, 0]]),
      positions: int32([[0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 6, 0]]),
      segments: int32([[1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 0]]),
    });
    const alone = await Promise.all(
      [one, two].map(async (row) => (await forward(params, { tokens: int32([row]) })).data()),
    );
    const expected = alone.flatMap((logits) => [...logits]);
    expect(largestDifference((await packed.data()).subarray(0, expected.length), expected)).toBeLessThan(1e-5);
    forward.dispose();
  });
});

suite("ownership, without compilation", () => {
  test("borrows parameters and consumes inputs", () => {
    const config = families.Qwen3!;
    const params = mapTree(randomDecoder(config), (leaf: Tensor) =>
      np.array(leaf.host as Float32Array<ArrayBuffer>, { shape: [...leaf.shape] }),
    ) as DecoderParams;
    const int = (values: number[][]) => np.array(values, { dtype: np.int32 });
    const inputs = { tokens: int([[1, 2, 3]]), positions: int([[0, 1, 0]]), segments: int([[1, 1, 2]]) };
    decoderLogits(params, config, inputs).dispose();
    expect(Object.values(inputs).map((array) => array.refCount)).toEqual([0, 0, 0]);
    const counts = (tree.leaves(params) as np.Array[]).map((array) => array.refCount);
    expect(counts).toEqual(counts.map(() => 1));
    tree.dispose(params);
  });
});

suite("initDecoder", () => {
  test("names tensors as Hugging Face does", () => {
    const names = [...namedLeaves(initDecoder(families.Qwen3!, new Random(0))).keys()];
    expect(names).toContain("model.embed_tokens.weight");
    expect(names).toContain("model.layers.1.self_attn.k_norm.weight");
    expect(names).toContain("model.layers.0.mlp.down_proj.weight");
    expect(names).not.toContain("lm_head.weight"); // tied
  });
  test("is a function of the seed", () => {
    const embedding = (seed: number) => initDecoder(families.Qwen2!, new Random(seed)).model.embed_tokens.weight.host;
    expect(embedding(1)).toEqual(embedding(1));
    expect(embedding(1)).not.toEqual(embedding(2));
  });
  test("counts parameters by hand", () => {
    // Qwen2 fixture: embeddings 23·24; per layer norms 2·24, q 24·24+24, k and v 24·12+12, o 24·24, MLP 3·24·40; norm 24.
    const layer = 2 * 24 + (24 * 24 + 24) + 2 * (24 * 12 + 12) + 24 * 24 + 3 * 24 * 40;
    expect(countParameters(initDecoder(families.Qwen2!, new Random(0)))).toBe(23 * 24 + 2 * layer + 24);
  });
});
