import { expect, suite, test } from "vitest";
import { Random } from "../../core/random.ts";
import { fakeEndpoint } from "../../endpoint/fake-endpoint.fixtures.ts";
import { checkersOf } from "./judge/checkers.ts";
import { whitespaceCounter } from "./measure/count-tokens.ts";
import { figuresOfTrace } from "./measure/figures.ts";
import { prepareTrace, recutTrace } from "./prepare.ts";
import { xml } from "./segment/stages.fixtures.ts";
import { readTraces } from "./traces/row.ts";
import { LEVELS, renderPrompt, sampleProblem, trueSum } from "./world/problem.ts";
import { completionTokens, teach } from "./world/teacher.ts";
import { EOS } from "./world/vocabulary.ts";

const options = { checkers: checkersOf("maths"), counter: whitespaceCounter };

suite("prepareTrace", () => {
  test("traces of Sums: the teacher's solutions, verdicts and strategies", async () => {
    const rng = new Random("prepare");
    for (let index = 0; index < 100; index++) {
      const trace = teach(sampleProblem(rng, LEVELS[index % 5]!, "test"), rng);
      const response = completionTokens(trace).join("").replace(EOS, "");
      const row = { problem: renderPrompt(trace.problem), response, expected_answer: String(trueSum(trace.problem)) };
      const [read] = readTraces(row, "row 1");
      const { solutions, correct, answer } = await prepareTrace(read!, options);
      expect(solutions.map(({ text, ...rest }) => ({ ...rest, text: text.trim() }))).toMatchObject(
        trace.solutions.map(({ tokens, strategy, answer, correct }) => ({
          strategy,
          correct,
          answer: String(answer),
          text: tokens.join("").trim(),
        })),
      );
      expect([correct, answer]).toEqual([trace.answer === trueSum(trace.problem), String(trace.answer)]);
    }
  });

  test("what the row brings stays, what it lacks is made", async () => {
    const split_solutions = [
      { solution: "It is 6.", correct: false },
      { solution: "No, the answer is 7." },
      { solution: "Yes, 7.", cluster: 3 },
    ];
    const [read] = readTraces(
      { problem: "p", response: "It is 6. No, the answer is 7. Yes, 7.", expected_answer: "7", split_solutions },
      "row 1",
    );
    const { solutions, flags } = await prepareTrace(read!, options);
    expect(solutions).toMatchObject([
      { correct: false, strategy: null, tokenCount: 3 },
      { correct: true, strategy: null, answer: "7" },
      { correct: true, strategy: "3" },
    ]);
    expect(flags).toEqual(["unknown_strategy"]);
  });
});

suite("answers that no rule finds", () => {
  const [trace] = readTraces(
    {
      problem: "Which colour?",
      response: "<think>The leaves look green to me.</think>Green, then, like the leaves.",
      expected_answer: "green",
    },
    "row 1",
  );
  const model = (answer: string) =>
    fakeEndpoint((_, { request }) => {
      const system = "messages" in request ? String(request.messages[0]!.content) : "";
      if (/^You divide/.test(system)) return xml([1, 1, "green"]);
      return /^You are given a problem and the end/.test(system) ? answer : '{"result": true}';
    });

  test("a model reads them, and may say that there is none", async () => {
    expect(await prepareTrace(trace!, { ...options, endpoint: model("<answer>green</answer>") })).toMatchObject({
      answer: "green",
      correct: true,
    });
    expect(await prepareTrace(trace!, { ...options, endpoint: model("<answer>none</answer>") })).toMatchObject({
      answer: null,
      correct: false,
    });
    expect(await prepareTrace(trace!, { ...options, endpoint: model("I cannot tell") })).toMatchObject({
      answer: null,
    });
  });

  test("nobody is asked about a trace that was cut off, nor without a model", async () => {
    const endpoint = model("<answer>green</answer>");
    expect(await prepareTrace({ ...trace!, truncated: true, closing: "" }, { ...options, endpoint })).toMatchObject({
      answer: null,
    });
    expect(await prepareTrace(trace!, options)).toMatchObject({ answer: null, correct: false });
  });
});

suite("recutTrace", () => {
  const response = "Adding gives 7, so the answer is 7. Counting up: 4, 5, 6, 7. So the answer is 7.";
  const [trace] = readTraces({ problem: "3 + 4?", response, expected_answer: "7" }, "row 1");

  test("other cuts, other figures", async () => {
    const one = figuresOfTrace(await recutTrace(trace!, [], options))!;
    const two = figuresOfTrace(await recutTrace(trace!, [response.indexOf("Counting")], options))!;
    expect([one.solutionCount, one.outcome]).toEqual([1, 1]);
    expect([two.solutionCount, two.outcome]).toEqual([2, 8 / 19]);
  });

  test("cuts that do not rise, or lie outside, are refused", async () => {
    await expect(recutTrace(trace!, [20, 10], options)).rejects.toThrow("row 1: cuts at 20, 10 do not rise");
    await expect(recutTrace(trace!, [0], options)).rejects.toThrow("do not rise from 1");
    await expect(recutTrace(trace!, [500, 600], options)).rejects.toThrow("do not rise");
  });
});
