import { expect, test } from "vitest";
import { checkText } from "../solve.ts";
import { promptIds } from "../tokenizer.ts";
import { renderPrompt, splitOf } from "../world/problem.ts";
import { encodeSumsPair, validationFigures, validationProblems } from "./train-arm.ts";

test("a pair begins with exactly what the model is given, and ends with the end of the sequence", () => {
  const problem = { addends: [17, 25] };
  const row = {
    id: "1",
    kind: "fcs" as const,
    prompt: renderPrompt(problem),
    chosen: "<think>\n1) add up: ① 17 ② + 25 = 42 → 42</think><answer>42</answer>",
    rejected: "<think>\n1) add up: ① 17 ② + 25 = 42 → 42\n2) wait, check: ① 17 → 42 (same)</think><answer>42</answer>",
    chosenTokenCount: 0,
    rejectedTokenCount: 0,
    chosenSolutionCount: 1,
    rejectedSolutionCount: 2,
  };
  const { chosen, rejected } = encodeSumsPair(row, 0);
  const prompt = promptIds(problem);
  for (const { tokens, trained } of [chosen, rejected]) {
    expect(tokens.slice(0, prompt.length)).toEqual(prompt);
    expect(trained.indexOf(true)).toBe(prompt.length);
    expect(tokens.at(-1)).toBe(2); // </s>
  }
});

test("validation problems are of their own side of the split", () => {
  const problems = validationProblems(50, 3);
  expect(problems).toHaveLength(50);
  for (const problem of problems) expect(splitOf(problem)).toBe("validation");
});

test("validation counts every token that was written", () => {
  const solved = [
    checkText({ addends: [1, 2] }, "<think></think><answer>3</answer>"),
    checkText({ addends: [1, 2] }, "7"),
  ];
  expect(validationFigures(solved)).toEqual({ accuracy: 0.5, tokenCount: (5 + 1) / 2, problemCount: 2 });
});
