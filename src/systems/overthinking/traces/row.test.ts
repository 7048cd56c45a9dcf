import { expect, suite, test } from "vitest";
import { answerOfTrace } from "./final-answer.ts";
import { answerText, splitMarks } from "./marks.ts";
import { responseOf } from "./published.ts";
import { readTraces } from "./row.ts";

const thought = "3 + 4 is 7.\n\nWait, again: 7.";
const row = { problem: "What is 3 + 4?", expected_answer: "7" };
const read = (fields: Record<string, unknown>) => readTraces({ ...row, ...fields }, "row 1");

suite("readTraces: forms of reasoning", () => {
  test.each([
    ["think", `<think>\n${thought}\n</think>\n\nIt is \\boxed{7}.`],
    ["think", `${thought}\n</think>\n\nIt is \\boxed{7}.`],
    [
      "thought-tokens",
      `<|begin_of_thought|>\n\n${thought}\n\n<|end_of_thought|>\n\n<|begin_of_solution|>\n\nIt is \\boxed{7}.\n\n<|end_of_solution|>`,
    ],
    ["headings", `## Thinking\n\n${thought}\n\n## Final Response\n\nIt is \\boxed{7}.`],
  ])("%s", (format, response) => {
    const [trace] = read({ response });
    expect(trace).toMatchObject({ format, truncated: false });
    expect(trace!.reasoning.trimStart()).toBe(thought);
    expect(trace!.opening + trace!.reasoning + trace!.closing).toBe(response);
    expect(answerText(trace!.closing)).toBe("It is \\boxed{7}.");
    expect(answerOfTrace(trace!)).toBe("7");
  });

  test("without marks all of it is reasoning, and its end gives the answer", () => {
    const [trace] = read({ response: `${thought}\n\n**Final Answer**\n\n\\[ \\boxed{7} \\]` });
    expect(trace).toMatchObject({ format: "plain", closing: "", truncated: false });
    expect(answerOfTrace(trace!)).toBe("7");
  });

  test("a reasoning that does not end is cut off, and has no answer", () => {
    const [trace] = read({ response: `<think>\n${thought} So the answer is 7` });
    expect(trace).toMatchObject({ truncated: true, closing: "" });
    expect(answerOfTrace(trace!)).toBeNull();
  });

  test("marks in the middle of a text are no marks of its beginning", () => {
    expect(splitMarks("The tag <think> opens a thought.")).toMatchObject({ format: "plain" });
  });
});

suite("readTraces: shapes of rows", () => {
  const message = { content: "It is 7.", reasoning_content: thought };
  const completion = { model: "m", choices: [{ message, finish_reason: "stop" }], usage: { completion_tokens: 12 } };

  test.each([
    ["a row with the reply's fields", completion],
    ["a reply as the response", { response: completion }],
    ["a line of a batch's output", { custom_id: "a", response: { status_code: 200, body: completion } }],
  ])("OpenAI: %s", (_, fields) => {
    const [trace] = read(fields);
    expect(trace).toMatchObject({
      format: "separate",
      reasoning: thought,
      closing: "It is 7.",
      model: "m",
      reportedTokenCount: 12,
    });
  });

  test("OpenAI: <think> in the content, a limit that cut it, several choices", () => {
    const [first, second] = read({
      choices: [
        { message: { content: `<think>${thought}</think>It is 7.` }, finish_reason: "stop" },
        { message: { content: "", reasoning: thought }, finish_reason: "length" },
      ],
    });
    expect(first).toMatchObject({ id: "row 1 #1", format: "think", truncated: false, reportedTokenCount: null });
    expect(second).toMatchObject({ id: "row 1 #2", format: "separate", truncated: true });
  });

  test("the problem may stand in the request's last user message", () => {
    const request = { messages: [{ role: "user", content: "What is 3 + 4?" }] };
    expect(readTraces({ ...completion, request, expected: 7 }, "row 1")[0]).toMatchObject({
      problem: "What is 3 + 4?",
      expected: "7",
    });
    const messages = [...request.messages, { role: "assistant", content: `<think>${thought}</think>7` }];
    expect(readTraces({ messages, answer: "7" }, "row 1")[0]).toMatchObject({
      problem: "What is 3 + 4?",
      reasoning: thought,
    });
  });

  test("published: cuts, verdicts and clusters, with a cluster that is missing", () => {
    const [trace] = read({
      response: thought,
      correct: true,
      split_solutions: [
        { solution: "3 + 4 is 7.", correct: true, cluster: 0 },
        { solution: "Wait, again: 7.", correct: true, cluster: null },
      ],
      split_answers: ["7", "7"],
    });
    expect(trace!.solutions).toMatchObject([
      { text: "3 + 4 is 7.", correct: true, strategy: "0", answer: "7" },
      { text: "Wait, again: 7.", correct: true, strategy: null, answer: "7" },
    ]);
  });

  test("cuts without verdicts, a list of responses, other names of fields", () => {
    const [trace] = read({ response: thought, split_solutions: ["3 + 4 is 7.", "Wait, again: 7."] });
    expect(trace!.solutions).toMatchObject([{ correct: null, strategy: null }, { correct: null }]);
    const fields = {
      Question: "q",
      generation: [thought, "7"],
      ground_truth: "So it is 3 + 4 = 7, and the answer is 7.\nA: 7",
      Level: 2,
      unique_id: "x",
    };
    expect(readTraces(fields, "row 1")).toMatchObject([
      { id: "x #1", problem: "q", expected: "7", level: "2" },
      { id: "x #2", reasoning: "7" },
    ]);
  });

  test("labelled outputs of several models: one solution each", () => {
    const traces = readTraces(
      {
        question: "q",
        ground_truth: "A: 7",
        small: { is_correct: false, solution: "6\nA: 6" },
        large: { is_correct: true, solution: "A: 7" },
      },
      "row 1",
    );
    expect(traces).toMatchObject([
      { id: "row 1 small", model: "small", correct: false, solutions: [{ correct: false, answer: "6" }] },
      { id: "row 1 large", model: "large", correct: true, solutions: [{ correct: true, answer: "7" }] },
    ]);
  });

  test.each([
    ["no problem", { problem: undefined, response: thought }, "There is no problem"],
    ["no response", {}, "There is no response"],
    ["a response of numbers", { response: [1] }, "response: expected text, got a list of 1"],
    ["an empty reasoning", { response: "<think>\n\n</think>\n\n7" }, "response: the reasoning is empty"],
    ["a verdict in words", { response: thought, correct: "yes" }, 'correct: expected true or false, got "yes" (text)'],
    ["no cuts in the list of cuts", { response: thought, split_solutions: [] }, "split_solutions: is an empty list"],
    ["a cut without text", { response: thought, split_solutions: [{ correct: true }] }, "split_solutions[0]"],
  ])("refuses %s", (_, fields, message) => {
    expect(() => read(fields)).toThrow(message);
  });
});

test("responseOf puts back together what a server took apart", () => {
  const [trace] = read({ choices: [{ message: { content: "It is 7.", reasoning_content: thought } }] });
  const whole = responseOf({ ...trace!, solutions: [], answer: "7", answerTokenCount: 0 });
  expect(splitMarks(whole)).toMatchObject({ format: "think", reasoning: `\n${thought}` });
});
