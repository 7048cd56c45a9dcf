import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { fakeEndpoint } from "../../../endpoint/fake-endpoint.fixtures.ts";
import { LEVELS, sampleProblem, trueSum } from "../world/problem.ts";
import { completionTokens, teach } from "../world/teacher.ts";
import { EOS } from "../world/vocabulary.ts";
import { earlyExitFigures, measureEarlyExit } from "./measure.ts";
import { agreement, solveEarly } from "./solve.ts";
import { watchReasoning } from "./watch.ts";

const solutions = [
  "She has 9 eggs left and sells each for $2, so the answer is 18.",
  "Wait, let me double-check that by counting all of it again from the start: nine and nine. So the answer is 18.",
  "Alternatively, count what all sixteen bring, less what is eaten: 32 less 14. So the answer is 18.",
];
const ask = [{ role: "user" as const, content: "How much?" }];
const thinking = (texts: readonly string[], answer: string) =>
  `<think>\n${texts.join("\n\n")}\n</think>\n\nIt is \\boxed{${answer}}.`;

suite("solveEarly", () => {
  test("leaves when two solutions agree: the third is never read", async () => {
    const endpoint = fakeEndpoint(() => thinking(solutions, "18"));
    const reply = await solveEarly(endpoint, ask);
    expect(reply).toMatchObject({ answer: "18", stoppedEarly: true, solutionCount: 2, text: "" });
    expect(reply.reasoning).not.toContain("sixteen");
    expect(reply.tokenCount).toBeLessThan(thinking(solutions, "18").split(/\s+/).length - 15);
  });

  test("goes on while solutions disagree, and takes the answer that is confirmed", async () => {
    const wrong = solutions[0]!.replace("18", "16");
    const reply = await solveEarly(
      fakeEndpoint(() => thinking([wrong, ...solutions.slice(1), "So it is 18."], "18")),
      ask,
    );
    expect(reply).toMatchObject({ answer: "18", stoppedEarly: true, solutionCount: 3 });
  });

  test("without agreement the model's own end stands", async () => {
    const reply = await solveEarly(
      fakeEndpoint(() => thinking(solutions.slice(0, 1), "19")),
      ask,
    );
    expect(reply).toMatchObject({ answer: "19", stoppedEarly: false, text: "It is \\boxed{19}." });
  });

  test("more agreement can be asked for", async () => {
    const endpoint = fakeEndpoint(() => thinking([...solutions, "And so it is."], "18"));
    expect(await solveEarly(endpoint, ask, { agreeing: 3 })).toMatchObject({ stoppedEarly: true, solutionCount: 3 });
    expect(await solveEarly(endpoint, ask, { agreeing: 4 })).toMatchObject({ stoppedEarly: false, answer: "18" });
  });

  test("the model may write the end itself, after the reasoning as it was cut", async () => {
    const endpoint = fakeEndpoint((count) => (count === 1 ? thinking(solutions, "18") : "So \\boxed{18} dollars."));
    const reply = await solveEarly(endpoint, ask, { finish: "model" });
    expect(reply).toMatchObject({ answer: "18", stoppedEarly: true, text: "So \\boxed{18} dollars." });
    const { prefill } = endpoint.calls[1]!.request as unknown as { prefill: string };
    expect(prefill).toBe(`<think>${reply.reasoning}</think>`);
  });

  test("agreement is of values, not of spellings", () => {
    expect(agreement(["1/2", "3", "0.5"], 2)).toBe("0.5");
    expect(agreement(["1/2", "3"], 2)).toBeNull();
    expect(agreement([], 2)).toBeNull();
  });
});

test("watchReasoning tells an answer only when its step is whole", () => {
  const watcher = watchReasoning();
  expect(watcher.push("Nine times two is 18, so the answer is 1")).toBeNull();
  expect(watcher.push("8.")).toBeNull();
  expect(watcher.push("\n\nWait")).toEqual(["18"]);
  const sums = watchReasoning();
  expect(sums.push("\n1) add up: ① 17 ② + 25 = 42 → 4")).toBeNull();
  expect(sums.push("2")).toBeNull();
  expect(sums.push("\n2) ")).toEqual(["42"]);
  expect(sums.push("wait, check: ① 17 → 42 (same)")).toEqual(["42", "42"]);
});

test("on traces of Sums: the figures are those of the teacher cut at its first agreement", async () => {
  const rng = new Random("early-exit");
  const traces = Array.from({ length: 40 }, (_, index) => teach(sampleProblem(rng, LEVELS[index % 5]!, "test"), rng));
  const texts = new Map(
    traces.map((trace) => [`${trace.problem.addends.join("+")}=`, completionTokens(trace).join("").replace(EOS, "")]),
  );
  const endpoint = fakeEndpoint((_, { request }) =>
    "messages" in request ? texts.get(String(request.messages[0]!.content))! : "",
  );
  const rows = await measureEarlyExit(
    endpoint,
    traces.map(({ problem }) => problem),
  );
  for (const [index, { early, full }] of rows.entries()) {
    const { solutions: taught, problem, answer } = traces[index]!;
    const agreed = taught.findIndex(({ answer: said }, at) =>
      taught.slice(0, at).some((earlier) => earlier.answer === said),
    );
    if (agreed === -1) continue; // no room for a second opinion
    const kept = { solutions: taught.slice(0, agreed + 1), answer: taught[agreed]!.answer };
    expect(early).toEqual({
      correct: kept.answer === trueSum(problem),
      tokenCount: completionTokens(kept).length,
      stoppedEarly: true,
    });
    expect(full.correct).toBe(answer === trueSum(problem));
  }
  expect(earlyExitFigures(rows).accuracyChange.value).toBe(0);
});
