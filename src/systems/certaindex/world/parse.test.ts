import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { isRightSoFar, parseProbe, parsePrompt, parseTrace } from "./parse.ts";
import { CLASSES, sampleQuestion, trueAnswer, trueStates } from "./question.ts";
import { drawRechecks, renderPrompt, teach } from "./teacher.ts";
import { VOCABULARY } from "./vocabulary.ts";

const question = parsePrompt("<s>3①+4②*7③-2=<fast>")!.question;

suite("parseTrace", () => {
  test("gives back the teacher's passes, states and answer", () => {
    const rng = new Random("parse");
    for (let index = 0; index < 300; index++) {
      const asked = sampleQuestion(rng, { class: CLASSES[index % 3]!, split: "train" });
      const mode = index % 2 ? "think" : "fast";
      const trace = teach(asked, mode, rng, { recheckCount: mode === "think" ? drawRechecks(asked, rng) : 0 });
      const { passes, answer, faults } = parseTrace(trace.tokens.join(""));
      expect(faults).toEqual([]);
      expect(passes.map((pass) => pass.length)).toEqual(Array(trace.passCount).fill(asked.operations.length));
      expect(
        passes
          .flat()
          .map(({ operator, digit }) => ({ operator, digit }))
          .slice(0, asked.operations.length),
      ).toEqual(asked.operations);
      expect(answer).toBe(String(trace.answer));
    }
  });
  test.each([
    ["a step out of turn", "②*7=9\\boxed{9}", "pass 1: expected step 1, found 2"],
    ["a step cut off", "①+4=", 'expected a step at token 1, found "①+4="'],
    ["no answer", "①+4=7", "no whole \\boxed{digit}"],
    ["two digits in the box", "①+4=7\\boxed{77}", "no whole \\boxed{digit}"],
    ["words", "①+4=7 so nine", 'expected a step at token 5, found " so "'],
  ])("names %s", (_, text, fault) => {
    expect(parseTrace(text).faults.join("\n")).toContain(fault);
  });
  test("is total: any tokens and any text give a result, and a digit or none", () => {
    const anything = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.constantFrom(...VOCABULARY), { maxLength: 60 }).map((tokens) => tokens.join("")),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const { answer, faults } = parseTrace(text);
        expect(answer === null || /^\d$/.test(answer)).toBe(true);
        if (answer === null) expect(faults).not.toEqual([]);
        isRightSoFar(question, text);
        parseProbe(text);
      }),
      { numRuns: 400 },
    );
  });
});

suite("prompts", () => {
  test("are read back", () => {
    const rng = new Random("prompts");
    for (let index = 0; index < 200; index++) {
      const asked = sampleQuestion(rng, { class: CLASSES[index % 3]!, split: "test" });
      expect(parsePrompt(renderPrompt(asked, "think"))).toEqual({ question: asked, mode: "think" });
    }
  });
  test("other texts are none", () => {
    for (const text of ["3+4=<fast>", "<s>3②+4=<fast>", "<s>3①+4=", "<s>3①+4=<fast>①", "<s>12①+4=<fast>"])
      expect(parsePrompt(text)).toBeNull();
  });
});

suite("isRightSoFar", () => {
  test.each([
    ["", true],
    ["①+4=7", true],
    ["①+4=7②*7=9", true],
    ["①+4=8", false],
    ["①+4=8②*7=6", false],
    ["①+4=7②*7=9③-2=7\\boxed{7}", true],
    ["①+4=7②*7=9③-2=7\\boxed{8}", false],
  ])("%s", (text, expected) => {
    expect(isRightSoFar(question, text)).toBe(expected);
  });
  test("a broken question is wrong from its odd operator on", () => {
    const broken = parsePrompt("<s>8①+1②!3=<fast>")!.question;
    expect(trueStates(broken)).toEqual([9, 2]);
    expect([isRightSoFar(broken, "①+1=9"), isRightSoFar(broken, "①+1=9②!3=6")]).toEqual([true, false]);
    expect(trueAnswer(broken)).toBe("2");
  });
});
