import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { LEVELS, type Problem, renderPrompt, sampleProblem, sampleProblems, splitOf, trueSum } from "./problem.ts";
import { simulateReference } from "./reference.ts";
import { isTrap, isTrapped, STRATEGIES, type Strategy, work } from "./strategies.ts";
import { CONTEXT_LENGTH, completionTokens, promptTokens, teach, visibleRedundantRounds } from "./teacher.ts";
import { MOST_SOLUTIONS, splitTokens, VOCABULARY } from "./vocabulary.ts";

const problems = fc
  .array(fc.integer({ min: 1, max: 99 }), { minLength: 2, maxLength: 6 })
  .map((addends) => ({ addends }));
const text = (strategy: Strategy, ...addends: number[]) => work(strategy, { addends }).tokens.join("");

suite("strategies", () => {
  test("write what a person can follow", () => {
    expect(text("full", 17, 25, 38)).toBe("add up: ① 17 ② + 25 = 42 ③ + 38 = 80 → 80");
    expect(text("check", 17, 25, 38)).toBe("wait, check: ① 17 ② 42 → 80");
    expect(text("reverse", 17, 25, 38)).toBe("from the end: ③ 38 ②+25 = 63 ①+17 → 80");
    expect(text("pairs", 17, 25, 38)).toBe("in pairs: ① 17 ②+25 = 42 ③+38 → 80");
    expect(text("tens", 17, 25, 38)).toBe("tens: ① 1 ② 3 ③ 6 units: ① 7 ② 12 ③ 20 → 80");
  });

  test("pairs of five and six addends keep a total", () => {
    expect(text("pairs", 1, 2, 3, 4, 5)).toBe("in pairs: ① 1 ②+2 = 3 ③ 3 ④+4 = 7, total 10 ⑤+5 → 15");
    expect(text("pairs", 1, 2, 3, 4, 5, 6)).toBe("in pairs: ① 1 ②+2 = 3 ③ 3 ④+4 = 7, total 10 ⑤ 5 ⑥+6 = 11 → 21");
  });

  test("are all right on every problem, but for the full one in its trap", () => {
    fc.assert(
      fc.property(problems, (problem: Problem) => {
        for (const strategy of STRATEGIES) {
          const isWrong = work(strategy, problem).answer !== trueSum(problem);
          expect(isWrong).toBe(strategy === "full" && isTrapped(problem));
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("the trap drops a carry that is there", () => {
    expect([isTrap(19, 59), isTrap(18, 59), isTrap(118, 59), isTrap(119, 29), isTrap(400, 99)]).toEqual([
      true,
      false,
      true,
      false,
      false,
    ]);
    for (let total = 1; total < 500; total++)
      if (isTrap(total, 99)) expect((total % 10) + 9).toBeGreaterThanOrEqual(10);
    expect(text("full", 19, 59)).toBe("add up: ① 19 ② + 59 = 68 → 68");
  });

  test("a slip changes one addition and what follows from it", () => {
    const { tokens } = work("check", { addends: [17, 25, 38] }, { step: 0, delta: 1 });
    expect(tokens.join("")).toBe("wait, check: ① 17 ② 43 → 81");
    expect(work("check", { addends: [1, 2] }, { step: 0, delta: -10 }).answer).toBe(13);
  });
});

suite("problems", () => {
  test("a reordered training problem is not a test problem", () => {
    fc.assert(
      fc.property(problems, ({ addends }) => splitOf({ addends }) === splitOf({ addends: addends.toReversed() })),
    );
  });

  test("a tenth of all pairs is kept for the test, a twentieth for validation", () => {
    const counts = { train: 0, validation: 0, test: 0 };
    for (let a = 1; a <= 99; a++) for (let b = a; b <= 99; b++) counts[splitOf({ addends: [a, b] })]++;
    expect(counts).toEqual({ train: 4223, validation: 238, test: 489 });
  });

  test("are drawn from their split without repeats, and again the same", () => {
    const drawn = sampleProblems(new Random(3), 40, "test");
    expect(drawn.map(splitOf)).toEqual(drawn.map(() => "test"));
    expect(new Set(drawn.map(renderPrompt)).size).toBe(40 * LEVELS.length);
    expect(sampleProblems(new Random(3), 40, "test")).toEqual(drawn);
  });
});

suite("teacher", () => {
  test("writes only tokens of its vocabulary, and text cuts back into the same tokens", () => {
    const known = new Set(VOCABULARY);
    expect(known.size).toBe(VOCABULARY.length);
    const rng = new Random("vocabulary");
    for (let index = 0; index < 500; index++) {
      const trace = teach(sampleProblem(rng, LEVELS[index % 5]!, "train"), rng);
      const tokens = [...promptTokens(trace.problem), ...completionTokens(trace)];
      expect(tokens.filter((token) => !known.has(token))).toEqual([]);
      expect(splitTokens(tokens.join(""))).toEqual(tokens);
    }
  });

  test("answers with the value that two solutions share, and goes on", () => {
    const rng = new Random("agreement");
    for (let index = 0; index < 500; index++) {
      const { solutions, answer } = teach(sampleProblem(rng, LEVELS[index % 5]!, "train"), rng);
      expect(solutions.length).toBeLessThanOrEqual(MOST_SOLUTIONS);
      expect(solutions[0]!.strategy).toBe("full");
      const sharing = solutions.filter((solution) => solution.answer === answer);
      if (solutions.length < 5) expect(sharing.length).toBeGreaterThanOrEqual(2); // there was room to go on
    }
  });

  test("prompt and trace fit the context, however shaky the teacher", () => {
    const rng = new Random("context");
    const lengths = Array.from({ length: 3000 }, () => {
      const trace = teach(sampleProblem(rng, 5, "train"), rng, 0.6);
      return promptTokens(trace.problem).length + completionTokens(trace).length;
    });
    expect(Math.max(...lengths)).toBeLessThanOrEqual(CONTEXT_LENGTH);
    expect(Math.max(...lengths)).toBeGreaterThan(CONTEXT_LENGTH - 20);
  });

  test("easier problems suggest more redundant rounds, between none and seven", () => {
    const rounds = (level: 1 | 5) =>
      Array.from({ length: 10 }, (_, digit) => visibleRedundantRounds(level, { addends: [1, 10 + digit] }));
    expect(rounds(1)).toEqual([0, 0, 0, 1, 1, 2, 2, 3, 4, 7]);
    expect(rounds(5)).toEqual([0, 0, 0, 0, 0, 1, 1, 2, 3, 4]);
  });

  // The spec's table, simulated there with sums modulo 100 and random errors only. True sums make the numbers longer
  // (up to 594), which costs the short recheck more than the long first solution: outcome efficiency is 4 points lower.
  test("simulated figures are near the reference table", () => {
    const [overthinking, first, agreement] = simulateReference({ perLevel: 4000, seed: 0 });
    expect(overthinking!.accuracy).toBeCloseTo(0.99, 2);
    expect(Math.abs(overthinking!.accuracyByLevel[5] - 0.963)).toBeLessThan(0.015);
    expect(Math.abs(overthinking!.solutionCount - 3.9)).toBeLessThan(0.2);
    expect(Math.abs(overthinking!.tokenCount - 90)).toBeLessThan(9);
    expect(Math.abs(overthinking!.outcome - 0.453)).toBeLessThan(0.045);
    expect(Math.abs(overthinking!.process - 0.817)).toBeLessThan(0.02);

    expect(Math.abs(first!.accuracy - 0.912)).toBeLessThan(0.01);
    expect(Math.abs(first!.accuracyByLevel[5] - 0.809)).toBeLessThan(0.015);
    expect(Math.abs(first!.tokenCount - 32)).toBeLessThan(1);
    expect(first!.process).toBe(1);

    expect(Math.abs(agreement!.solutionCount - 2.2)).toBeLessThan(0.1);
    expect(Math.abs(agreement!.tokenCount / overthinking!.tokenCount - 0.59)).toBeLessThan(0.02);
    expect(Math.abs(agreement!.process - 0.979)).toBeLessThan(0.01);
    expect(overthinking!.solutionsByLevel[1]).toBeGreaterThan(overthinking!.solutionsByLevel[5] + 0.4);
  });
});
