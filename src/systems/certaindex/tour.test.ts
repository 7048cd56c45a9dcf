/** What the tour measures, on a few questions with the model that ships. */
import { expect, test } from "vitest";
import { tryPolicy } from "./tour.ts";

const context = { signal: new AbortController().signal, progress: () => ({ update() {}, stop() {} }) };

test("stopped and full figures are of the same votes: what is stopped is cheaper by what it was spared", async () => {
  const { policy, summary, byClass } = await tryPolicy({ questionCount: 12, seed: 1, ...context });
  expect(policy).toMatchObject({ algorithm: "static", detectAt: 5, cap: 20, thresholds: { entropy: 0.7 } });
  expect([summary.questionCount, summary.labelledCount, summary.unknownFullCount]).toEqual([12, 12, 0]);
  expect(byClass.map((one) => one.summary.questionCount).reduce((a, b) => a + b)).toBe(12);
  expect(summary.stoppedEarly).toBeGreaterThan(0);
  for (const { knob, tokens, fullTokens, answer, fullAnswer } of summary.results) {
    expect([5, 20]).toContain(knob);
    if (knob === 20) expect([tokens, answer]).toEqual([fullTokens, fullAnswer]);
    else expect(tokens).toBeLessThan(fullTokens);
  }
  const [clean] = byClass;
  expect(clean!.summary.accuracy!.value).toBe(1); // the model is sure of them, and right
});

test("Ctrl-C ends it", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(tryPolicy({ questionCount: 2, seed: 1, ...context, signal })).rejects.toThrow("enough");
});
