/**
 * The judge held to the truth: every known program of every problem is judged, and its verdict compared with the ones
 * that are right for it. Source: section 6 B of the specification.
 */
import type { Judge } from "../judge/judge.ts";
import type { Judgement, Problem, Verdict } from "../schemas.ts";

export interface TruthPair {
  problem: string;
  program: string;
  language: string;
  fault: string;
  expected: Verdict[];
  verdict: Verdict;
  /** Of the test that decided: why. */
  message: string;
}

export interface TruthReport {
  pairs: TruthPair[];
  /** Wrong programs that were accepted. */
  falseAccepts: TruthPair[];
  /** Right programs that were rejected. */
  falseRejects: TruthPair[];
  /** Rejected, but for a reason that is not theirs. */
  misnamed: TruthPair[];
  /** Rows: kinds of fault; columns: verdicts. */
  confusion: Record<string, Partial<Record<Verdict, number>>>;
  /** Programs that take too long or too much memory. */
  limited: TruthPair[];
  /** Those of them whose verdict says so. */
  limitedAndTold: TruthPair[];
}

/** @param onPair called as each pair is judged */
export async function tellTruth(
  judge: Judge,
  problems: readonly Problem[],
  { onPair, signal, fresh = false }: { onPair?(pair: TruthPair): void; signal?: AbortSignal; fresh?: boolean } = {},
): Promise<TruthReport> {
  const jobs = problems.flatMap((problem) => problem.solutions.map((known) => ({ problem, known })));
  const pairs: TruthPair[] = new Array(jobs.length);
  let next = 0;
  // As many programs under way as keep the slots busy: compiling and checking fall between the tests.
  const worker = async () => {
    while (next < jobs.length) {
      const index = next++;
      const { problem, known } = jobs[index]!;
      const judgement = await judge.judge(problem, known.program, { fresh, ...(signal ? { signal } : {}) });
      const { name, fault, expected, program } = known;
      const pair = { problem: problem.id, program: name, language: program.language, fault, expected };
      pairs[index] = { ...pair, verdict: judgement.verdict, message: messageOf(judgement) };
      onPair?.(pairs[index]);
    }
  };
  await Promise.all(Array.from({ length: 2 * judge.workerCount }, worker));
  return summarize(pairs);
}

function messageOf({ tests, failedTest, compiler, verdict }: Judgement): string {
  if (verdict === "COMPILATION_ERROR") return compiler.split("\n").at(-1) ?? "";
  const failed = tests.find(({ test }) => test === failedTest);
  return failed ? `test ${failed.test}: ${failed.message}` : "";
}

/** Counts what was right. */
export function summarize(pairs: TruthPair[]): TruthReport {
  const confusion: TruthReport["confusion"] = {};
  for (const { fault, verdict } of pairs) {
    confusion[fault] ??= {};
    confusion[fault][verdict] = (confusion[fault][verdict] ?? 0) + 1;
  }
  const isRight = ({ expected, verdict }: TruthPair) => expected.includes(verdict);
  const isGood = ({ expected }: TruthPair) => expected.includes("OK");
  const limited = pairs.filter(({ fault }) => ["slow", "infinite-loop", "memory-hog"].includes(fault));
  return {
    pairs,
    falseAccepts: pairs.filter((pair) => !isGood(pair) && pair.verdict === "OK"),
    falseRejects: pairs.filter((pair) => isGood(pair) && pair.verdict !== "OK"),
    misnamed: pairs.filter((pair) => !isGood(pair) && pair.verdict !== "OK" && !isRight(pair)),
    confusion,
    limited,
    limitedAndTold: limited.filter(isRight),
  };
}
