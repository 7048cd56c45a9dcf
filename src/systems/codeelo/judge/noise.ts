/**
 * How far verdicts can be trusted on this machine now: the same program judged again and again, without the cache.
 * A test whose verdict flips stands too near a limit; the share of such tests is the judge's noise.
 */
import { clopperPearson, type Interval } from "../../../core/statistics/index.ts";
import type { Problem, Program, TestResult, Verdict } from "../schemas.ts";
import type { Judge } from "./judge.ts";

export interface NoiseReport {
  repeatCount: number;
  testCount: number;
  /** Tests with more than one verdict. */
  flipped: { test: string; verdicts: Partial<Record<Verdict, number>>; cpuMs: number[] }[];
  flipShare: number;
  /** 95 %, Clopper-Pearson over tests. */
  flipInterval: Interval;
  /** Largest quotient of longest and shortest CPU time among tests of at least 10 ms. */
  cpuSpread: number;
}

/** Judges `repeatCount` times, all tests each time. */
export async function auditNoise(
  judge: Judge,
  problem: Problem,
  program: Program,
  { repeatCount = 5, signal }: { repeatCount?: number; signal?: AbortSignal } = {},
): Promise<NoiseReport> {
  const runs: TestResult[][] = [];
  for (let repeat = 0; repeat < repeatCount; repeat++) {
    const call = { fresh: true, allTests: true, ...(signal ? { signal } : {}) };
    runs.push((await judge.judge(problem, program, call)).tests);
  }
  const tests = problem.tests.map(({ name }, index) => {
    const results = runs.map((run) => run[index]!);
    const verdicts: Partial<Record<Verdict, number>> = {};
    for (const { verdict } of results) verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    return { test: name, verdicts, cpuMs: results.map(({ cpuMs }) => cpuMs) };
  });
  const flipped = tests.filter(({ verdicts }) => Object.keys(verdicts).length > 1);
  const spreads = tests.map(({ cpuMs }) => (Math.max(...cpuMs) < 10 ? 1 : Math.max(...cpuMs) / Math.min(...cpuMs)));
  return {
    repeatCount,
    testCount: tests.length,
    flipped,
    flipShare: tests.length ? flipped.length / tests.length : 0,
    flipInterval: clopperPearson(flipped.length, tests.length),
    cpuSpread: Math.max(1, ...spreads),
  };
}
