/** Points: of subtasks where a problem has them, else the share of right tests. */
import type { Judgement, Problem, Subtask, TestResult, Verdict } from "../schemas.ts";

type Points = Pick<Judgement, "verdict" | "failedTest" | "points" | "maxPoints" | "subtasks">;

/** @param tests in the problem's order; those that were not run are SKIPPED */
export function score(problem: Problem, tests: readonly TestResult[]): Points {
  const failed = tests.find(({ verdict }) => verdict !== "OK");
  const verdict: Verdict = failed?.verdict ?? "OK";
  const whole = { verdict, failedTest: failed?.test ?? null };
  if (problem.subtasks.length === 0) {
    const right = tests.reduce((total, { share }) => total + share, 0);
    return { ...whole, points: tests.length ? right / tests.length : 0, maxPoints: 1, subtasks: [] };
  }
  const shares = new Map<string, number>();
  for (const subtask of inOrder(problem.subtasks)) {
    const isOpen = subtask.requires.every((name) => shares.get(name) === 1);
    shares.set(subtask.name, isOpen ? shareOf(subtask, problem, tests) : 0);
  }
  const subtasks = problem.subtasks.map(({ name, points }) => ({
    name,
    points: points * shares.get(name)!,
    maxPoints: points,
  }));
  const sum = (key: "points" | "maxPoints") => subtasks.reduce((total, subtask) => total + subtask[key], 0);
  return { ...whole, points: sum("points"), maxPoints: sum("maxPoints"), subtasks };
}

function shareOf({ name, scoring }: Subtask, problem: Problem, tests: readonly TestResult[]): number {
  const own = tests.filter((_, index) => problem.tests[index]!.subtask === name).map(({ share }) => share);
  if (own.length === 0) return 0;
  const worst = Math.min(...own);
  if (scoring === "sum") return own.reduce((total, share) => total + share, 0) / own.length;
  return scoring === "min" ? worst : worst === 1 ? 1 : 0;
}

/** Subtasks after those they require. A circle has no first: its members keep their order, and count nothing. */
export function inOrder(subtasks: readonly Subtask[]): Subtask[] {
  const ordered: Subtask[] = [];
  let waiting = [...subtasks];
  while (waiting.length > 0) {
    const known = new Set(ordered.map(({ name }) => name));
    const ready = waiting.filter(({ requires }) => requires.every((name) => known.has(name)));
    if (ready.length === 0) return [...ordered, ...waiting];
    ordered.push(...ready);
    waiting = waiting.filter((subtask) => !ready.includes(subtask));
  }
  return ordered;
}
