import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { ShapeError } from "../errors.ts";
import { Random } from "../random.ts";
import {
  betaCdf,
  betaQuantile,
  binomialCdf,
  bootstrapInterval,
  clopperPearson,
  mcnemar,
  mean,
  median,
  normalCdf,
  normalQuantile,
  pairedBootstrap,
  pairedPermutation,
  quantile,
  standardDeviation,
} from "./index.ts";

// Reference values: SciPy 1.17 (scipy.special.betainc, scipy.stats.binomtest, norm, bootstrap, permutation_test).

suite("summary", () => {
  const values = [3, 1, 4, 1, 5, 9, 2, 6];
  test("agrees with numpy", () => {
    expect([mean(values), standardDeviation(values)]).toEqual([3.875, expect.closeTo(2.748376143938713, 12)]);
    expect([0.1, 0.5, 0.9].map((p) => quantile(values, p))).toEqual([1, 3.5, expect.closeTo(6.9, 12)]);
    expect(median(values)).toBe(3.5);
    expect(standardDeviation([2])).toBe(0);
  });
  test("refuses nothing and NaN", () => {
    expect(() => mean([])).toThrow("mean: there are no values");
    expect(() => quantile([1, NaN], 0.5)).toThrow("quantile: value 1 is NaN");
  });
});

suite("distributions", () => {
  test.each([
    [0.3, 0.5, 0.5, 0.36901011956554536],
    [0.4, 2, 3, 0.5248],
    [0.99, 300, 1, 0.04904089407128572],
    [0.34, 1000, 2000, 0.7812150911606441],
    [0.501, 50_000, 50_000, 0.7364550617029552],
    [0.001, 0.1, 5, 0.6128983593749946],
  ])("betaCdf(%f; %f, %f)", (x, a, b, expected) => {
    expect(betaCdf(x, a, b)).toBeCloseTo(expected, 9);
    expect(betaQuantile(expected, a, b)).toBeCloseTo(x, 8);
  });
  test("betaCdf is a distribution and its own mirror image", () => {
    const shape = fc.double({ min: 0.05, max: 500, noNaN: true });
    const unit = fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000);
    fc.assert(
      fc.property(shape, shape, unit, unit, (a, b, x, y) => {
        const [low, high] = [betaCdf(Math.min(x, y), a, b), betaCdf(Math.max(x, y), a, b)];
        expect(low).toBeLessThanOrEqual(high + 1e-10);
        expect(low + betaCdf(1 - Math.min(x, y), b, a)).toBeCloseTo(1, 9);
      }),
      { seed: 1 },
    );
  });
  test("normal and binomial", () => {
    expect([0.975, 0.001, 0.5, 1e-6].map(normalQuantile)).toEqual(
      [1.959963984540054, -3.090232306167813, 0, -4.753424308822899].map((x) => expect.closeTo(x, 5)),
    );
    expect(normalCdf(-2.5)).toBeCloseTo(0.006209665325776132, 8);
    expect(binomialCdf(3, 10, 0.3)).toBeCloseTo(0.6496107184, 9);
    expect(binomialCdf(499, 1000, 0.5)).toBeCloseTo(0.4873874908191604, 9);
  });
});

suite("clopperPearson", () => {
  test.each([
    [0, 299, 0, 0.012261595907536983],
    [5, 10, 0.1870860284474045, 0.8129139715525955],
    [8, 10, 0.4439045376923585, 0.9747892736731665],
    [95, 100, 0.887165088894537, 0.9835681208182717],
    [299, 300, 0.9815687479519322, 0.9999156108676822],
    [1, 1_000_000, 2.5317805139113815e-8, 5.571630655512304e-6],
  ])("%i of %i", (successes, trials, low, high) => {
    const interval = clopperPearson(successes, trials);
    expect(interval.low / (low || 1)).toBeCloseTo(low && 1, 6);
    expect(interval.high / high).toBeCloseTo(1, 6);
  });
  test("no failure in 299 trials: below 1 % with one-sided 95 % confidence (1 - 0.05^(1/299))", () => {
    const { high, low } = clopperPearson(0, 299, { side: "upper" });
    expect(high).toBeCloseTo(1 - 0.05 ** (1 / 299), 9);
    expect(high).toBeLessThan(0.01);
    expect(low).toBe(0);
    expect(clopperPearson(0, 298, { side: "upper" }).high).toBeGreaterThan(0.01);
    expect(clopperPearson(299, 299, { side: "lower" }).low).toBeCloseTo(1 - high, 9);
  });
  test("covers the truth at least as often as it says, whatever the truth", () => {
    const trials = 30;
    for (const truth of [0.02, 0.1, 0.35, 0.5, 0.9]) {
      let covered = 0;
      for (let k = 0; k <= trials; k++) {
        const { low, high } = clopperPearson(k, trials);
        const probability = binomialCdf(k, trials, truth) - binomialCdf(k - 1, trials, truth);
        if (low <= truth && truth <= high) covered += probability;
      }
      expect(covered).toBeGreaterThanOrEqual(0.95 - 1e-9);
    }
  });
  test("refuses what is no count", () => {
    for (const [k, n] of [
      [3, 2],
      [-1, 2],
      [0, 0],
      [0.5, 2],
    ] as const)
      expect(() => clopperPearson(k, n)).toThrow(RangeError);
  });
});

suite("bootstrap", () => {
  const skewed = [1, 2, 3, 4, 5, 20];
  test("percentile and BCa intervals of a skewed sample", () => {
    const options = { resampleCount: 20_000 };
    expect(bootstrapInterval(skewed, { ...options, method: "percentile" })).toEqual({
      value: 35 / 6,
      low: expect.closeTo(2.1667, 0.9),
      high: expect.closeTo(11.667, 0.5),
      level: 0.95,
    });
    const { low, high } = bootstrapInterval(skewed, options);
    expect(Math.abs(low - 2.5)).toBeLessThan(0.17); // one step of the mean of six whole numbers
    expect(Math.abs(high - 14.5)).toBeLessThan(0.35);
  });
  test("is the same for the same seed, and close for another", () => {
    const values = Array.from({ length: 100 }, (_, i) => Math.sin(i));
    expect(bootstrapInterval(values, { seed: 3 })).toEqual(bootstrapInterval(values, { seed: 3 }));
    expect(bootstrapInterval(values, { seed: 4 }).low).toBeCloseTo(bootstrapInterval(values, { seed: 3 }).low, 1);
  });
  test("a constant sample, a single item and no item", () => {
    expect(bootstrapInterval([2, 2, 2])).toMatchObject({ value: 2, low: 2, high: 2 });
    expect(bootstrapInterval([7])).toMatchObject({ value: 7, low: 7, high: 7 });
    expect(() => bootstrapInterval([])).toThrow("there are no items");
  });
  test("takes any statistic of any items, such as groups that share a seed", () => {
    const groups = [
      [1, 1, 1],
      [3, 3, 3],
      [5, 5, 5],
    ];
    const grouped = bootstrapInterval(groups, { statistic: (sample) => mean(sample.flat()) });
    const flat = bootstrapInterval(groups.flat());
    expect(grouped.value).toBe(3);
    expect(grouped.high - grouped.low).toBeGreaterThan(flat.high - flat.low);
  });
  test("covers the mean about as often as it says", () => {
    const rng = new Random("coverage");
    let covered = 0;
    for (let trial = 0; trial < 200; trial++) {
      const values = Array.from({ length: 40 }, () => rng.normal());
      const { low, high } = bootstrapInterval(values, { resampleCount: 400, seed: trial });
      if (low <= 0 && 0 <= high) covered++;
    }
    expect(covered).toBeGreaterThan(178); // of 200; about 93 % is known of 40 values
    expect(covered).toBeLessThan(200);
  });
  test("pairs keep what both have in common out of the doubt", () => {
    const before = Array.from({ length: 200 }, (_, i) => i % 50);
    const after = before.map((value, i) => value - 1 + 0.1 * Math.cos(i));
    const paired = pairedBootstrap(before, after);
    expect(paired.value).toBeCloseTo(-1, 1);
    expect(paired.high - paired.low).toBeLessThan(0.05);
    expect(() => pairedBootstrap([1], [1, 2])).toThrow(ShapeError);
  });
});

suite("paired tests", () => {
  test("mcnemar counts the discordant pairs and tests them against one half", () => {
    const answers = (pattern: string) => [...pattern].map((right) => right === "1");
    const first = answers(`111111111111000${"1".repeat(50)}`);
    const second = answers(`000000000000111${"1".repeat(50)}`);
    expect(mcnemar(first, second)).toEqual({ onlyFirst: 12, onlySecond: 3, p: expect.closeTo(0.03515625, 10) });
    expect(mcnemar(first, first).p).toBe(1);
    expect(() => mcnemar([true], [])).toThrow("1 and 0 items are no pairs");
  });
  test("pairedPermutation is exact for few pairs and close for many", () => {
    const first = [125, 115, 130, 140, 140, 115, 140, 125, 140, 135];
    const second = [110, 122, 125, 120, 140, 124, 123, 137, 135, 145];
    const exact = pairedPermutation(first, second);
    expect(exact).toEqual({ difference: -2.4, p: 0.54296875, exact: true });
    const drawn = pairedPermutation(first, second, { permutationCount: 1000 });
    expect(drawn.exact).toBe(false);
    expect(drawn.p).toBeCloseTo(exact.p, 1);
  });
  test("under the null hypothesis p-values are uniform or larger", () => {
    const rng = new Random("null");
    let rejected = 0;
    for (let trial = 0; trial < 400; trial++) {
      const first = Array.from({ length: 9 }, () => rng.normal());
      if (
        pairedPermutation(
          first,
          first.map(() => rng.normal()),
        ).p <= 0.05
      )
        rejected++;
    }
    expect(rejected / 400).toBeLessThan(0.09); // 0.05 and three standard deviations
    expect(rejected).toBeGreaterThan(5);
  });
  test("a clear difference is found", () => {
    const first = Array.from({ length: 30 }, (_, i) => i);
    expect(
      pairedPermutation(
        first,
        first.map((value) => value + 1),
      ).p,
    ).toBeLessThan(0.001);
  });
});
