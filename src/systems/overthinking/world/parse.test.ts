import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { judgeSolutions, parseTrace } from "./parse.ts";
import { LEVELS, sampleProblem } from "./problem.ts";
import { completionTokens, teach } from "./teacher.ts";
import { VOCABULARY } from "./vocabulary.ts";

const sound =
  "<think>\n1) add up: ① 17 ② + 25 = 42 → 42\n2) wait, check: ① 17 → 42 (same)</think><answer>42</answer></s>";

suite("parseTrace", () => {
  test("gives back the teacher's cuts, strategies, answers and token counts", () => {
    const rng = new Random("parse");
    for (let index = 0; index < 2000; index++) {
      const trace = teach(sampleProblem(rng, LEVELS[index % 5]!, "train"), rng);
      const tokens = completionTokens(trace);
      const parsed = parseTrace(tokens.join(""));
      expect(parsed).toMatchObject({ answer: trace.answer, tokenCount: tokens.length, truncated: false, faults: [] });
      expect(parsed.solutions.map(({ text, strategy, answer }) => ({ text, strategy, answer }))).toEqual(
        trace.solutions.map(({ tokens, strategy, answer }) => ({ text: tokens.join(""), strategy, answer })),
      );
      expect(judgeSolutions(parsed, trace.problem)).toEqual(
        trace.solutions.map(({ tokens, strategy, correct }) => ({ tokenCount: tokens.length, strategy, correct })),
      );
    }
  });

  test.each([
    ["a missing start", sound.replace("<think>", ""), 'expected <think> first, found "\\n1) "'],
    ["a missing end", sound.slice(0, sound.indexOf("</think>")), "no </think>: the thinking does not end"],
    ["no thinking", "<think></think><answer>42</answer>", "the thinking is empty"],
    ["a wrong number of the solution", sound.replace("\n2) ", "\n3) "), "solution 2 is numbered 3)"],
    ["an unknown strategy", sound.replace("add up:", "tens"), 'solution 1 begins with no strategy: "tens ①'],
    ["a broken form", sound.replace("② + 25 = 42", "② + 25 42"), 'solution 1 does not have the form of "add up:"'],
    ["a missing verdict", sound.replace(" (same)", ""), "solution 2 ends without (same) or (differs)"],
    ["a verdict too early", sound.replace("→ 42\n", "→ 42 (same)\n"), "solution 1 has a verdict"],
    [
      "no stated answer",
      sound.replace("① 17 → 42 (same)", "① 17"),
      'solution 2 states no answer: "2) wait, check: ① 17"',
    ],
    ["an answer from nowhere", sound.replace("<answer>42", "<answer>43"), "the answer 43 is not that of any solution"],
    [
      "no number in the answer",
      sound.replace("<answer>42", "<answer>"),
      "expected <answer>number</answer> after the thinking",
    ],
  ])("names %s", (_, text, fault) => {
    expect(parseTrace(text).faults.join("\n")).toContain(fault);
  });

  test("a stretch without an answer belongs to the next solution, at the end to the last one", () => {
    const restart = parseTrace(sound.replace("\n1) ", "\n1) tens: ① 1\n2) ").replace("\n2) wait", "\n3) wait"));
    expect(restart.solutions.map(({ strategy, tokenCount }) => [strategy, tokenCount])).toEqual([
      ["full", 15 + 4],
      ["check", 9],
    ]);
    const cut = parseTrace(sound.slice(0, sound.indexOf(" → 42 (same)")));
    expect(cut).toMatchObject({ truncated: true, answer: null });
    expect(cut.solutions).toMatchObject([{ strategy: "full", answer: 42, tokenCount: 15 + 5 }]);
  });

  test("is total: any tokens, and any text, give solutions whose tokens are those of the thinking", () => {
    const anything = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.constantFrom(...VOCABULARY), { maxLength: 60 }).map((tokens) => `<think>${tokens.join("")}`),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const { solutions, answer, tokenCount, faults } = parseTrace(text);
        const inSolutions = solutions.reduce((total, solution) => total + solution.tokenCount, 0);
        expect(inSolutions).toBeLessThanOrEqual(tokenCount);
        if (answer === null) expect(faults).not.toEqual([]);
      }),
      { numRuns: 3000 },
    );
  });
});
