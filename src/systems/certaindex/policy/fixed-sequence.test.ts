import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { clopperPearson } from "../../../core/statistics/index.ts";
import { questionsNeeded, testInOrder } from "./fixed-sequence.ts";

const onePercent = { delta: 0.01, confidence: 0.95 };

suite("questions needed", () => {
  test("299 for 1 % at 95 % with none lost, 473 with one lost", () => {
    expect(questionsNeeded(onePercent)).toBe(Math.ceil(Math.log(0.05) / Math.log(0.99)));
    expect(questionsNeeded(onePercent)).toBe(299);
    expect(questionsNeeded(onePercent, 1)).toBe(473);
  });
  test("two sequences share the allowed error", () => {
    expect(questionsNeeded({ ...onePercent, sequenceCount: 2 })).toBe(Math.ceil(Math.log(0.025) / Math.log(0.99)));
  });
  test("is the smallest number whose bound is within delta", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.005, max: 0.3, noNaN: true }), fc.integer({ min: 0, max: 5 }), (delta, losses) => {
        const n = questionsNeeded({ delta, confidence: 0.9 }, losses);
        const bound = (count: number) => clopperPearson(losses, count, { side: "upper", level: 0.9 }).high;
        expect(bound(n)).toBeLessThanOrEqual(delta);
        if (n > losses + 1) expect(bound(n - 1)).toBeGreaterThan(delta);
      }),
      { numRuns: 40 },
    );
  });
});

suite("testing in order", () => {
  test("ends at the first failure, whatever comes after", () => {
    const tested = testInOrder([0, 0, 1, 0], 400, onePercent);
    expect(tested.map(({ verdict }) => verdict)).toEqual(["accepted", "accepted", "refused", "not tested"]);
    expect(tested[0]!.bound).toBeCloseTo(1 - 0.05 ** (1 / 400), 12); // 0.75 %
    expect(tested[2]!.bound).toBeGreaterThan(0.01); // 1 of 400: 1.18 %
  });
});
