import { expect, suite, test } from "vitest";
import type { Tensor } from "../../compute/tensor.ts";
import { namedLeaves } from "../../compute/tree.ts";
import { families, randomDecoder, randomTokens } from "../decoder/decoder.fixtures.ts";
import { referenceLogits } from "../decoder/decoder.reference.ts";
import type { TokenExample } from "./packing.ts";
import { batchOfSequences, createSequenceScorer, responseLength } from "./sequence-logprobs.ts";

const example = (tokens: number[], prompt: number): TokenExample => ({
  tokens,
  trained: tokens.map((_, at) => at >= prompt),
});

suite("batchOfSequences", () => {
  test("marks each place with its sequence, as worked out by hand", () => {
    // Lengths 2, 4, 1 in rows of 5: the second opens a row of its own, the third fits best behind it.
    const batch = batchOfSequences([example([1, 2, 3], 1), example([4, 5, 6, 7, 8], 2), example([9, 1], 1)], 5, 3);
    expect([...batch.owners.host!]).toEqual([1, 1, 0, 0, 0, 2, 2, 2, 2, 3, 0, 0, 0, 0, 0]);
    expect([...batch.weights.host!]).toEqual([1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0]);
    expect(batch.tokens.shape).toEqual([3, 5]);
  });
  test("counts the tokens of the response", () => {
    expect(responseLength(example([1, 2, 3, 4], 1))).toBe(3);
    expect(responseLength(example([1, 2, 3], 0))).toBe(2); // nothing predicts the first token
  });
});

suite("createSequenceScorer", () => {
  const config = families.Qwen3!;
  const params = randomDecoder(config);
  const sequences = [9, 4, 12, 5, 7].map((length, i) => example(randomTokens(config, length, length), 1 + (i % 3)));
  const weights = new Map([...namedLeaves<Tensor>(params)].map(([name, leaf]) => [name, leaf.host!]));
  const expected = sequences.map(({ tokens, trained }) => {
    const logits = referenceLogits(config, weights, tokens);
    return tokens.reduce((sum, token, at) => {
      if (at === 0 || !trained[at]) return sum;
      const row = logits[at - 1]!;
      return sum + row[token]! - Math.log(row.reduce((z, logit) => z + Math.exp(logit), 0));
    }, 0);
  });

  test.each([2, 5, 8])("sums responses only, however they are packed: %i at a time", async (batchSize) => {
    const scorer = createSequenceScorer(config, sequences, { sequenceLength: 12, batchSize });
    const found = await scorer.logprobs(params);
    expect(found).toEqual(expected.map((sum) => expect.closeTo(sum, 4)));
    scorer.dispose();
  });
});
