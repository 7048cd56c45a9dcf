import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { Policy, type Signals, Step } from "../schemas.ts";
import { certaindex } from "../signals.ts";
import { decide } from "./decide.ts";
import { leadProbability } from "./settling.ts";

const policy = (fields: Record<string, unknown>) => Policy.parse({ detectAt: 5, cap: 20, ...fields });

const step = (knob: number, signals: Signals, fields: Partial<Step> = {}): Step =>
  Step.parse({ knob, tokens: 10 * knob, signals, answer: "1", ...fields });

/** Steps of a self-consistency program by the answers of its branches. */
function votesOf(answers: string): Step[] {
  return [...answers].map((_, index) => {
    const counts = new Map<string, number>();
    for (const answer of answers.slice(0, index + 1)) counts.set(answer, (counts.get(answer) ?? 0) + 1);
    const votes = [...counts.values()].sort((a, b) => b - a);
    const entropy = certaindex(votes);
    return step(index + 1, entropy === undefined ? {} : { entropy }, { votes });
  });
}

suite("static", () => {
  const unanimous = policy({ algorithm: "static", thresholds: { entropy: 0.7 } });
  test("first grants up to the detection point, clipped to nothing more", () => {
    expect(decide(unanimous, [])).toEqual({ grant: 5 });
    expect(decide(unanimous, votesOf("aaa"))).toEqual({ grant: 2 });
  });
  test("stops there when all thresholds are met, else runs to the cap", () => {
    expect(decide(unanimous, votesOf("aaaaa"))).toEqual({ stop: "settled" });
    expect(decide(unanimous, votesOf("aaaab"))).toEqual({ grant: 15 });
    expect(decide(unanimous, [step(20, { entropy: 0 })])).toEqual({ stop: "cap" });
  });
  test("decides once: agreement that comes later does not stop it", () => {
    const steps = [...votesOf("aaaab"), step(6, { entropy: 1 })];
    expect(decide(unanimous, steps)).toEqual({ grant: 14 });
  });
  test("never stops on one answer, on an absent signal, without an answer or without thresholds", () => {
    const one = policy({ algorithm: "static", detectAt: 1, thresholds: { entropy: 0 } });
    expect(decide(one, votesOf("a"))).toEqual({ grant: 19 });
    const both = policy({ algorithm: "static", thresholds: { entropy: 0.7, rewardMax: 0.5 } });
    expect(decide(both, votesOf("aaaaa"))).toEqual({ grant: 15 });
    expect(decide(unanimous, [step(5, { entropy: 1 }, { answer: null })])).toEqual({ grant: 15 });
    expect(decide(policy({ algorithm: "static" }), votesOf("aaaaa"))).toEqual({ grant: 15 });
  });
  test("combines signals by AND", () => {
    const both = policy({ algorithm: "static", detectAt: 3, cap: 15, thresholds: { entropy: 0.99, rewardMean: 0.4 } });
    expect(decide(both, [step(3, { entropy: 1, rewardMean: 0.4 })])).toEqual({ stop: "settled" });
    expect(decide(both, [step(3, { entropy: 1, rewardMean: 0.39 })])).toEqual({ grant: 12 });
  });
});

suite("k-step and single-step", () => {
  const every5 = policy({ algorithm: "k-step", every: 5, thresholds: { entropy: 0.5 } });
  test("decide again after every k units, and only then", () => {
    expect(decide(every5, votesOf("aabbc"))).toEqual({ grant: 5 });
    expect(decide(every5, votesOf("aabbcaaa"))).toEqual({ grant: 2 });
    expect(decide(every5, votesOf("aabbcaaaaa"))).toEqual({ stop: "settled" }); // 7 + 2 + 1: 0.652
  });
  test("grant at once what must be spent before agreement can return", () => {
    const unanimous = policy({ algorithm: "k-step", thresholds: { entropy: 1 } });
    expect(decide(unanimous, votesOf("aaaab"))).toEqual({ grant: 15 });
    const single = policy({ algorithm: "single-step", thresholds: { entropy: 0.7 } });
    expect(decide(single, votesOf("aaaab"))).toEqual({ grant: 1 }); // 5 + 1 of 6: 0.749
    expect(decide(single, votesOf("aaabb"))).toEqual({ grant: 3 }); // 6 + 2 of 8: 0.730, 5 + 2 of 7: 0.693
  });
  test("ask after each unit where votes do not foretell", () => {
    const single = policy({ algorithm: "single-step", thresholds: { entropy: 0.7 } });
    const oneFailed = step(5, { entropy: 0.5 }, { votes: [3, 1] }); // four votes of five units: a unit may bring several
    expect(decide(single, [oneFailed])).toEqual({ grant: 1 });
    const reward = policy({ algorithm: "single-step", detectAt: 2, thresholds: { rewardMax: 0.9 } });
    expect(decide(reward, [step(2, { rewardMax: 0.5 })])).toEqual({ grant: 1 });
    expect(decide(reward, [step(2, { rewardMax: 0.5 }), step(3, { rewardMax: 0.9 })])).toEqual({ stop: "settled" });
  });
});

suite("Adaptive-Consistency", () => {
  test("the leader's probability is the Beta integral of the paper", () => {
    // Beta(v1 + 1, 1) above one half is 1 - 2^-(v1 + 1); ties are even; 0.7744 = 1 - 29/128 ... by the binomial sum
    expect(leadProbability([4])).toBeCloseTo(1 - 1 / 32, 12);
    expect(leadProbability([3, 3, 1])).toBeCloseTo(0.5, 12);
    expect(leadProbability([1, 3])).toBeCloseTo(1 - (1 + 5) / 32, 12);
    expect(leadProbability([])).toBeCloseTo(0.5, 12);
  });
  const adaptive = policy({ algorithm: "adaptive-consistency", detectAt: 1 });
  test("stops at four votes to none, and grants at once what it takes at least", () => {
    expect(decide(adaptive, votesOf("a"))).toEqual({ grant: 3 });
    expect(decide(adaptive, votesOf("aaaa"))).toEqual({ stop: "settled" });
    expect(decide(adaptive, votesOf("aaab"))).toEqual({ grant: 3 }); // 6 to 1: 0.965; 5 to 1: 0.9375
    expect(decide(adaptive, [step(4, { entropy: 1 })])).toEqual({ grant: 1 }); // no votes: nothing to count
  });
});

suite("curves", () => {
  const curve = {
    signal: "entropy",
    points: [
      { value: 0, knob: 20 },
      { value: 0.4, knob: 12 },
      { value: 0.7, knob: 6 },
    ],
  };
  test("skyline reads the budget once", () => {
    const skyline = policy({ algorithm: "skyline", curve });
    expect(decide(skyline, [step(5, { entropy: 0.3 })])).toEqual({ grant: 7 });
    expect(decide(skyline, [step(5, { entropy: 0.3 }), step(12, { entropy: 0 })])).toEqual({ stop: "budget" });
    expect(decide(skyline, [step(5, { entropy: 0.3 }), step(9, { entropy: 1 })])).toEqual({ grant: 3 });
    expect(decide(skyline, [step(5, { entropy: 0.7 })])).toEqual({ grant: 1 });
    expect(decide(skyline, [step(5, { entropy: 0.8 })])).toEqual({ stop: "budget" }); // nobody so settled needed more
    expect(decide(skyline, [step(5, {})])).toEqual({ grant: 15 }); // nothing to go by
  });
  test("dynamic reads it after every unit", () => {
    const dynamic = policy({ algorithm: "dynamic", curve });
    expect(decide(dynamic, [step(5, { entropy: 0.3 })])).toEqual({ grant: 1 });
    expect(decide(dynamic, [step(5, { entropy: 0.3 }), step(6, { entropy: 0.6 })])).toEqual({ stop: "budget" });
  });
  test("a curve never grants more than the cap", () => {
    const low = policy({ algorithm: "skyline", cap: 10, curve });
    expect(decide(low, [step(5, { entropy: 0 })])).toEqual({ grant: 5 });
  });
});

suite("even and length", () => {
  test("even spends the same on all", () => {
    const even = policy({ algorithm: "even", detectAt: 8 });
    expect(decide(even, [])).toEqual({ grant: 8 });
    expect(decide(even, votesOf("aaaaa"))).toEqual({ grant: 3 });
    expect(decide(even, votesOf("aaaaabcd"))).toEqual({ stop: "budget" });
  });
  test("length stops the short ones", () => {
    const length = policy({ algorithm: "length", maxTokens: 50 });
    expect(decide(length, [step(5, {}, { tokens: 50 })])).toEqual({ stop: "settled" });
    expect(decide(length, [step(5, {}, { tokens: 51 })])).toEqual({ grant: 15 });
  });
});

suite("floor and hopeless programs", () => {
  const floored = policy({ algorithm: "single-step", detectAt: 2, minTokens: 40, thresholds: { consistency: 1 } });
  test("below the floor nothing stops, and the first decision comes right after it", () => {
    const settled = [1, 2, 3].map((knob) => step(knob, { consistency: 1 }));
    expect(decide(floored, settled)).toEqual({ grant: 1 });
    expect(decide(floored, [...settled, step(4, { consistency: 1 })])).toEqual({ stop: "settled" });
    const once = policy({ algorithm: "static", detectAt: 2, minTokens: 40, thresholds: { consistency: 1 } });
    expect(decide(once, settled)).toEqual({ grant: 1 });
    expect(decide(once, [...settled, step(4, { consistency: 1 })])).toEqual({ stop: "settled" });
  });
  test("a hopeless program is cut off at its point, for which grants leave room; off by default", () => {
    const hopeless = { signal: "entropy", below: 0.3, at: 10 };
    const cutting = policy({ algorithm: "static", thresholds: { entropy: 0.7 }, hopeless });
    expect(decide(cutting, votesOf("abcde"))).toEqual({ grant: 5 });
    expect(decide(cutting, votesOf("abcdefghij"))).toEqual({ stop: "hopeless" });
    expect(decide(cutting, votesOf("abcdeaaaaa"))).toEqual({ grant: 10 });
    expect(decide(cutting, [step(10, {})])).toEqual({ grant: 10 });
    expect(decide(policy({ algorithm: "static", thresholds: { entropy: 0.7 } }), votesOf("abcdefghij"))).toEqual({
      grant: 10,
    });
  });
});

suite("any policy", () => {
  const anyPolicy = fc
    .record({
      algorithm: fc.constantFrom("static", "k-step", "single-step", "adaptive-consistency", "even", "length"),
      threshold: fc.double({ min: 0, max: 1, noNaN: true }),
      detectAt: fc.integer({ min: 1, max: 12 }),
      every: fc.integer({ min: 1, max: 6 }),
      minTokens: fc.integer({ min: 0, max: 150 }),
    })
    .map(({ threshold, ...fields }) =>
      policy({ ...fields, cap: 12, maxTokens: 80, thresholds: { entropy: threshold } }),
    );
  const anyVotes = fc
    .array(fc.constantFrom("a", "b", "c"), { minLength: 12, maxLength: 12 })
    .map((all) => votesOf(all.join("")));

  test("grants add up to a stop at the cap or before, never above, and never below the floor", () => {
    fc.assert(
      fc.property(anyPolicy, anyVotes, (some, steps) => {
        let spent = 0;
        for (let decision = decide(some, []); ; decision = decide(some, steps.slice(0, spent))) {
          if ("stop" in decision) {
            if (decision.stop === "settled") expect(steps[spent - 1]!.tokens).toBeGreaterThanOrEqual(some.minTokens);
            return;
          }
          expect(decision.grant).toBeGreaterThan(0);
          spent += decision.grant;
          expect(spent).toBeLessThanOrEqual(some.cap);
        }
      }),
    );
  });

  test("granting ahead stops at the same step as asking after every unit", () => {
    fc.assert(
      fc.property(anyPolicy, anyVotes, (some, steps) => {
        if (some.algorithm === "even" || some.algorithm === "static" || some.algorithm === "length") return;
        const every = some.algorithm === "k-step" ? some.every : 1;
        // Without votes nothing can be foreseen, so each decision point is asked at.
        const settled = (knob: number) => {
          const now = steps[knob - 1]!;
          if (some.algorithm === "adaptive-consistency") return leadProbability(now.votes!) >= some.confidence;
          return now.signals.entropy !== undefined && now.signals.entropy >= some.thresholds.entropy! - 1e-9;
        };
        const start = Math.max(some.detectAt, Math.ceil(some.minTokens / 10));
        let expected = 12;
        for (let knob = 12; knob >= start; knob--) if ((knob - start) % every === 0 && settled(knob)) expected = knob;
        let spent = 0;
        for (let decision = decide(some, []); "grant" in decision; decision = decide(some, steps.slice(0, spent))) {
          spent += decision.grant;
        }
        expect(spent).toBe(expected);
      }),
    );
  });
});
