import { expect, suite, test } from "vitest";
import { Policy, type Recording, Recording as RecordingSchema } from "../schemas.ts";
import { certaindex } from "../signals.ts";
import { replay, replayOne } from "./replay.ts";

/** A self-consistency recording from the answers of its branches: 10 tokens each, of a prompt of 7; "a" is right. */
function branches(id: string, answers: string, fields: Partial<Recording> = {}): Recording {
  const steps = [...answers].map((_, index) => {
    const counts = new Map<string, number>();
    for (const answer of answers.slice(0, index + 1)) counts.set(answer, (counts.get(answer) ?? 0) + 1);
    const [[answer]] = [...counts].sort((x, y) => y[1] - x[1]) as [[string, number]];
    const votes = [...counts.values()].sort((x, y) => y - x);
    const entropy = certaindex(votes);
    return {
      knob: index + 1,
      tokens: 10 * (index + 1),
      promptTokens: 7 * (index + 1),
      sharedPromptTokens: 7 * index,
      signals: entropy === undefined ? {} : { entropy },
      votes,
      answer,
      correct: answer === "a",
    };
  });
  return RecordingSchema.parse({ id, program: "self-consistency", cap: answers.length, model: "m", steps, ...fields });
}

const atThree = Policy.parse({ algorithm: "static", detectAt: 3, cap: 6, thresholds: { entropy: 1 } });

suite("replay of one recording", () => {
  test("ends at the step where the live program would have", () => {
    expect(replayOne(atThree, branches("q", "aaabbb"))).toMatchObject({
      ...{ knob: 3, tokens: 30, promptTokens: 21, sharedPromptTokens: 14, answer: "a", correct: true },
      ...{ reason: "settled", fullTokens: 60, fullAnswer: "a", fullCorrect: true, isFullKnown: true },
    });
    expect(replayOne(atThree, branches("q", "aabaaa"))).toMatchObject({ knob: 6, reason: "cap" });
  });
  test("a program that ended by itself keeps its end", () => {
    const short = branches("q", "ab", { cap: 6 });
    expect(replayOne(atThree, short)).toMatchObject({ knob: 2, reason: "natural", fullTokens: 20 });
    const exactly = branches("q", "aaa", { cap: 6 }); // its end comes before the policy is asked
    expect(replayOne(atThree, exactly)).toMatchObject({ knob: 3, reason: "natural" });
  });
  test("a smaller cap than recorded is exact, a larger one is refused", () => {
    const four = Policy.parse({ algorithm: "even", detectAt: 4, cap: 4 });
    expect(replayOne(four, branches("q", "aabbbb"))).toMatchObject({ knob: 4, reason: "cap", fullTokens: 60 });
    const eight = Policy.parse({ algorithm: "static", detectAt: 3, cap: 8, thresholds: { entropy: 1 } });
    expect(() => replayOne(eight, branches("q7", "ababab"))).toThrow("recording q7 ends at its cap of 6 units");
    expect(replayOne(eight, branches("q7", "aaabab"))).toMatchObject({ knob: 3, reason: "settled" });
  });
});

suite("summary", () => {
  const summary = replay(atThree, [
    branches("right either way", "aaaaaa"),
    branches("false stop", "bbbaaaa".slice(0, 6)), // 3 to 3: the first to lead stays
    branches("truncated recovery", "bbbaaaa", { cap: 7 }),
    branches("avoided overthinking", "aaabbbb", { cap: 7 }),
    branches("not stopped", "abcaaa"),
  ]);
  test("counts accuracy, false stops, and what stopping saved or spared", () => {
    expect(summary).toMatchObject({ questionCount: 5, labelledCount: 5, falseStops: 1, avoidedOverthinking: 1 });
    expect(summary.accuracy?.value).toBe(3 / 5);
    expect(summary.fullAccuracy?.value).toBe(3 / 5);
    expect(summary.recoveriesPerAvoided).toBe(1);
    expect(summary.reasons).toEqual({ settled: 4, cap: 1 });
    expect(summary.stoppedEarly).toBe(4);
    expect(summary.changedAnswers).toBe(2);
  });
  test("adds up tokens: 4 x 30 + 60 of 60 + 60 + 70 + 70 + 60", () => {
    expect(summary).toMatchObject({ tokens: 180, fullTokens: 320, saved: 1 - 180 / 320 });
    // Each program reads its prompt of 7 tokens once where the prefix is cached, else once per branch.
    expect(summary.cost).toEqual({ output: 180, promptWithoutCache: 7 * 18, promptWithCache: 7 * 5 });
  });
  test("tokens of probes are spent, so that probing to the cap costs more than it saves", () => {
    const probed = branches("q", "aba");
    for (const step of probed.steps) step.probeTokens = 2 * step.knob;
    const whole = replay(Policy.parse({ algorithm: "static", detectAt: 2, cap: 3, thresholds: { entropy: 1 } }), [
      probed,
    ]);
    expect(whole).toMatchObject({ tokens: 30, probeTokens: 6, savedBeforeProbes: 0, saved: 1 - 36 / 30 });
    expect(whole.cost.output).toBe(36);
  });
  test("questions without a label count in tokens, not in accuracy", () => {
    const unlabelled = branches("q", "aaaaaa");
    for (const step of unlabelled.steps) step.correct = null;
    const some = replay(atThree, [unlabelled, branches("wrong", "bbbbbb")]);
    expect(some).toMatchObject({ questionCount: 2, labelledCount: 1, tokens: 60 });
    expect(some.accuracy?.value).toBe(0);
    expect(replay(atThree, [unlabelled]).accuracy).toBeNull();
    expect(replay(atThree, [])).toMatchObject({ questionCount: 0, saved: null, accuracy: null });
  });
});
