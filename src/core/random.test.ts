import { expect, suite, test } from "vitest";
import { Random } from "./random.ts";

/** Sum over buckets of (observed - expected)^2 / expected. */
function chiSquare(counts: number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

function correlation(a: Random, b: Random, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += (a.next() - 0.5) * (b.next() - 0.5);
  return (12 * sum) / count; // variance of a uniform variable is 1/12
}

suite("Random", () => {
  // Computed by a separate program (Python, hashlib and xoshiro128** from its paper): these must never change.
  test("gives the frozen numbers of its seed and label path", () => {
    const random = new Random(7);
    expect(Array.from({ length: 5 }, () => random.uint32())).toEqual([
      619842948, 3469459976, 2293665884, 3127791544, 3557126319,
    ]);
    const child = new Random("7").split("data").split(3);
    expect(Array.from({ length: 5 }, () => child.uint32())).toEqual([
      3445586384, 2846139653, 3891862619, 3361970076, 3250584088,
    ]);
    expect(new Random(7).next()).toBe(0.14431843763438312);
  });

  test("split does not advance the parent and depends on nothing drawn before", () => {
    const [used, fresh] = [new Random(1), new Random(1)];
    used.split("a").next();
    expect(used.next()).toBe(fresh.next());
    used.next();
    expect(used.split("b").next()).toBe(fresh.split("b").next());
  });

  test("labels with a slash are one label", () => {
    expect(new Random(1).split("a/b").next()).not.toBe(new Random(1).split("a").split("b").next());
  });

  test("parent, children and neighbouring seeds are uncorrelated", () => {
    const count = 20_000;
    const limit = 4 / Math.sqrt(count); // four standard deviations
    const root = () => new Random(5);
    expect(Math.abs(correlation(root(), root().split(0), count))).toBeLessThan(limit);
    expect(Math.abs(correlation(root().split(0), root().split(1), count))).toBeLessThan(limit);
    expect(Math.abs(correlation(new Random(5), new Random(6), count))).toBeLessThan(limit);
  });

  test("int is uniform over a range that is no power of two, both ends included", () => {
    const random = new Random("int");
    const counts = new Array<number>(100).fill(0);
    for (let i = 0; i < 100_000; i++) counts[random.int(-3, 96) + 3]!++;
    const statistic = chiSquare(counts); // 99 degrees of freedom: mean 99, deviation 14
    expect(statistic).toBeGreaterThan(50);
    expect(statistic).toBeLessThan(160);
  });

  test("shuffle reaches every order equally often", () => {
    const random = new Random("shuffle");
    const counts = new Map<string, number>();
    for (let i = 0; i < 12_000; i++) {
      const order = random.shuffle([1, 2, 3, 4]).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(chiSquare([...counts.values()])).toBeLessThan(60); // 23 degrees of freedom; 60 is p = 4e-5
  });

  test("normal has the moments of the standard normal distribution", () => {
    const random = new Random("normal");
    const values = Array.from({ length: 50_000 }, () => random.normal());
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / values.length;
    expect(moment(1)).toBeCloseTo(0, 1.5);
    expect(moment(2)).toBeCloseTo(1, 1.5);
    expect(moment(3)).toBeCloseTo(0, 1);
    expect(moment(4)).toBeCloseTo(3, 0.5);
  });

  test("weighted draws in proportion and never where the weight is 0", () => {
    const random = new Random("weighted");
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 20_000; i++) counts[random.weighted([1, 0, 3, 0])]!++;
    expect(counts[1]! + counts[3]!).toBe(0);
    expect(counts[2]! / counts[0]!).toBeCloseTo(3, 0.5);
  });

  test("goes on from its state, through JSON, with the spare normal", () => {
    const random = new Random("state");
    random.normal(); // leaves the second of its pair behind
    const copy = Random.fromState(JSON.parse(JSON.stringify(random.state())));
    const draw = (source: Random) => [source.normal(), source.next(), source.split("x").next(), source.normal()];
    expect(draw(copy)).toEqual(draw(random));
  });

  test("refuses to choose from nothing", () => {
    expect(() => new Random(0).choice([])).toThrow("the list is empty");
  });
});
