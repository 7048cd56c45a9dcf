import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { mean } from "../../../core/statistics/index.ts";
import type { TraceEvent } from "../schemas.ts";
import { difficultyOf, planLoad, poissonArrivals } from "./load.ts";
import { attainmentOf, findSustainedRate, sustainedRate, tightestScale } from "./slo.ts";
import { cdf, outcomesOf, type ProgramOutcome, phiOf, summarise } from "./trace-report.ts";
import { syntheticPrograms } from "./workload.ts";

suite("load", () => {
  test("arrivals are a Poisson process: gaps of mean and deviation 1/rate, the same for the same seed", () => {
    const arrivals = poissonArrivals(4, 4000, new Random(1));
    const gaps = arrivals.map((at, index) => at - (arrivals[index - 1] ?? 0));
    const average = mean(gaps);
    const deviation = Math.sqrt(mean(gaps.map((gap) => (gap - average) ** 2)));
    expect(average).toBeCloseTo(0.25, 1);
    expect(deviation / average).toBeCloseTo(1, 1);
    expect(gaps.filter((gap) => gap > 0.25).length / 4000).toBeCloseTo(Math.exp(-1), 1);
    const faster = poissonArrivals(8, 4000, new Random(1));
    expect(faster[3999]).toBeCloseTo(arrivals[3999]! / 2, 9);
    expect(() => poissonArrivals(0, 1, new Random(1))).toThrow("rate: expected a number above 0, got 0");
  });

  test("difficulty: always right 1, sometimes 2, never 3", () => {
    const factors = [
      [true, true],
      [true, false],
      [false, false],
    ].map((trials) => difficultyOf(trials).factor);
    expect(factors).toEqual([1, 2, 3]);
    expect(() => difficultyOf([])).toThrow("no trials");
  });

  test("deadline = scale x difficulty x base", () => {
    const programs = syntheticPrograms({ count: 3, random: new Random(0) });
    const options = {
      rate: 1,
      random: new Random(0),
      baseDeadline: 6,
      scale: 0.5,
      difficultyOf: ({ id }: { id: string }) => Number(id.at(-1)) + 1,
    };
    expect(planLoad(programs, options).map(({ deadline }) => deadline)).toEqual([3, 6, 9]);
    expect(planLoad(programs, { rate: 1, random: new Random(0) })[0]).not.toHaveProperty("deadline");
  });

  test("synthetic branches are lognormal, and a part of the variance can lie between programs", () => {
    const logs = (sharedVariance: number) =>
      syntheticPrograms({ count: 400, random: new Random(2), sharedVariance }).map(({ tokensOf }) =>
        Array.from({ length: 10 }, (_, i) => Math.log(tokensOf!(i))),
      );
    const spread = (values: number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
    expect(mean(logs(0).flat())).toBeCloseTo(Math.log(60), 1);
    expect(spread(logs(0).flat())).toBeCloseTo(0.7, 1);
    expect(spread(logs(0.8).map(mean))).toBeCloseTo(0.7 * Math.sqrt(0.8 + 0.2 / 10), 1);
  });
});

/** Two programs: a arrives at 1, gets two branches after a second, and is done at 5; b arrives at 2 and is late. */
const trace: TraceEvent[] = [
  { t: 1, program: "a", kind: "arrive", deadline: 4, question: "qa", tenant: "t" },
  { t: 1, program: "a", kind: "grant", units: 2 },
  { t: 2, program: "a", kind: "issue", request: "a/0", promptTokens: 8 },
  { t: 2, program: "b", kind: "arrive", deadline: 4 },
  { t: 2, program: "b", kind: "grant", units: 1 },
  { t: 2.5, program: "a", kind: "issue", request: "a/1", promptTokens: 8 },
  { t: 4, program: "a", kind: "token-count", request: "a/0", tokens: 3, promptTokens: 8, cachedTokens: 0 },
  {
    t: 5,
    program: "a",
    kind: "token-count",
    request: "a/1",
    tokens: 4,
    probeTokens: 1,
    promptTokens: 8,
    cachedTokens: 8,
  },
  { t: 5, program: "b", kind: "issue", request: "b/0" },
  { t: 5, program: "a", kind: "stop", reason: "settled", knob: 2 },
  { t: 5, program: "a", kind: "finish", answer: "7", correct: true },
  { t: 12, program: "b", kind: "token-count", request: "b/0", tokens: 2 },
  { t: 12, program: "b", kind: "stop", reason: "cap", knob: 1 },
  { t: 12, program: "b", kind: "finish", answer: null, correct: false },
  { t: 13, program: "c", kind: "arrive" },
];

suite("what a trace says", () => {
  const outcomes = outcomesOf(trace);

  test("program by program; those under way are left out", () => {
    expect(outcomes).toMatchObject([
      {
        program: "a",
        question: "qa",
        tenant: "t",
        latency: 4,
        tokens: 8,
        promptTokens: 16,
        cachedTokens: 8,
        knob: 2,
        longestWait: 1.5,
        correct: true,
      },
      { program: "b", latency: 10, tokens: 2, knob: 1, longestWait: 3, reason: "cap", answer: null },
    ]);
  });

  test("all together", () => {
    expect(summarise(outcomes)).toMatchObject({
      programCount: 2,
      latency: { mean: 7, p50: 7, max: 10 },
      attainment: 0.5,
      lateCount: 1,
      fairness: { mean: (0.5 + 5) / 2 },
      longestWait: 3,
      tokens: 10,
      tokensPerSecond: 10 / 11,
      accuracy: 0.5,
      seconds: 11,
    });
    expect(phiOf(outcomes[0]!)).toBe(0.5);
    expect(cdf([1, 2, 3, 4, 5], 4)).toEqual([
      [2, 0.25],
      [3, 0.5],
      [4, 0.75],
      [5, 1],
    ]);
    expect(() => summarise([])).toThrow("no program has ended");
  });
});

suite("what a service sustains", () => {
  test("the rate at which attainment falls through 90 %", () => {
    const points = [1, 2, 3, 4].map((rate, i) => ({ rate, attainment: [1, 0.95, 0.85, 0.99][i]! }));
    expect(sustainedRate(points)).toEqual({ rate: expect.closeTo(2.5, 9), isBeyond: false }); // a lucky point beyond is no capacity
    expect(sustainedRate(points.slice(0, 2))).toEqual({ rate: 2, isBeyond: true });
    expect(sustainedRate(points.slice(2))).toEqual({ rate: 0, isBeyond: false });
  });

  test("the search finds it from either side", async () => {
    for (const start of [0.3, 3, 40]) {
      const { rate } = await findSustainedRate((r) => 1 - 0.02 * r, { start, halvings: 6 });
      expect(rate).toBeCloseTo(5, 6); // 1 - 0.02 r is a straight line
    }
    expect((await findSustainedRate(() => 0.2, { start: 1, most: 3 })).rate).toBe(0);
  });

  test("at the tightest scale 90 % are in time, and at any tighter one they are not", () => {
    const outcome = fc.record({
      latency: fc.double({ min: 0.1, max: 50, noNaN: true }),
      deadline: fc.constantFrom(1, 5, 10),
    });
    fc.assert(
      fc.property(fc.array(outcome, { minLength: 1, maxLength: 40 }), (some) => {
        const outcomes = some as ProgramOutcome[];
        const scale = tightestScale(outcomes);
        expect(attainmentOf(outcomes, scale * (1 + 1e-12))).toBeGreaterThanOrEqual(0.9);
        expect(attainmentOf(outcomes, scale * (1 - 1e-9))).toBeLessThan(0.9);
      }),
    );
  });
});
