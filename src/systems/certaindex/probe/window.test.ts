import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { createProbeWindow } from "./window.ts";

const reading = (answer: string | null, isHesitant = false) => ({ answer, isHesitant });
const push = (answers: (string | null)[], settings: { window: number; threshold?: number }) => {
  const window = createProbeWindow(settings);
  return answers.map((answer) => window.push(reading(answer)));
};

suite("window consistency", () => {
  test("C_k = (1/w) of the last w answers that equal the last: worked by hand for w = 4", () => {
    const states = push(["a", "b", "a", "a", "a", "b"], { window: 4 });
    expect(states.map(({ consistency }) => consistency)).toEqual([undefined, undefined, undefined, 0.75, 0.75, 0.25]);
  });

  test("settles when all of the window agree, and not before it is full", () => {
    expect(push(["7", "7"], { window: 3 }).at(-1)!.isSettled).toBe(false);
    expect(push(["7", "7", "7"], { window: 3 }).at(-1)).toEqual({ consistency: 1, isSettled: true });
    expect(push(["7", "8", "7"], { window: 3 }).at(-1)!.isSettled).toBe(false); // the published helper would stop here
  });

  test("a threshold below one lets a part of the window differ", () => {
    expect(push(["7", "8", "7", "7"], { window: 4, threshold: 0.75 }).at(-1)!.isSettled).toBe(true);
    expect(push(["7", "8", "7", "7"], { window: 4, threshold: 0.8 }).at(-1)!.isSettled).toBe(false);
  });

  test("a single probe settles nothing, whatever the window", () => {
    expect(push(["7", "7", "7"], { window: 1 }).every(({ isSettled }) => !isSettled)).toBe(true);
  });

  test("answers are compared as mathematics", () => {
    expect(push(["0.5", "\\frac{1}{2}", "1/2"], { window: 3 }).at(-1)!.isSettled).toBe(true);
    const always = createProbeWindow({ window: 2 }, () => true);
    always.push(reading("cat"));
    expect(always.push(reading("dog")).isSettled).toBe(true);
  });

  test.each([
    ["an empty probe", reading(null)],
    ["a hesitating probe", reading("7", true)],
    ["a failed probe", null],
  ])("%s breaks the window, and is no answer", (_, broken) => {
    const window = createProbeWindow({ window: 2 });
    window.push(reading("7"));
    expect(window.push(broken)).toEqual({ consistency: 0, isSettled: false });
    expect(window.lastAnswer).toBe("7");
    expect(window.push(reading("7")).isSettled).toBe(false);
    expect(window.push(reading("7")).isSettled).toBe(true);
  });

  test("with a threshold of one, settled means: the last w are answers, and equal", () => {
    const answers = fc.array(fc.constantFrom("1", "2", null), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(answers, fc.integer({ min: 2, max: 4 }), (list, window) => {
        const last = list.slice(-window);
        const agree = last.length === window && last[0] !== null && new Set(last).size === 1;
        expect(push(list, { window }).at(-1)!.isSettled).toBe(agree);
      }),
    );
  });
});
