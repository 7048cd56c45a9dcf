/** Attempts of a scripted model before a scripted judge: what counts, what is missing, what is not done twice. */
import { expect, suite, test } from "vitest";
import { AuthError, OverloadedError } from "../../../endpoint/errors.ts";
import { fakeEndpoint } from "../../../endpoint/fake-endpoint.fixtures.ts";
import { LoadedProblem } from "../datasets/loaded-problem.ts";
import type { Judge } from "../judge/judge.ts";
import type { Judgement, Verdict } from "../schemas.ts";
import { promptOf } from "./prompt.ts";
import { publishedSampling, type RunModelOptions, runModel } from "./run-model.ts";
import { type Attempt, attemptKey } from "./schemas.ts";
import { summarizeRun } from "./tables.ts";

const problem = (id: string, extra: object = {}) =>
  LoadedProblem.parse({
    problem: {
      id,
      title: id.toUpperCase(),
      statement: "Double it.",
      rating: 900,
      tags: ["math"],
      tests: [{ name: "t1", input: "1\n", answer: "2\n", isSample: true }],
    },
    isComplete: true,
    ...extra,
  });

/** Finds the verdict in the program: `// OK`. */
function scriptedJudge(seen: string[] = []): Judge {
  return {
    async judge({ id }: { id: string }, { source }: { source: string }) {
      seen.push(source);
      const verdict = /\/\/ (\w+)/.exec(source)![1] as Verdict;
      const failed = verdict === "OK" ? null : "t1";
      return {
        problem: id,
        verdict,
        failedTest: failed,
        tests: [],
        compiler: "line 1: no",
        cpuMs: 3,
      } as unknown as Judgement;
    },
  } as unknown as Judge;
}

const answer = (verdict: string) => `Think.\n\`\`\`cpp\n// ${verdict}\n\`\`\``;

function options(given: Partial<RunModelOptions>): RunModelOptions {
  return {
    problems: [problem("a")],
    endpoint: fakeEndpoint(() => answer("OK")),
    judge: scriptedJudge(),
    attempts: 3,
    language: "cpp",
    sampling: publishedSampling,
    untilAccepted: false,
    concurrency: 2,
    known: new Map(),
    onAttempt: () => {},
    signal: new AbortController().signal,
    ...given,
  };
}

suite("runModel", () => {
  test("every attempt is judged, in the order of problems and attempts", async () => {
    const endpoint = fakeEndpoint((count) => answer(count % 2 === 0 ? "OK" : "WRONG_ANSWER"));
    const attempts = await runModel(options({ problems: [problem("a"), problem("b")], endpoint }));
    expect(attempts.map(attemptKey)).toEqual(["a#0", "a#1", "a#2", "b#0", "b#1", "b#2"]);
    expect(attempts.filter(({ accepted }) => accepted).length).toBe(3);
    expect(attempts[0]).toMatchObject({ language: "cpp", choice: "last block", cpuMs: 3 });
  });
  test("an endpoint that fails is no wrong answer, and an answer without code is one", async () => {
    const endpoint = fakeEndpoint((count) => {
      if (count === 1) throw new OverloadedError("busy");
      return count === 2 ? "I do not know." : answer("FAILED");
    });
    const attempts = await runModel(options({ endpoint }));
    const outcomes = attempts.map(({ accepted, verdict, reason }) => [accepted, verdict, reason]);
    expect(outcomes.sort()).toEqual(
      [
        [null, null, "busy"],
        [false, null, "no code"],
        [null, "FAILED", ""],
      ].sort(),
    );
  });
  test("a wrong key ends the run at once", async () => {
    const endpoint = fakeEndpoint(() => {
      throw new AuthError("no such key");
    });
    const many = Array.from({ length: 50 }, (_, index) => problem(`p${index}`));
    await expect(runModel(options({ problems: many, endpoint }))).rejects.toThrow("no such key");
    expect(endpoint.calls.length).toBeLessThan(10);
  });
  test("known attempts are not made again, missing ones are", async () => {
    const first = await runModel(options({}));
    const known = new Map<string, Attempt>(first.map((one) => [attemptKey(one), one]));
    known.set("a#1", { ...first[1]!, accepted: null });
    const endpoint = fakeEndpoint(() => answer("OK"));
    const told: Attempt[] = [];
    const again = await runModel(options({ endpoint, known, onAttempt: (one) => told.push(one) }));
    expect([endpoint.calls.length, told.map(({ attempt }) => attempt)]).toEqual([1, [1]]);
    expect(again.every(({ accepted }) => accepted)).toBe(true);
  });
  test("a problem is left once it is solved, if so wished", async () => {
    const endpoint = fakeEndpoint((count) => answer(count === 2 ? "OK" : "WRONG_ANSWER"));
    const attempts = await runModel(options({ endpoint, untilAccepted: true, attempts: 8 }));
    expect(attempts.map(({ accepted }) => accepted)).toEqual([false, true]);
  });
  test("functions are asked for as such, and judged as programs", async () => {
    const seen: string[] = [];
    const endpoint = fakeEndpoint(() => "```python\nclass Solution:\n    pass\n# // OK\n```");
    const functional = problem("f", { entryPoint: "twoSum", starterCode: "class Solution:" });
    await runModel(options({ problems: [functional], endpoint, judge: scriptedJudge(seen), attempts: 1 }));
    expect(seen[0]).toContain('getattr(Solution(), "twoSum")');
    const content = String(promptOf(functional, "cpp")[0]!.content);
    expect(content).toContain("Write the Python method `twoSum`");
    expect(content).toContain("Input:\n```\n1\n```\nOutput:\n```\n2\n```");
  });
});

test("tables: pass@k by class and tag, missing problems in no figure", async () => {
  const problems = [problem("a"), problem("b"), problem("c", { division: "Div. 2" })];
  const endpoint = fakeEndpoint((count) => answer(count <= 2 ? "OK" : "WRONG_ANSWER"));
  const attempts = await runModel(options({ problems, endpoint, attempts: 2, concurrency: 1 }));
  const missing = attempts.map((one) => (one.problem === "c" ? { ...one, accepted: null } : one));
  const summary = summarizeRun(problems, missing, { ks: [1, 2, 4], tagSize: 2 });
  expect(summary.missing).toEqual(["c"]);
  // a: 2 of 2, b: 0 of 2
  expect(summary.all).toMatchObject({
    problems: 2,
    pass: [{ value: { value: 0.5 } }, { value: { value: 0.5 } }, { value: null }],
  });
  expect(summary.classes.map(({ group }) => group)).toEqual(["easy"]);
  expect(summary.tags).toMatchObject([{ group: "math", problems: 2 }]);
  expect(summary.verdicts).toEqual({ WRONG_ANSWER: 4, OK: 2 });
});
