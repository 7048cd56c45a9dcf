import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { efficiency, type JudgedSolution, responseOutcomeEfficiency, responseProcessEfficiency } from "./metrics.ts";

/**
 * "2 plus 3" answered by QwQ-32B-Preview: 13 solutions, 901 tokens; solutions 1, 2, 3, 7, 8, 9, 12 bring a new strategy
 * in 39, 109, 39, 29, 29, 19, 59 tokens. The paper does not give the lengths of the six others, only their sum.
 */
const lengths = [39, 109, 39, 100, 100, 100, 29, 29, 19, 100, 100, 59, 78];
const strategies = ["a", "b", "c", "a", "b", "a", "d", "e", "f", "a", "b", "g", "a"];
const twoPlusThree = lengths.map((tokenCount, index) => ({ tokenCount, correct: true, strategy: strategies[index]! }));

const solution = fc.record({
  tokenCount: fc.nat(200),
  correct: fc.boolean(),
  strategy: fc.constantFrom("a", "b", "c"),
});

suite("metrics", () => {
  test("the paper's worked example: 39 of 901 tokens reach the answer, 323 of 901 bring something new", () => {
    expect(responseOutcomeEfficiency(twoPlusThree)).toBe(39 / 901);
    expect(responseProcessEfficiency(twoPlusThree)).toBe(323 / 901);
  });

  test("with one solution each, outcome efficiency is accuracy and process efficiency is 1", () => {
    const one = (correct: boolean): JudgedSolution[] => [{ tokenCount: 7, correct, strategy: "a" }];
    const figures = efficiency([one(true), one(true), one(false), one(true)]);
    expect(figures).toMatchObject({ outcome: 0.75, process: 1, solutionCount: 1, tokenCount: 7, excludedCount: 0 });
  });

  test("a response weighs the same whatever its number of solutions", () => {
    const short: JudgedSolution[] = [{ tokenCount: 10, correct: true, strategy: "a" }];
    const long = Array.from({ length: 4 }, (): JudgedSolution => ({ tokenCount: 10, correct: true, strategy: "a" }));
    expect(efficiency([short, long])).toMatchObject({ outcome: (1 + 1 / 4) / 2, process: (1 + 1 / 4) / 2 });
  });

  test("responses without tokens are counted apart, not divided by", () => {
    expect(efficiency([[], [{ tokenCount: 0, correct: true, strategy: "a" }]])).toMatchObject({
      outcome: 0,
      responseCount: 0,
      excludedCount: 2,
    });
  });

  test("both lie in 0..1, and a repeated strategy after a correct solution raises neither", () => {
    fc.assert(
      fc.property(
        fc.array(solution, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 200 }),
        (some, extra) => {
          const before = [responseOutcomeEfficiency(some), responseProcessEfficiency(some)];
          if (before[0] === null || before[1] === null) return;
          for (const value of before) expect(value).toSatisfy((share: number) => share >= 0 && share <= 1);
          if (!some.some(({ correct }) => correct)) return;
          const longer = [...some, { tokenCount: extra, correct: true, strategy: some[0]!.strategy }];
          expect(responseOutcomeEfficiency(longer)!).toBeLessThanOrEqual(before[0]!);
          expect(responseProcessEfficiency(longer)!).toBeLessThanOrEqual(before[1]!);
        },
      ),
      { numRuns: 10_000 },
    );
  });
});
