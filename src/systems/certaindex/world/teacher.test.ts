import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { lesson } from "./lessons.ts";
import { isRightSoFar } from "./parse.ts";
import { splitOf, trueAnswer } from "./question.ts";
import { CONTEXT_LENGTH, drawRechecks, mostRechecks, promptTokens, renderPrompt, teach } from "./teacher.ts";
import { BOXED, CHECK, RIGHT, WRONG } from "./vocabulary.ts";

const question = {
  start: 3,
  operations: [
    { operator: "+", digit: 4 },
    { operator: "*", digit: 7 },
  ] as const,
};
const rng = () => new Random("teacher");

suite("teach", () => {
  test("writes each step, and in think mode the chain again", () => {
    expect(renderPrompt(question, "fast")).toBe("<s>3①+4②*7=<fast>");
    expect(teach(question, "fast", rng()).tokens.join("")).toBe("①+4=7②*7=9\\boxed{9}</s>");
    expect(teach(question, "think", rng(), { recheckCount: 1 }).tokens.join("")).toBe(
      "①+4=7②*7=9wait ①+4→7②*7=9</think>\\boxed{9}</s>",
    );
  });
  test("a slip is shown but not taught, carried on, and mended by the re-check", () => {
    const { tokens, trained, answer } = teach(question, "think", rng(), {
      slip: { step: 0, delta: 1 },
      recheckCount: 1,
    });
    expect(tokens.join("")).toBe("①+4=8②*7=6wait ①+4→7②*7=9</think>\\boxed{9}</s>");
    expect(tokens.filter((_, at) => !trained[at])).toEqual(["8"]);
    expect(answer).toBe(9);
  });
  test("a probe tells the state of the first pass, and in a re-check what the last whole pass came to", () => {
    const { tokens, current } = teach(question, "think", rng(), { slip: { step: 1, delta: 2 }, recheckCount: 1 });
    const shown = tokens.map((token, at) => `${token}${current[at]}`).slice(0, 17);
    expect(shown.join(" ")).toBe("①+3 43 =3 77 ②*7 77 =7 11 wait 1 ①+1 41 →1 71 ②*1 71 =1 99");
  });
  test("within one trace, ? is remembered in one way", () => {
    const noisy = { start: 8, operations: [{ operator: "?", digit: 3 }] as const };
    const answers = Array.from({ length: 1000 }, (_, index) => {
      const { tokens, answer } = teach(noisy, "think", new Random(index), { recheckCount: 2 });
      expect(new Set([tokens[3], tokens[8], tokens[13]]).size).toBe(1);
      return answer;
    });
    const share = (digit: number) => answers.filter((answer) => answer === digit).length / answers.length;
    expect(share(2)).toBeCloseTo(0.45, 1); // 3 down to 2, then 1 or 5 above
    expect(share(3)).toBeCloseTo(0.3, 1);
    expect(share(7)).toBeCloseTo(0.25, 1);
  });
  test("re-checks are geometric with mean 1.5 where there is room, and the longest trace fits the context", () => {
    const counts = Array.from({ length: 2000 }, (_, index) => drawRechecks(question, new Random(index)));
    expect(counts.reduce((sum, count) => sum + count, 0) / counts.length).toBeCloseTo(1.5, 0);
    for (let steps = 2; steps <= 12; steps++) {
      const long = {
        start: 0,
        operations: Array.from({ length: steps }, () => ({ operator: "+", digit: 1 }) as const),
      };
      const length = (rechecks: number) =>
        promptTokens(long, "think").length + teach(long, "think", rng(), { recheckCount: rechecks }).tokens.length;
      expect(length(mostRechecks(steps))).toBeLessThanOrEqual(CONTEXT_LENGTH);
      expect(length(mostRechecks(steps) + 1)).toBeGreaterThan(CONTEXT_LENGTH - 1);
    }
  });
});

suite("lessons", () => {
  const lessons = Array.from({ length: 1200 }, (_, index) => lesson(new Random("lessons"), index));
  test("are functions of seed and index, from the training split, within the context", () => {
    expect(lesson(new Random("lessons"), 1034)).toEqual(lessons[1034]);
    for (const { question: asked, tokens, trained } of lessons) {
      expect(splitOf(asked)).toBe("train");
      expect(tokens.length).toBe(trained.length);
      expect(tokens.length).toBeLessThanOrEqual(CONTEXT_LENGTH);
    }
  });
  test("15 % end in a probe, whose token is not taught and whose answer is", () => {
    const probes = lessons.filter(({ kind }) => kind === "probe");
    expect(probes.length / lessons.length).toBeCloseTo(0.15, 1);
    for (const { tokens, trained } of probes) {
      const box = tokens.lastIndexOf(BOXED);
      expect([trained[box], trained[box + 1]]).toEqual([false, true]);
    }
  });
  test("verdicts are the truth about the states before them, and name the first wrong step", () => {
    const checks = lessons.filter(({ kind }) => kind === "check");
    for (const { question: asked, mode, tokens } of checks) {
      const at = tokens.indexOf(CHECK);
      const text = tokens.slice(promptTokens(asked, mode).length, at).join("");
      expect(tokens[at + 1]).toBe(isRightSoFar(asked, text) ? RIGHT : WRONG);
      if (tokens[at + 1] === RIGHT) continue;
      const before = text.slice(0, text.lastIndexOf(tokens[at + 2]!));
      expect(isRightSoFar(asked, before)).toBe(true);
    }
    const wrong = checks.filter(({ tokens }) => tokens.includes(WRONG)).length / checks.length;
    expect(wrong).toBeGreaterThan(0.3);
    expect(wrong).toBeLessThan(0.7);
  });
  test("of a whole trace of a clean question the answer is the truth", () => {
    for (const { kind, question: asked, tokens } of lessons) {
      if (kind !== "trace" || asked.operations.some(({ operator }) => operator === "?" || operator === "!")) continue;
      expect(tokens[tokens.lastIndexOf(BOXED) + 1]).toBe(trueAnswer(asked));
    }
  });
});
