import { expect, suite, test } from "vitest";
import { Random } from "../../core/random.ts";
import { candidates, logprobOf, type SamplingOptions, sampleToken } from "./sampling.ts";

// Probabilities 0.4, 0.3, 0.15, 0.1, 0.05 in mixed order, shifted by a constant that must not matter.
const probabilities = [0.1, 0.4, 0.05, 0.3, 0.15];
const logits = probabilities.map((p) => Math.log(p) + 7);

/** Pearson's statistic of 20,000 draws against exact probabilities; drawing what has none makes it infinite. */
function chiSquare(options: SamplingOptions, expected: readonly number[]): number {
  const rng = new Random("chi-square");
  const drawn = expected.map(() => 0);
  for (let i = 0; i < 20_000; i++) drawn[sampleToken(logits, options, rng)]!++;
  return drawn.reduce(
    (sum, count, id) =>
      sum + (count === 0 ? expected[id]! * 20_000 : (count - expected[id]! * 20_000) ** 2 / (expected[id]! * 20_000)),
    0,
  );
}

suite("sampleToken draws from", () => {
  // 0.999 quantiles of chi-square with 1 to 4 degrees of freedom.
  const limits = [Number.NaN, 10.83, 13.82, 16.27, 18.47];
  const rows: [string, SamplingOptions, number[]][] = [
    ["the softmax", {}, probabilities],
    ["a temperature of 0.5", { temperature: 0.5 }, normalise([0.01, 0.16, 0.0025, 0.09, 0.0225])],
    ["the top 2", { topK: 2 }, normalise([0, 0.4, 0, 0.3, 0])],
    ["the nucleus of 0.8", { topP: 0.8 }, normalise([0, 0.4, 0, 0.3, 0.15])],
    ["the nucleus within the top 3", { topK: 3, topP: 0.75 }, normalise([0, 0.4, 0, 0.3, 0])], // 0.7 of 0.85 is over 0.75
    ["at least a third as likely", { minP: 1 / 3 }, normalise([0, 0.4, 0, 0.3, 0.15])],
  ];
  for (const [name, options, expected] of rows) {
    test(name, () => {
      const freedom = expected.filter((p) => p > 0).length - 1;
      expect(chiSquare(options, expected)).toBeLessThan(limits[freedom]!);
    });
  }
  test("chi-square notices a slightly wrong distribution", () => {
    expect(chiSquare({}, [0.1, 0.38, 0.05, 0.32, 0.15])).toBeGreaterThan(limits[4]!);
  });
});

suite("edges", () => {
  test("temperature 0 takes the likeliest, of equal ones the lowest id", () => {
    expect(sampleToken([1, 3, 2, 3], { temperature: 0 }, new Random(0))).toBe(1);
  });
  test("top-k of equal tokens keeps the lower ids", () => {
    expect([...candidates([0, 1, 1, 1], { topK: 2 }).ids]).toEqual([1, 2]);
  });
  test("a nucleus holds at least one token", () => {
    expect([...candidates(logits, { topP: 1e-9 }).ids]).toEqual([1]);
  });
  test("filters that leave everything change nothing", () => {
    const { ids, weights } = candidates(logits, { topP: 0.999, topK: 5 });
    expect([...ids]).toEqual([1, 3, 4, 0, 2]);
    expect([...weights].map((weight) => 0.4 * weight)).toEqual(
      [0.4, 0.3, 0.15, 0.1, 0.05].map((p) => expect.closeTo(p, 12)),
    );
  });
  test("leaving out early what cannot survive is exact", () => {
    const rng = new Random("prefilter");
    for (let round = 0; round < 200; round++) {
      const scores = Array.from({ length: 40 }, () => Math.round(6 * rng.normal()) / 2); // with ties
      const topP = rng.next();
      const sorted = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
      const shares = normalise(sorted.map((id) => Math.exp(scores[id]!)));
      let reached = 0;
      const expected = sorted.filter((_, place) => {
        const wanted = reached < topP;
        reached += shares[place]!;
        return wanted;
      });
      expect([...candidates(scores, { topP }).ids]).toEqual(expected);
    }
  });
  test("infinitely unlikely tokens are never drawn", () => {
    expect([...candidates([0, -Infinity], {}).weights]).toEqual([1, 0]);
  });
  test("huge logits do not overflow", () => {
    expect([...candidates([1e30, 1e30], {}).weights]).toEqual([1, 1]);
  });
  test("log-probabilities are the model's own", () => {
    expect(logprobOf(logits, 3)).toBeCloseTo(Math.log(0.3), 12);
  });
});

function normalise(weights: number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
