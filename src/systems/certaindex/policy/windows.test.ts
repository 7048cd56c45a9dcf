import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { createProbeWindow } from "../probe/index.ts";
import { Recording } from "../schemas.ts";
import { withWindow } from "./windows.ts";

/** Probes at every 8 tokens, "-" for one without an answer; 2 tokens each; "a" is right. */
function chain(probes: string, cap = probes.length): Recording {
  let last: string | null = null;
  const steps = [...probes].map((probe, index) => {
    const probed = probe === "-" ? null : probe;
    last = probed ?? last;
    return {
      ...{ knob: index + 1, tokens: 8 * (index + 1), probeTokens: 2 * (index + 1), signals: {} },
      ...{ promptTokens: 10 * (index + 1), sharedPromptTokens: 9 * (index + 1) },
      ...{ answer: last, probed, correct: last === "a" },
    };
  });
  const settings = { interval: 8, window: 9 };
  return Recording.parse({ id: "q", program: "chain-of-thought", cap, model: "m", settings, steps });
}

const consistencies = (recording: Recording) => recording.steps.map(({ signals }) => signals.consistency);

suite("windows from one recording", () => {
  test("consistency is that of the window asked for", () => {
    expect(consistencies(withWindow(chain("abbba"), { window: 2 }))).toEqual([undefined, 0.5, 1, 1, 0.5]);
    expect(consistencies(withWindow(chain("abbba"), { window: 4 }))).toEqual([
      undefined,
      undefined,
      undefined,
      0.75,
      0.25,
    ]);
  });
  test("a probe without an answer breaks the window and leaves the answer as it was", () => {
    const derived = withWindow(chain("aa-a"), { window: 2 });
    expect(consistencies(derived)).toEqual([undefined, 1, 0, 0.5]);
    expect(derived.steps[2]).toMatchObject({ answer: "a", correct: true });
  });
  test("is what a live window says, probe by probe", () => {
    const probes = fc.array(fc.constantFrom("a", "b", "-"), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(probes, fc.integer({ min: 2, max: 5 }), (answers, window) => {
        const live = createProbeWindow({ window });
        const states = answers.map((probe) => live.push({ answer: probe === "-" ? null : probe, isHesitant: false }));
        const derived = withWindow(chain(answers.join("")), { window });
        expect(consistencies(derived)).toEqual(states.map(({ consistency }) => consistency));
        expect(derived.steps.at(-1)!.answer).toBe(live.lastAnswer);
      }),
    );
  });
  test("twice the interval keeps every second probe, and its tokens alone", () => {
    const derived = withWindow(chain("abbbab"), { window: 2, every: 2 });
    expect(derived).toMatchObject({ cap: 3, settings: { interval: 16, window: 2, minTokens: 0 } });
    expect(derived.steps.map(({ knob, tokens, probeTokens, answer }) => [knob, tokens, probeTokens, answer])).toEqual([
      [1, 16, 2, "b"],
      [2, 32, 4, "b"],
      [3, 48, 6, "b"],
    ]);
    expect(consistencies(derived)).toEqual([undefined, 1, 1]);
  });
  test("what a skipped probe found is not known to a later one without an answer", () => {
    expect(withWindow(chain("xba-"), { window: 2, every: 2 }).steps.at(-1)).toMatchObject({
      answer: "b",
      correct: false,
    });
  });
  test("below the floor no probe is made, so none is paid for and none fills the window", () => {
    const derived = withWindow(chain("aaaa"), { window: 2, minTokens: 20 });
    expect(consistencies(derived)).toEqual([undefined, undefined, undefined, 1]);
    expect(derived.steps.map(({ probeTokens, answer }) => [probeTokens, answer])).toEqual([
      [0, null],
      [0, null],
      [2, "a"],
      [4, "a"],
    ]);
    // The question itself is read in the first step, the probes' prefixes in theirs.
    expect(derived.steps.map(({ promptTokens }) => promptTokens)).toEqual([10, 10, 20, 30]);
  });
  test("the chain's own end keeps its answer and is no probe", () => {
    const derived = withWindow(chain("bba", 9), { window: 2, every: 2 });
    expect(derived.steps.at(-1)).toMatchObject({ knob: 2, tokens: 24, answer: "a", correct: true, signals: {} });
    expect(derived.cap).toBe(4);
  });
});
