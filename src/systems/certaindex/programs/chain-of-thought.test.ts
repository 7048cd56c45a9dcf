import { expect, suite, test } from "vitest";
import { OverloadedError } from "../../../endpoint/errors.ts";
import { replayOne } from "../policy/replay.ts";
import { chainOfThought } from "./chain-of-thought.ts";
import { toRecording } from "./recording.ts";
import {
  policyOf,
  question,
  runtimeOf,
  type ScriptedRequest,
  scriptedEndpoint,
  upTo,
  wordsOf,
} from "./scripted.fixtures.ts";

const prompt = " So: \\boxed{";
const settings = { interval: 4, window: 2, prompt };

/** Thinks in 14 words and then answers; a probe says what `guesses` holds for the words so far, and goes on with it. */
function thinker(guesses: (words: number) => string) {
  const whole = `${" hm".repeat(14)} the answer 7`;
  return scriptedEndpoint(({ text }: ScriptedRequest) => {
    const said = text.slice("Question q1:".length);
    const [thought, begun] = said.split(prompt);
    if (begun !== undefined) return guesses(wordsOf(thought!).length).slice(begun.length);
    return whole.slice(said.length);
  });
}

const settled = policyOf({ algorithm: "single-step", detectAt: 1, cap: 20, thresholds: { consistency: 1 } });

suite("chain of thought", () => {
  test("stops when two probes agree; the answer is the last probe's, and the chain keeps none of its text", async () => {
    const endpoint = thinker((words) => (words < 8 ? "3} \\]" : "7} \\] and"));
    const run = await runtimeOf(endpoint, settled).run(chainOfThought(settings), question());
    expect(run).toMatchObject({ answer: "7", correct: true, knob: 3, tokens: 12, probeTokens: 3, reason: "settled" });
    expect(run.steps.map(({ signals }) => signals.consistency)).toEqual([undefined, 0.5, 1]);
    expect(endpoint.requests[4]!.text).toBe(`Question q1:${" hm".repeat(8)}`);
  });

  test("a model that has begun its answer is not probed again", async () => {
    const whole = `${" hm".repeat(6)} </think>${" so".repeat(6)} the answer 7`;
    const endpoint = scriptedEndpoint(({ text }) => {
      const said = text.slice("Question q1:".length);
      return said.includes(prompt) ? "3} \\]" : whole.slice(said.length);
    });
    const run = await runtimeOf(endpoint, settled).run(chainOfThought(settings), question());
    expect(run).toMatchObject({ answer: "7", reason: "natural" });
    expect(endpoint.requests.filter(({ text }) => text.includes(prompt))).toHaveLength(1);
  });

  test("ends by itself with its own answer", async () => {
    let probes = 0;
    const endpoint = thinker(() => `${probes++}} \\]`);
    const asked = question();
    const run = await runtimeOf(endpoint, settled).run(chainOfThought(settings), asked);
    expect(run).toMatchObject({ answer: "7", knob: 5, tokens: 17, reason: "natural", isComplete: true });
    const recording = toRecording(run, { question: asked, cap: 20, model: "scripted" })!;
    expect(replayOne(settled, recording)).toMatchObject({ answer: "7", knob: 5, tokens: 17, reason: "natural" });
  });

  test.each([
    ["nested braces", "\\frac{1}{2}} \\] so", "\\frac{1}{2}"],
    ["a box that is closed in its own way", "x}$ and", "x"],
    ["hesitation", "7, wait} \\]", null],
    ["a box that is cut before it closes", "7 and then some more", null],
  ])("%s", async (_, said, answer) => {
    const endpoint = thinker(() => said);
    const probe = { ...settings, maxProbeTokens: 4 };
    const run = await runtimeOf(endpoint, upTo(1)).run(chainOfThought(probe), question());
    expect(run.answer).toBe(answer);
  });

  test("braces of the answer cost a call each, and each is paid for", async () => {
    const endpoint = thinker(() => "\\frac{1}{2}} \\]");
    const run = await runtimeOf(endpoint, upTo(1)).run(chainOfThought(settings), question());
    const probes = endpoint.requests.slice(1);
    expect(probes.map(({ text }) => text.split(prompt)[1])).toEqual(["", "\\frac{1}", "\\frac{1}{2}"]);
    expect(probes.map(({ stop, maxTokens }) => [stop, maxTokens])).toEqual([
      [["}"], 20],
      [["}"], 19],
      [["}"], 18],
    ]);
    expect(new Set(probes.map(({ seed }) => seed)).size).toBe(3);
    expect(run).toMatchObject({ tokens: 4, probeTokens: 3 });
  });

  test("a probe that breaks off in its second piece has failed, and its first is paid for", async () => {
    const endpoint = scriptedEndpoint(({ text }) => {
      const begun = text.split(prompt)[1];
      if (begun) throw new OverloadedError("busy");
      return begun === "" ? "\\frac{1}{2}} \\]" : " hm".repeat(9);
    });
    const run = await runtimeOf(endpoint, upTo(1)).run(chainOfThought(settings), question());
    expect(run).toMatchObject({ answer: null, probeTokens: 1 });
  });

  test("no probe before the floor of tokens", async () => {
    const endpoint = thinker(() => "3} \\]");
    const run = await runtimeOf(endpoint, settled).run(chainOfThought({ ...settings, minTokens: 12 }), question());
    expect(run).toMatchObject({ knob: 4, probeTokens: 2 });
  });

  test("a program that is capped has the last probe's answer", async () => {
    const endpoint = thinker(() => "3} \\]");
    const run = await runtimeOf(endpoint, upTo(3)).run(chainOfThought(settings), question());
    expect(run).toMatchObject({ answer: "3", knob: 3, reason: "cap" });
  });

  test("the probability of a trial answer is the geometric mean of its tokens'", async () => {
    const logprobs = [0.9, 0.4].map((p) => ({ token: "", logprob: Math.log(p), top: [] }));
    const endpoint = scriptedEndpoint(({ text }) =>
      text.endsWith(prompt) ? { text: "7} \\]", logprobs } : " hm".repeat(9),
    );
    const run = await runtimeOf(endpoint, upTo(1)).run(
      chainOfThought({ ...settings, withProbability: true }),
      question(),
    );
    expect(run.steps[0]!.signals.probability).toBeCloseTo(0.6);
  });

  test("a chain that breaks keeps the last probe's answer, degraded", async () => {
    const endpoint = scriptedEndpoint(({ text, count }) => {
      if (count > 4 && !text.endsWith(prompt)) throw new OverloadedError("busy");
      return text.endsWith(prompt) ? "7} \\]" : " hm".repeat(9);
    });
    const run = await runtimeOf(endpoint, upTo(5)).run(chainOfThought(settings), question());
    expect(run).toMatchObject({ answer: "7", knob: 2, reason: "failed", isDegraded: true, isComplete: false });
  });

  test("probes that fail say nothing; after three in a row no more are asked, and the chain ends as ever", async () => {
    const endpoint = thinker(() => {
      throw new OverloadedError("busy");
    });
    const run = await runtimeOf(endpoint, settled).run(chainOfThought({ ...settings, interval: 3 }), question());
    expect(run).toMatchObject({ answer: "7", knob: 6, reason: "natural", isDegraded: true, probeTokens: 0 });
    expect(endpoint.requests.filter(({ text }) => text.endsWith(prompt))).toHaveLength(3 * 2); // each tried twice
  });

  test("where nobody looks at the signals, only the cap is probed, for its answer", async () => {
    const endpoint = thinker(() => "3} \\]");
    const run = await runtimeOf(endpoint, upTo(3), { skipsIdleSignals: true }).run(
      chainOfThought(settings),
      question(),
    );
    expect(run).toMatchObject({ answer: "3", knob: 3, reason: "cap", probeTokens: 1 });
    const recorded = await runtimeOf(endpoint, upTo(3), { skipsIdleSignals: true }).run(
      chainOfThought(settings),
      question(),
      { isShadowed: true },
    );
    expect(recorded.probeTokens).toBe(3);
  });

  test("equality may take its time", async () => {
    const equal = async (a: string, b: string) => Number(a) === Number(b);
    const endpoint = thinker((words) => (words < 8 ? "7} \\]" : "7.0} \\]"));
    const run = await runtimeOf(endpoint, settled, { equal }).run(chainOfThought(settings), question());
    expect(run).toMatchObject({ knob: 2, reason: "settled" });
    const other = thinker((words) => (words < 8 ? "6} \\]" : "7} \\]"));
    const differing = await runtimeOf(other, settled, { equal }).run(chainOfThought(settings), question());
    expect(differing).toMatchObject({ knob: 3, reason: "settled" });
  });
});
