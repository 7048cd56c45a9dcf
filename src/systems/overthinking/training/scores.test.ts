import { expect, suite, test } from "vitest";
import { checkText } from "../solve.ts";
import {
  changeOf,
  meanScores,
  measureAfter,
  type ProblemScores,
  pairedIntervals,
  scoreProblems,
  tokenCut,
} from "./scores.ts";

const scores = (tokenCount: number, accuracy = 1, level: ProblemScores["level"] = 1): ProblemScores => ({
  level,
  accuracy,
  tokenCount,
  solutionCount: 2,
  outcome: 0.5,
  process: 1,
  firstCorrect: 1,
});
const statistics = { cut: tokenCut, accuracy: changeOf("accuracy"), tokens: measureAfter("tokenCount") };

suite("scoreProblems", () => {
  const problem = { addends: [17, 25] };
  const right =
    "<think>\n1) add up: ① 17 ② + 25 = 42 → 42\n2) wait, check: ① 17 → 42 (same)</think><answer>42</answer>";
  test("means over the answers to a problem", () => {
    const [one] = scoreProblems([
      [checkText(problem, right), checkText(problem, right.replace("<answer>42", "<answer>41"))],
    ]);
    // 16 tokens for the first solution (marker, label, ①, 2, ②, "+ ", 2, " = ", 2, arrow, 2), 10 for the check.
    expect(one).toMatchObject({ level: 1, accuracy: 0.5, solutionCount: 2, firstCorrect: 1, process: 1 });
    expect(one!.tokenCount).toBe(
      checkText(problem, right).solutions.reduce((sum, { tokenCount }) => sum + tokenCount, 0),
    );
  });
  test("what states no answer counts as it was written, not as nothing", () => {
    const [lost] = scoreProblems([[checkText(problem, "<think>wait, wait, check:")]]);
    expect(lost).toMatchObject({ accuracy: 0, outcome: 0, solutionCount: 0 });
    expect(lost!.tokenCount).toBeGreaterThan(1);
  });
});

suite("pairedIntervals", () => {
  test("the figures are those of the means", () => {
    const pairs = [
      [
        [scores(100), scores(60)],
        [scores(50), scores(30, 0)],
      ],
    ] as const;
    const { cut, accuracy, tokens } = pairedIntervals(pairs, statistics);
    expect([cut.value, accuracy.value, tokens.value]).toEqual([1 - 90 / 150, -0.5, 45]);
    expect(accuracy.low).toBe(-1);
    expect(accuracy.high).toBe(0);
  });
  test("what is the same for every problem has no doubt", () => {
    const pairs = [Array.from({ length: 20 }, (_, i) => [scores(10 * (i + 1)), scores(6 * (i + 1))] as const)];
    const { cut } = pairedIntervals(pairs, statistics);
    expect([cut.low, cut.high].map((value) => value.toFixed(9))).toEqual(["0.400000000", "0.400000000"]);
  });
  test("seeds that disagree widen the interval, however many problems each has", () => {
    const seed = (after: number) => Array.from({ length: 500 }, () => [scores(100), scores(after)] as const);
    const one = pairedIntervals([seed(60)], statistics).cut;
    const several = pairedIntervals([seed(50), seed(60), seed(70)], statistics).cut;
    expect(one.high - one.low).toBeLessThan(1e-9);
    expect(several.value).toBeCloseTo(0.4, 12);
    expect(several.high - several.low).toBeGreaterThan(0.1);
  });
  test("how many problems a level has is no chance", () => {
    const pairs = [
      [1, 2].flatMap((level) =>
        Array.from({ length: 9 }, () => [scores(100 * level, 1, level as 1), scores(50 * level ** 2)] as const),
      ),
    ];
    const { tokens } = pairedIntervals(pairs, statistics);
    expect([tokens.value, tokens.low, tokens.high]).toEqual([125, 125, 125]);
  });
  test("covers the truth about as often as it says", () => {
    let covered = 0;
    for (let trial = 0; trial < 100; trial++) {
      // Accuracy 0.9 before and 0.8 after, independent: the true change is -0.1.
      const pairs = [
        Array.from(
          { length: 80 },
          (_, i) => [scores(1, (i * 7 + trial * 13) % 10 ? 1 : 0), scores(1, hash(i, trial) < 0.8 ? 1 : 0)] as const,
        ),
      ];
      const { low, high } = pairedIntervals(
        pairs,
        { change: changeOf("accuracy") },
        { resampleCount: 100, seed: trial },
      ).change;
      covered += Number(low <= -0.1 && -0.1 <= high);
    }
    expect(covered / 100).toBeGreaterThan(0.85);
  });
  test("refuses nothing", () => {
    expect(() => pairedIntervals([[]], statistics)).toThrow("there are no pairs");
  });
});

test("meanScores", () => {
  expect(meanScores([scores(10), scores(20, 0)])).toMatchObject({ tokenCount: 15, accuracy: 0.5 });
});

/** A number in [0, 1) that looks random. */
function hash(a: number, b: number): number {
  const mixed = Math.imul(a + 1, 2654435761) ^ Math.imul(b + 1, 40503);
  return (Math.imul(mixed ^ (mixed >>> 15), 2246822519) >>> 0) / 2 ** 32;
}
