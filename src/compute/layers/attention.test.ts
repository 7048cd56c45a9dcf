import { numpy as np } from "@jax-js/jax";
import { expect, suite, test } from "vitest";
import { Random } from "../../core/random.ts";
import { attention, initAttention, scaledDotProductAttention } from "./attention.ts";
import { array64, onInterpreter, randomRows, toFloat64 } from "./float64.fixtures.ts";

type Heads = number[][][][]; // [batch, seq, heads, headDim]

/** Equation 1 in loops; `sees(batch, query, key)` decides what takes part. */
function reference(q: Heads, k: Heads, v: Heads, sees = (_b: number, _query: number, _key: number) => true): Heads {
  return q.map((queries, b) =>
    queries.map((heads, i) =>
      heads.map((query, h) => {
        const kvHead = Math.floor((h * k[b]![0]!.length) / heads.length);
        const weights = k[b]!.map((key, j) => {
          const product = query.reduce((sum, value, d) => sum + value * key[kvHead]![d]!, 0);
          return sees(b, i, j) ? Math.exp(product / Math.sqrt(query.length)) : 0;
        });
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        return v[b]![0]![0]!.map((_, d) =>
          weights.reduce((sum, weight, j) => sum + (weight / total) * v[b]![j]![kvHead]![d]!, 0),
        );
      }),
    ),
  );
}

const inputs = (heads: number, kvHeads: number, queries: number, keys: number): [Heads, Heads, Heads] => [
  randomRows("q", 2, queries, heads, 4),
  randomRows("k", 2, keys, kvHeads, 4),
  randomRows("v", 2, keys, kvHeads, 4),
];
const run = ([q, k, v]: [Heads, Heads, Heads], see = {}) =>
  scaledDotProductAttention(array64(q), array64(k), array64(v), see);
const bools = (rows: number[][][]) => array64(rows).astype(np.bool);

suite("scaledDotProductAttention", () => {
  test("weights values by softmax(q k / sqrt(headDim)): two tokens by hand", () =>
    onInterpreter(() => {
      const x = () => array64([[[[1, 0]], [[0, 1]]]]); // [batch 1, seq 2, heads 1, headDim 2]
      const own = Math.exp(Math.SQRT1_2) / (Math.exp(Math.SQRT1_2) + 1); // logits 1/sqrt(2) and 0
      expect(scaledDotProductAttention(x(), x(), x())).toBeAllclose([[[[own, 1 - own]], [[1 - own, own]]]]);
    }));

  test.each([
    { heads: 2, kvHeads: 2 },
    { heads: 4, kvHeads: 2 },
    { heads: 3, kvHeads: 1 },
  ])("$heads heads on $kvHeads kv heads", ({ heads, kvHeads }) =>
    onInterpreter(() => {
      const all = inputs(heads, kvHeads, 3, 5);
      expect(run(all)).toBeAllclose(reference(...all));
    }),
  );

  test("causal: each sees itself and the past; fewer queries than keys are the last ones", () =>
    onInterpreter(() => {
      const square = inputs(2, 2, 4, 4);
      expect(run(square, { causal: true })).toBeAllclose(reference(...square, (_b, i, j) => j <= i));
      const lastTwo = inputs(2, 1, 2, 5);
      expect(run(lastTwo, { causal: true })).toBeAllclose(reference(...lastTwo, (_b, i, j) => j <= i + 3));
    }));

  test("prefix: the first keys are seen by everyone", () =>
    onInterpreter(() => {
      const all = inputs(2, 2, 4, 4);
      expect(run(all, { causal: true, prefix: 2 })).toBeAllclose(reference(...all, (_b, i, j) => j <= i || j < 2));
    }));

  test("mask: of each sequence or of all, together with causal", () =>
    onInterpreter(() => {
      const all = inputs(4, 2, 3, 3);
      const rows = [
        [
          [1, 1, 1],
          [0, 1, 1],
          [1, 0, 1],
        ],
        [
          [1, 0, 0],
          [1, 1, 0],
          [0, 1, 1],
        ],
      ];
      expect(run(all, { mask: bools(rows) })).toBeAllclose(reference(...all, (b, i, j) => rows[b]![i]![j] === 1));
      const shared = [rows[0]!];
      expect(run(all, { mask: bools(shared), causal: true })).toBeAllclose(
        reference(...all, (_b, i, j) => rows[0]![i]![j] === 1 && j <= i),
      );
    }));

  test("a query that may see nothing stays finite", () =>
    onInterpreter(() => {
      const all = inputs(1, 1, 2, 2);
      const y = run(all, {
        mask: bools([
          [
            [0, 0],
            [1, 1],
          ],
        ]),
      }).dataSync();
      expect([...y].every(Number.isFinite)).toBe(true);
    }));

  test("says what does not fit", () =>
    onInterpreter(() => {
      expect(() => run(inputs(3, 2, 2, 2))).toThrow("2 kv heads do not divide 3 query heads");
      expect(() => run(inputs(2, 2, 2, 2), { prefix: 1 })).toThrow("prefix means nothing without causal");
      expect(() => run(inputs(2, 2, 2, 3), { mask: bools([[[1, 1]]]) })).toThrow(
        "mask: expected [batch = 2 or 1, queries = 2, keys = 3], got [1, 1, 2]",
      );
    }));
});

suite("attention layer", () => {
  test("with identity projections it is plain attention", () =>
    onInterpreter(() => {
      const eye = {
        weight: array64([
          [1, 0],
          [0, 1],
        ]),
      };
      const x = randomRows("x", 1, 3, 2);
      const y = attention({ q_proj: eye, k_proj: eye, v_proj: eye, o_proj: eye }, array64(x), {
        heads: 2,
        causal: true,
      });
      const heads: Heads = x.map((rows: number[][]) => rows.map((row) => row.map((value) => [value])));
      const expected = reference(heads, heads, heads, (_b, i, j) => j <= i);
      expect(y).toBeAllclose(expected.map((rows) => rows.map((row) => row.flat())));
    }));

  test("cross-attention takes keys and values from the context", () =>
    onInterpreter(() => {
      const params = toFloat64(initAttention(new Random(1), { dim: 4, heads: 2, contextDim: 3 }));
      const context = randomRows("context", 1, 1, 3);
      const one = attention(params, array64(randomRows("a", 1, 2, 4)), { heads: 2, context: array64(context) });
      const other = attention(params, array64(randomRows("b", 1, 2, 4)), { heads: 2, context: array64(context) });
      expect(one).toBeAllclose(other.js()); // a single key takes all the weight, whatever the query
    }));

  test("says what does not fit", () =>
    onInterpreter(() => {
      const params = toFloat64(initAttention(new Random(1), { dim: 4, heads: 2 }));
      expect(() => attention(params, array64([[1, 2]]), { heads: 2 })).toThrow(
        "expected [batch, seq, dim = 4], got [1, 2]",
      );
      expect(() => attention(params, array64([[[1, 2, 3, 4]]]), { heads: 3 })).toThrow(
        "3 heads do not divide the width 4",
      );
    }));
});
