import { expect, suite, test } from "vitest";
import { Policy } from "../schemas.ts";
import { describePolicy, describeRule } from "./describe.ts";

const rule = (fields: Record<string, unknown>) => describeRule(Policy.parse({ detectAt: 5, cap: 20, ...fields }));
const curve = { signal: "entropy", points: [{ value: 0.4, knob: 12 }] };

suite("policies in words", () => {
  test.each([
    [
      { algorithm: "static", thresholds: { entropy: 0.7 } },
      "After 5 units, stop if certaindex >= 0.7 (all 5 agree); else go on to 20.",
    ],
    [
      { algorithm: "static", detectAt: 16, cap: 128, thresholds: { entropy: 0.85, rewardMax: 0.99 } },
      "After 16 units, stop if certaindex >= 0.85 (at least 15 of 16 agree, or fewer where the others are few, as in 14 + 2) and best reward >= 0.99; else go on to 128.",
    ],
    [
      { algorithm: "k-step", every: 3, thresholds: { entropy: 0.4 } },
      "After 5 units and then every 3, stop if certaindex >= 0.4 (at 5 answers: at least 3 of 5 agree); go on to 20 at most.",
    ],
    [
      { algorithm: "single-step", detectAt: 1, thresholds: { consistency: 1 }, minTokens: 256 },
      "From 1 unit on, stop as soon as consistency of the last probes >= 1; go on to 20 at most. Never stop before 256 tokens.",
    ],
    [
      { algorithm: "adaptive-consistency", confidence: 0.9 },
      "From 5 units on, stop as soon as the leading answer really leads with probability 0.9 (Adaptive-Consistency); go on to 20 at most.",
    ],
    [
      { algorithm: "skyline", curve },
      "After 5 units, read the budget off the curve of certaindex (12 at 0.4); 20 at most.",
    ],
    [
      { algorithm: "dynamic", curve },
      "From 5 units on, after every unit, read the budget off the curve of certaindex (12 at 0.4); 20 at most.",
    ],
    [{ algorithm: "even", detectAt: 8 }, "Spend 8 units on every question."],
    [{ algorithm: "even", detectAt: 20 }, "Spend all 20 units on every question."],
    [
      { algorithm: "length", maxTokens: 300 },
      "After 5 units, stop if at most 300 tokens were spent; else go on to 20.",
    ],
    [
      { algorithm: "static", thresholds: { entropy: 1 }, hopeless: { signal: "entropy", below: 0.2, at: 10 } },
      "After 5 units, stop if certaindex >= 1 (all 5 agree); else go on to 20. Give up from 10 units on while certaindex < 0.2.",
    ],
  ])("%j", (fields, words) => {
    expect(rule(fields)).toBe(words);
  });

  test("say what is known of the cost: a bound, none, or nothing at all", () => {
    const policy = Policy.parse({ algorithm: "static", detectAt: 5, cap: 20, thresholds: { entropy: 1 } });
    const known = { program: "p", model: "m", dataset: "d", n: 400, losses: 0, bound: 0.00746, delta: 0.01 };
    const calibration = { ...known, settings: {}, confidence: 0.95, saved: 0.3 };
    expect(describePolicy({ ...policy, calibration })).toContain(
      "Calibrated on 400 questions, of which it lost 0: at most 0.75 % lost at 95 % confidence (allowed: 1 %).",
    );
    expect(describePolicy({ ...policy, calibration: { ...calibration, mode: "no-loss" } })).toContain(
      "of which it lost 0; no bound on fresh questions is promised.",
    );
    expect(describePolicy(policy)).toContain("Not calibrated: nobody has measured what it costs in accuracy.");
  });
});
