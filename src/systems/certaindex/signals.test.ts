import fc from "fast-check";
import { expect, suite, test } from "vitest";
import {
  attainableValues,
  certaindex,
  describeThreshold,
  meetsAll,
  rewardSignals,
  tokenProbability,
  windowConsistency,
} from "./signals.ts";

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 9 });

suite("certaindex", () => {
  // H(4/5, 1/5) = 0.5004 and so on; the published thresholds 0.7 and 0.4 stand between these values.
  test.each([
    [[5], 1],
    [[4, 1], 0.689],
    [[3, 2], 0.582],
    [[3, 1, 1], 0.41],
    [[2, 2, 1], 0.345],
    [[2, 1, 1, 1], 0.172],
    [[1, 1, 1, 1, 1], 0],
  ])("of groups %j is %f", (groups, expected) => {
    expect(certaindex(groups)).toBeCloseTo(expected, 3);
  });

  test("is (ln n - H) / ln n, in any order of groups, from 0 to 1", () => {
    fc.assert(
      fc.property(sizes, (groups) => {
        const n = groups.reduce((sum, size) => sum + size, 0);
        fc.pre(n > 1);
        const entropy = -groups.reduce((sum, size) => sum + (size / n) * Math.log(size / n), 0);
        expect(certaindex(groups)).toBeCloseTo((Math.log(n) - entropy) / Math.log(n), 12);
        expect(certaindex(groups.toReversed())).toBe(certaindex(groups));
        expect(certaindex(groups)).toBeGreaterThanOrEqual(0);
        expect(certaindex(groups)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("of one answer, or of none, does not exist", () => {
    expect(certaindex([1])).toBeUndefined();
    expect(certaindex([])).toBeUndefined();
    expect(() => certaindex([2, 0])).toThrow("a group of 0 answers");
  });
});

suite("attainable values", () => {
  test("five answers have seven, named by their groups", () => {
    const values = attainableValues(5);
    expect(values.map(({ value }) => Number(value.toFixed(3)))).toEqual([0, 0.172, 0.345, 0.41, 0.582, 0.689, 1]);
    expect(values.map(({ groups }) => groups.join("+"))).toEqual([
      "1+1+1+1+1",
      "2+1+1+1",
      "2+2+1",
      "3+1+1",
      "3+2",
      "4+1",
      "5",
    ]);
  });
  test("two partitions of one value count once: 4+1+1+1+1 and 2+2+2+2 of eight answers", () => {
    const shared = attainableValues(8).filter(({ value }) => Math.abs(value - certaindex([2, 2, 2, 2])!) < 1e-9);
    expect(shared.map(({ groups }) => groups)).toEqual([[4, 1, 1, 1, 1]]);
    expect(attainableValues(8)).toHaveLength(21); // of 22 partitions
  });
  test("every certaindex of n answers is among them", () => {
    fc.assert(
      fc.property(sizes, (groups) => {
        const n = groups.reduce((sum, size) => sum + size, 0);
        fc.pre(n > 1 && n <= 24);
        const nearest = Math.min(...attainableValues(n).map(({ value }) => Math.abs(value - certaindex(groups)!)));
        expect(nearest).toBeLessThan(1e-9);
      }),
    );
  });
  test("rise strictly, also for thirty answers; none for one; too many are refused", () => {
    const values = attainableValues(30).map(({ value }) => value);
    expect(values.every((value, index) => index === 0 || value > values[index - 1]!)).toBe(true);
    expect(values).toHaveLength(2980); // different products of c^c over the 5604 partitions
    expect(attainableValues(1)).toEqual([]);
    expect(() => attainableValues(51)).toThrow("51 answers; from 0 to 50");
  });
});

suite("thresholds in words", () => {
  test.each([
    [0.7, 5, "all 5 agree"],
    [0.689, 5, "at least 4 of 5 agree"],
    [0.5, 5, "at least 4 of 5 agree, or fewer where the others are few, as in 3 + 2"],
    [0.4, 5, "at least 3 of 5 agree"],
    [0.3, 5, "at least 3 of 5 agree, or fewer where the others are few, as in 2 + 2 + 1"],
    [0.1, 5, "at least 2 of 5 agree"],
    [0, 5, "always, even if all 5 differ"],
    [1.01, 5, "never: certaindex is at most 1"],
    [0.7, 1, "never: a single answer has no certaindex"],
  ])("%f at %i answers: %s", (threshold, n, words) => {
    expect(describeThreshold(threshold, n)).toBe(words);
  });

  test("`at least k agree` without more is exactly what the threshold lets through", () => {
    for (const n of [2, 3, 5, 8, 12]) {
      for (const { value } of attainableValues(n).slice(1)) {
        const [, k, more] = /^(?:at least |all )(\d+)(?: of \d+)? agree(, or)?/.exec(describeThreshold(value, n))!;
        const through = attainableValues(n).filter((one) => one.value >= value - 1e-9);
        const below = through.filter(({ groups }) => groups[0]! < Number(k));
        expect([n, value, below.length > 0]).toEqual([n, value, more !== undefined]);
      }
    }
  });
});

suite("other signals", () => {
  test("window consistency is the share of the last w probes that say what the last one says", () => {
    expect(windowConsistency(["1", "2", "2", "1", "2"], 4)).toBe(3 / 4);
    expect(windowConsistency(["1/2", "0.5"], 2)).toBe(1);
    expect(windowConsistency(["2", null, "2"], 3)).toBe(2 / 3);
    expect(windowConsistency(["2", "2", null], 3)).toBe(0);
  });
  test("a window that is not full, or of one probe, says nothing", () => {
    expect(windowConsistency(["2"], 2)).toBeUndefined();
    expect(windowConsistency(["2", "2"], 1)).toBeUndefined();
    expect(() => windowConsistency(["2"], 0)).toThrow("a window of 0 probes");
  });
  test("rewards: their mean and their maximum, and nothing before the first", () => {
    expect(rewardSignals([0.25, 0.75])).toEqual({ rewardMean: 0.5, rewardMax: 0.75 });
    expect(rewardSignals([])).toEqual({});
    expect(() => rewardSignals([1.5])).toThrow("a reward of 1.5");
  });
  test("token probability: geometric and arithmetic means", () => {
    const logprobs = [Math.log(0.9), Math.log(0.4)];
    expect(tokenProbability(logprobs)).toBeCloseTo(0.6, 12);
    expect(tokenProbability(logprobs, "arithmetic")).toBeCloseTo(0.65, 12);
    expect(tokenProbability([1e-7])).toBe(1);
    expect(tokenProbability([])).toBeUndefined();
  });
  test("signals are combined by AND; an absent one never meets its threshold, and none asked is none met", () => {
    const signals = { entropy: 0.7, rewardMean: 0.4 };
    expect(meetsAll(signals, { entropy: 0.7, rewardMean: 0.4 })).toBe(true);
    expect(meetsAll(signals, { entropy: 0.7, rewardMean: 0.41 })).toBe(false);
    expect(meetsAll(signals, { entropy: 0.7, rewardMax: 0 })).toBe(false);
    expect(meetsAll(signals, {})).toBe(false);
    expect(meetsAll({ entropy: 0 }, { entropy: 0 })).toBe(true);
  });
});
