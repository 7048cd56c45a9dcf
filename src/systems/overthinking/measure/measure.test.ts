import fc from "fast-check";
import { expect, suite, test } from "vitest";
import type { AnalysedTrace } from "../prepare.ts";
import type { Solution } from "../schemas.ts";
import { countWords } from "./count-tokens.ts";
import { RunningMean } from "./estimate.ts";
import { figuresOfTrace } from "./figures.ts";
import { moneyOf } from "./money.ts";
import { SummaryBuilder } from "./summary.ts";

const solution = (tokenCount: number, correct: boolean | null, strategy: string | null): Solution => ({
  text: "x ".repeat(tokenCount),
  answer: null,
  correct,
  strategy,
  tokenCount,
});

const trace = (solutions: Solution[], more: Partial<AnalysedTrace> = {}): AnalysedTrace => ({
  id: "t",
  problem: "p",
  format: "plain",
  opening: "",
  reasoning: "r",
  closing: "",
  expected: "7",
  correct: solutions.some(({ correct }) => correct === true),
  level: null,
  model: null,
  truncated: false,
  reportedTokenCount: null,
  flags: [],
  answer: "7",
  answerTokenCount: 0,
  ...more,
  solutions,
});

const anySolution = fc
  .tuple(fc.nat(200), fc.option(fc.boolean(), { freq: 10 }), fc.option(fc.constantFrom("a", "b", "c"), { freq: 8 }))
  .map(([tokens, correct, strategy]) => solution(tokens, correct, strategy));

suite("figuresOfTrace", () => {
  test("the paper's example: 39 of 901 tokens reach the answer, 323 of 901 bring something new", () => {
    const lengths = [39, 109, 39, 100, 100, 100, 29, 29, 19, 100, 100, 59, 78]; // the paper gives those of the new ones
    const strategies = [..."abcabadefabga"];
    const solutions = lengths.map((tokens, index) => solution(tokens, true, strategies[index]!));
    const figures = figuresOfTrace({ solutions, answerTokenCount: 50 })!;
    expect(figures).toMatchObject({
      tokenCount: 901,
      outcome: 39 / 901,
      process: [323 / 901, 323 / 901],
      wastedTokenCount: 862,
    });
    expect(figures.isNew.filter(Boolean)).toHaveLength(7);
    const full = figuresOfTrace({ solutions, answerTokenCount: 50 }, "full")!;
    expect(full).toMatchObject({ tokenCount: 951, outcome: 39 / 951 });
  });

  test("unknown strategies give bounds, and the truth lies between them: every way to fill them in", () => {
    fc.assert(
      fc.property(fc.array(anySolution, { minLength: 1, maxLength: 6 }), (solutions) => {
        const figures = figuresOfTrace({ solutions, answerTokenCount: 0 });
        if (!figures) return;
        const [low, high] = figures.process;
        const unknown = solutions.flatMap(({ strategy }, index) => (strategy === null ? [index] : [])).slice(0, 4);
        let [lowest, highest] = [1, 0];
        for (let choice = 0; choice < 4 ** unknown.length; choice++) {
          const filled = solutions.map((one, index) => {
            const at = unknown.indexOf(index);
            if (one.strategy !== null) return one;
            const digit = at === -1 ? 3 : Math.floor(choice / 4 ** at) % 4;
            return { ...one, strategy: digit === 3 ? `new ${index}` : "abc"[digit]! };
          });
          const [exact] = figuresOfTrace({ solutions: filled, answerTokenCount: 0 })!.process;
          [lowest, highest] = [Math.min(lowest, exact), Math.max(highest, exact)];
        }
        expect(low).toBeLessThanOrEqual(lowest + 1e-12);
        expect(high).toBeCloseTo(highest, 12);
      }),
      { numRuns: 500 },
    );
  });

  test("10,000 records: all shares in 0..1, and a repeated strategy after a correct solution raises neither", () => {
    const extra = fc.integer({ min: 1, max: 200 });
    fc.assert(
      fc.property(
        fc.array(anySolution, { minLength: 1, maxLength: 8 }),
        extra,
        fc.boolean(),
        (solutions, tokens, right) => {
          const before = figuresOfTrace({ solutions, answerTokenCount: 0 });
          if (!before) return;
          for (const share of [before.outcome ?? 0, ...before.process]) expect(share >= 0 && share <= 1).toBe(true);
          expect(before.process[0]).toBeLessThanOrEqual(before.process[1]);
          const repeated = solutions.find(({ strategy, tokenCount }) => strategy !== null && tokenCount > 0)?.strategy;
          if (before.firstCorrect === null || repeated === undefined) return;
          const after = figuresOfTrace({
            solutions: [...solutions, solution(tokens, right, repeated)],
            answerTokenCount: 0,
          })!;
          expect(after.outcome!).toBeLessThanOrEqual(before.outcome!);
          for (const bound of [0, 1] as const) expect(after.process[bound]).toBeLessThanOrEqual(before.process[bound]);
        },
      ),
      { numRuns: 10_000 },
    );
  });

  test("pieces without tokens go, a trace without tokens is none", () => {
    expect(figuresOfTrace({ solutions: [solution(0, true, "a")], answerTokenCount: 5 })).toBeNull();
    expect(
      figuresOfTrace({ solutions: [solution(0, true, "a"), solution(4, true, "a")], answerTokenCount: 0 }),
    ).toMatchObject({
      solutionCount: 1,
      process: [1, 1],
    });
  });

  test("a verdict that is missing before the first correct solution leaves outcome open", () => {
    const open = [solution(3, null, "a"), solution(3, true, "b")];
    expect(figuresOfTrace({ solutions: open, answerTokenCount: 0 })).toMatchObject({
      outcome: null,
      firstCorrect: null,
    });
    const later = [solution(3, true, "a"), solution(3, null, "b")];
    expect(figuresOfTrace({ solutions: later, answerTokenCount: 0 })).toMatchObject({ outcome: 0.5, firstCorrect: 0 });
  });
});

suite("SummaryBuilder", () => {
  const four = trace(Array.from({ length: 4 }, () => solution(10, true, "a"))); // 1/4 and 1/4
  const two = trace([solution(10, false, "a"), solution(10, true, "b")]); // 1 and 1

  test("a file that holds each record once per solution is counted once per record", () => {
    const builder = new SummaryBuilder();
    builder.add(four, 4);
    builder.add(two, 2);
    const { groups, wasOncePerSolution } = builder.finish();
    expect(wasOncePerSolution).toBe(true);
    expect(groups[0]).toMatchObject({ traceCount: 2, outcome: { value: 0.625 }, solutionCount: { value: 3 } });
    const { groups: weighted } = builder.finish("solutions");
    expect(weighted[0]).toMatchObject({
      traceCount: 6,
      outcome: { value: (4 * 0.25 + 2) / 6 },
      solutionCount: { value: 20 / 6 },
    });
  });

  test("a file without repeats: each row counts once, and the published weighting is made up", () => {
    const builder = new SummaryBuilder();
    builder.add(four);
    builder.add(two);
    expect(builder.finish()).toMatchObject({
      wasOncePerSolution: false,
      groups: [{ traceCount: 2, outcome: { value: 0.625 } }],
    });
    expect(builder.finish("solutions").groups[0]!.outcome!.value).toBeCloseTo(0.5, 12);
  });

  test("equal neighbours that are no once-per-solution copies count as they stand", () => {
    const builder = new SummaryBuilder();
    builder.add(four, 2);
    builder.add(two);
    expect(builder.finish()).toMatchObject({
      wasOncePerSolution: false,
      groups: [{ traceCount: 3, outcome: { value: 0.5 } }],
    });
  });

  test("levels in their order, truncated apart, distributions by index", () => {
    const builder = new SummaryBuilder();
    builder.add(trace(four.solutions, { level: "10" }));
    builder.add(trace(two.solutions, { level: "Level 2", truncated: true, flags: ["truncated"] }));
    const { groups, distribution, flags } = builder.finish();
    expect(groups.map(({ name }) => name)).toEqual(["all", "level 2", "level 10", "finished", "truncated"]);
    expect(distribution.distinctness.slice(0, 3)).toEqual([
      { index: "1", share: 1, traceCount: 2 },
      { index: "2", share: 0.5, traceCount: 2 },
      { index: "3", share: 0, traceCount: 1 },
    ]);
    expect(distribution.firstCorrect.map(({ share }) => share)).toEqual([0.5, 0.5, 0, 0]);
    expect(flags).toEqual({ truncated: 1 });
  });

  test("money: what came after the answer was there", () => {
    const builder = new SummaryBuilder();
    builder.add(four);
    expect(moneyOf(builder.finish().totals, 2)).toEqual({ price: 2, total: 80e-6, wasted: 60e-6, repeated: 60e-6 });
  });
});

test("RunningMean: the same mean with and without kept values, an interval around it", () => {
  const mean = new RunningMean();
  for (let index = 0; index < 5000; index++) mean.add(index % 2);
  const { value, low, high } = mean.estimate()!;
  expect(value).toBe(0.5);
  expect(high - value).toBeCloseTo(1.96 * Math.sqrt(0.25 / 5000), 4);
  expect(value - low).toBeCloseTo(high - value, 12);
  expect(new RunningMean().estimate()).toBeNull();
});

test("countWords: runs between blanks of any kind", () => {
  expect(["", "  ", "a", " a  b\n\nc\t", "a b", "ü\u2003ö"].map(countWords)).toEqual([0, 0, 1, 3, 2, 2]);
});
