/** Programs out of a trace, and policies on recordings, by numbers worked out by hand. */
import { expect, suite, test } from "vitest";
import { Policy, Recording, TraceEvent } from "../../../systems/certaindex/index.ts";
import { viewPolicy } from "./policy-view.ts";
import { toLoadView, toProgramRow, toProgramView } from "./trace-view.ts";

const step = (knob: number, entropy: number | undefined, answer: string, correct: boolean) => ({
  knob,
  tokens: 10 * knob,
  signals: entropy === undefined ? {} : { entropy },
  answer,
  correct,
});
const recording = (id: string, steps: ReturnType<typeof step>[]) =>
  Recording.parse({ id, program: "self-consistency", model: "m", cap: 4, target: "1", steps });

suite("a policy on recordings", () => {
  // The first settles rightly at once; the second is sure of a wrong answer after two; the third never agrees.
  const recordings = [
    recording("sure", [
      step(1, undefined, "1", true),
      step(2, 1, "1", true),
      step(3, 1, "1", true),
      step(4, 1, "1", true),
    ]),
    recording("false", [
      step(1, undefined, "2", false),
      step(2, 1, "2", false),
      step(3, 0.5, "1", true),
      step(4, 0.5, "1", true),
    ]),
    recording("never", [
      step(1, undefined, "1", true),
      step(2, 0, "1", true),
      step(3, 0, "2", false),
      step(4, 0, "1", true),
    ]),
  ];

  test("says what it saves, what it loses, and at most how much of it", () => {
    const view = viewPolicy(recordings, { threshold: 0.9, detectAt: 2 });
    expect(view.chosen).toMatchObject({
      saved: expect.closeTo(40 / 120, 12),
      losses: 1,
      labelledCount: 3,
      stoppedEarly: 2,
    });
    expect(view.chosen.bound).toBeCloseTo(0.8646, 4); // one-sided 95 % Clopper-Pearson of 1 in 3
    expect(view.changed).toEqual([
      {
        id: "false",
        target: "1",
        value: 1,
        knob: 2,
        tokens: 20,
        answer: "2",
        correct: false,
        fullTokens: 40,
        fullAnswer: "1",
        fullCorrect: true,
      },
    ]);
  });

  test("a lower threshold saves no less, and at 0 everybody stops at the first look", () => {
    const { curve } = viewPolicy(recordings, { threshold: 0.9, detectAt: 2 });
    expect(curve[0]).toMatchObject({ threshold: 0, saved: 0.5, stoppedEarly: 3 });
    for (const [index, { saved }] of curve.entries())
      if (index > 0) expect(saved!).toBeLessThanOrEqual(curve[index - 1]!.saved!);
  });

  test("calibrated policies are replayed beside it, with what they were calibrated for", () => {
    const calibrated = (model: string, program = "self-consistency", cap = 4) => ({
      run: `${program} ${model} ${cap}`,
      policy: Policy.parse({
        ...{ algorithm: "static", thresholds: { entropy: 0.9 }, detectAt: 2, cap },
        calibration: { program, model, dataset: "d", n: 300, settings: {}, ...promise },
      }),
    });
    const promise = { losses: 0, bound: 0.01, delta: 0.01, confidence: 0.95, saved: 0.3 };
    const view = viewPolicy(recordings, { threshold: 1, detectAt: 2 }, [
      calibrated("m"),
      calibrated("another"),
      calibrated("m", "mcts"),
      calibrated("m", "self-consistency", 8),
    ]);
    expect(view.calibrated.map(({ run, differs }) => [run, differs])).toEqual([
      ["self-consistency m 4", []],
      ["self-consistency another 4", ['model "another", not "m"']],
    ]);
    expect(view.calibrated[0]!.words).toMatch(/^After 2 units, stop if/);
    expect(view.calibrated[0]!.outcome).toMatchObject({ losses: 1, labelledCount: 3, stoppedEarly: 2 });
  });

  test("nothing to stop by is said", () => {
    expect(() => viewPolicy([recording("bare", [step(1, undefined, "1", true)])], { threshold: 1 })).toThrow(
      "no signal",
    );
    expect(() => viewPolicy([], { threshold: 1 })).toThrow("no recordings");
  });
});

suite("a trace", () => {
  const say = (t: number, rest: object) => TraceEvent.parse({ t, program: "p", ...rest });
  const certain = (t: number, knob: number, answer: string) =>
    say(t, { kind: "certaindex", step: { knob, tokens: 5 * knob, signals: { entropy: 1 }, answer } });
  const events = [
    say(1, { kind: "arrive", deadline: 2 }),
    say(1, { kind: "grant", units: 2 }),
    say(1, { kind: "issue", request: "p#1" }),
    say(2, { kind: "token-count", request: "p#1", tokens: 5 }),
    certain(2, 1, "a"),
    certain(3, 2, "b"),
    say(3, { kind: "stop", reason: "settled", knob: 2 }),
    say(4, { kind: "issue", request: "p#2" }),
    certain(5, 3, "c"),
    say(5, { kind: "finish", answer: "b", correct: true }),
  ];

  test("a program ends with what it had when it was stopped, and its shadow goes on", () => {
    expect(toProgramRow("p", events)).toMatchObject({
      stepCount: 3,
      tokens: 10,
      answer: "b",
      correct: true,
      reason: "settled",
      isShadowed: true,
    });
    const view = toProgramView("p", events, null);
    expect(view.requests).toEqual([
      { request: "p#1", issuedAt: 1, endedAt: 2, tokens: 5, probeTokens: 0 },
      { request: "p#2", issuedAt: 4, endedAt: null, tokens: 0, probeTokens: 0 },
    ]);
    expect([view.stop, view.steps.at(-1)!.answer, view.events.length]).toEqual([{ t: 3, knob: 2 }, "c", 10]);
    expect(toProgramRow("p", events.slice(0, 6))).toMatchObject({ reason: null, answer: "b" }); // still thinks
  });

  test("a load has its bars, its deadlines, and how many were under way", () => {
    const view = toLoadView(events);
    expect(view.programs).toEqual([
      { program: "p", tenant: null, arrivedAt: 1, latency: 4, deadline: 2, reason: "settled", tokens: 5 },
    ]);
    expect(view.report).toMatchObject({ lateCount: 1, seconds: 4 });
    expect(view.active).toEqual([
      { t: 1, count: 1 },
      { t: 5, count: 0 },
    ]);
  });
});
