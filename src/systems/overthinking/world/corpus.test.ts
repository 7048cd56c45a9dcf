import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { type Lesson, lesson } from "./corpus.ts";
import { levelOf, splitOf, trueSum } from "./problem.ts";
import { ROUND_MARKERS } from "./vocabulary.ts";

const lessons = Array.from({ length: 1500 }, (_, index) => lesson(new Random("corpus"), index));
const untaught = ({ tokens, trained }: Lesson) => tokens.filter((_, at) => !trained[at]).join("");

suite("corpus", () => {
  test("a lesson is a function of its index, its level takes turns, its problem is for training", () => {
    expect(lesson(new Random("corpus"), 1234)).toEqual(lessons[1234]);
    expect(lessons.slice(0, 6).map(({ problem }) => levelOf(problem))).toEqual([1, 2, 3, 4, 5, 1]);
    expect(lessons.every(({ problem }) => splitOf(problem) === "train")).toBe(true);
    expect(lessons.filter(({ kind }) => kind === "drill").length).toBeCloseTo(750, -2);
  });

  test("of a trace everything but the prompt is taught, of a drill all but the choice of strategy", () => {
    for (const one of lessons) {
      const prompt = one.tokens.slice(0, one.tokens.indexOf("<think>")).join("");
      if (one.kind === "trace") expect(untaught(one)).toBe(prompt);
      if (one.kind === "drill")
        expect(untaught(one)).toBe(prompt + one.tokens[one.tokens.indexOf(ROUND_MARKERS[0]!) + 1]);
    }
  });

  test("of a shaky trace the slips are not taught, and nothing else", () => {
    const shaky = lessons.filter(({ kind }) => kind === "shaky");
    const wrong = shaky.filter(({ tokens, problem }) => {
      const text = tokens.join("");
      return !text.slice(0, text.indexOf("\n2)")).endsWith(` → ${trueSum(problem)}`);
    });
    expect(wrong.length / shaky.length).toBeGreaterThan(0.3); // many first solutions are wrong
    for (const one of shaky) {
      const think = one.tokens.indexOf("<think>");
      const hidden = one.tokens.filter((_, at) => at >= think && !one.trained[at]);
      expect(hidden.join("")).toMatch(/^\d*$/); // only digits of slipped results
    }
    expect(shaky.some((one) => untaught(one).length > 20)).toBe(true);
  });
});
