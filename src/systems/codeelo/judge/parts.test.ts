/** The parts of the judge that run nothing: points, turns, keys, faults. */
import { expect, suite, test } from "vitest";
import type { Outcome } from "../../../sandbox/index.ts";
import { Problem, type TestResult, type Verdict } from "../schemas.ts";
import { faultOf } from "./run-test.ts";
import { score } from "./scoring.ts";
import { createSlots } from "./slots.ts";
import { judgementKey } from "./verdict-cache.ts";

const result = (test: string, share: number, verdict: Verdict = share === 1 ? "OK" : "WRONG_ANSWER") =>
  ({ test, verdict, share }) as TestResult;

suite("points", () => {
  const problem = Problem.parse({
    id: "p",
    tests: ["a1", "a2", "b1", "c1", "c2"].map((name) => ({ name, input: "", answer: "", subtask: name[0] })),
    subtasks: [
      { name: "c", points: 50, scoring: "sum", requires: ["b"] },
      { name: "a", points: 20 },
      { name: "b", points: 30, scoring: "min", requires: ["a"] },
    ],
  });
  const points = (...shares: number[]) =>
    score(
      problem,
      problem.tests.map(({ name }, index) => result(name, shares[index]!)),
    ).subtasks.map((task) => task.points);

  test("all, min, sum; subtasks may stand in any order", () => {
    expect(points(1, 1, 1, 1, 1)).toEqual([50, 20, 30]);
    expect(points(1, 1, 1, 1, 0.5)).toEqual([37.5, 20, 30]);
    expect(points(1, 1, 0.5, 1, 1)).toEqual([0, 20, 15]); // c requires all of b
    expect(points(1, 0.9, 1, 1, 1)).toEqual([0, 0, 0]);
  });
  test("without subtasks the share of right tests counts, and the first failure is the verdict", () => {
    const plain = { ...problem, subtasks: [] };
    const tests = [
      result("a1", 1),
      result("a2", 0, "TIME_LIMIT_EXCEEDED"),
      result("b1", 0),
      result("c1", 1),
      result("c2", 1),
    ];
    expect(score(plain, tests)).toMatchObject({
      verdict: "TIME_LIMIT_EXCEEDED",
      failedTest: "a2",
      points: 0.6,
      maxPoints: 1,
    });
  });
  test("subtasks that require each other count nothing", () => {
    const circle = {
      ...problem,
      subtasks: [
        { name: "a", points: 5, scoring: "all" as const, requires: ["b"] },
        { name: "b", points: 5, scoring: "all" as const, requires: ["a"] },
      ],
    };
    expect(
      score(
        circle,
        problem.tests.map(({ name }) => result(name, 1)),
      ).points,
    ).toBe(0);
  });
});

suite("turns", () => {
  test("as many at once as there are slots; one alone has them all; first come, first served", async () => {
    const slots = createSlots([0, 1]);
    const log: string[] = [];
    let running = 0;
    const work = (name: string, most: number) => async (core: number | undefined) => {
      running++;
      expect(running).toBeLessThanOrEqual(most);
      expect([0, 1]).toContain(core);
      log.push(name);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running--;
    };
    await Promise.all([
      slots.run(work("a", 2)),
      slots.run(work("b", 2)),
      slots.runAlone(work("alone", 1)),
      slots.run(work("c", 2)),
      slots.run(work("d", 2)),
    ]);
    expect(log).toEqual(["a", "b", "alone", "c", "d"]);
  });
  test("a slot comes back from work that throws", async () => {
    const slots = createSlots([undefined]);
    await expect(slots.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await slots.run(async () => "yes")).toBe("yes");
  });
});

suite("what the run alone says", () => {
  const outcome = (change: Partial<Outcome>) =>
    ({ status: "exited", exitCode: 0, cpuMs: 5, stderr: Buffer.alloc(0), ...change }) as Outcome;
  test.each<[Partial<Outcome>, Verdict | undefined]>([
    [{}, undefined],
    [{ cpuMs: 101 }, "TIME_LIMIT_EXCEEDED"],
    [{ cpuMs: 99 }, undefined],
    [{ exitCode: 1 }, "RUNTIME_ERROR"],
    [{ exitCode: 1, stderr: Buffer.from("Traceback\nMemoryError\n") }, "MEMORY_LIMIT_EXCEEDED"],
    [{ status: "signaled", stderr: Buffer.from("what():  std::bad_alloc") }, "MEMORY_LIMIT_EXCEEDED"],
    [{ status: "signaled" }, "RUNTIME_ERROR"],
    [{ status: "cpu-limit" }, "TIME_LIMIT_EXCEEDED"],
    [{ status: "wall-limit" }, "TIME_LIMIT_EXCEEDED"],
    [{ status: "idle-limit" }, "IDLENESS_LIMIT_EXCEEDED"],
    [{ status: "memory-limit" }, "MEMORY_LIMIT_EXCEEDED"],
    [{ status: "output-limit" }, "OUTPUT_LIMIT"],
    [{ status: "security" }, "SECURITY_VIOLATED"],
  ])("%o", (change, verdict) => expect(faultOf(outcome(change), 100)).toBe(verdict));
});

test("the key follows what decides, and nothing else", () => {
  const problem = Problem.parse({ id: "p", tests: [{ name: "1", input: "1", answer: "2" }] });
  const program = { language: "cpp" as const, source: "x", files: {} };
  const stamp = { language: "cpp" as const, version: "g++ 12", command: "g++", sandbox: "s", isComparable: true };
  const key = (p = problem, q = program, s = stamp) => judgementKey(p, q, s, null);
  expect(key({ ...problem, title: "other", statement: "other" })).toBe(key());
  const changes = [
    key({ ...problem, timeLimitMs: 1 }),
    key({ ...problem, tests: [{ ...problem.tests[0]!, answer: "3" }] }),
    key({ ...problem, checker: { kind: "exact" } }),
    key(problem, { ...program, source: "y" }),
    key(problem, program, { ...stamp, version: "g++ 13" }),
  ];
  expect(new Set([key(), ...changes]).size).toBe(6);
});
