/** One test of one program: run, verdict by what became of it, and only then the checker. */

import type { Outcome } from "../../../sandbox/index.ts";
import type { CheckResult } from "../checkers/compare.ts";
import type { Check } from "../checkers/open-check.ts";
import type { Problem, TestCase, TestResult, Verdict } from "../schemas.ts";
import type { Executable, RunOptions } from "./compile.ts";
import { runInteractive } from "./interactive.ts";
import type { Slots } from "./slots.ts";

export interface TestTools {
  slots: Slots;
  executable: Executable;
  interactor: Executable | undefined;
  check: Check;
}

const mebibyte = 2 ** 20;
/** Characters of output and standard error that a result keeps. */
const keptCharacters = 2000;
/** A time this near the limit, to either side, is measured again alone: neighbours slow a program. */
const nearShare = 0.2;
const mostRuns = 3;

/** What one run gives; the judge decides whether it stands. */
export interface TestRun {
  outcome: Outcome;
  /** Set where the interactor has decided already; its rejection outweighs how the solution ended. */
  result?: CheckResult;
  /** What the checker looks at: the output, or what an interactor left. */
  judged: Buffer;
  transcript?: TestResult["transcript"];
}

/**
 * Judges one test. CPU time counts, of the best of up to three runs where the first came within 20 % of the limit.
 * @throws SandboxError when the sandbox breaks twice
 */
export async function runTest(problem: Problem, test: TestCase, tools: TestTools): Promise<TestResult> {
  let best = await tools.slots.run((core) => runOnce(problem, test, tools, core));
  let runCount = 1;
  while (runCount < mostRuns && isNearLimit(best.outcome, problem.timeLimitMs)) {
    const again = await tools.slots.runAlone((core) => runOnce(problem, test, tools, core));
    runCount++;
    if (again.outcome.cpuMs < best.outcome.cpuMs) best = again;
  }
  const { outcome, transcript } = best;
  const isRejected = best.result !== undefined && best.result.verdict !== "OK";
  const fault = isRejected ? undefined : faultOf(outcome, problem.timeLimitMs);
  const texts = { input: test.input, output: best.judged, answer: test.answer };
  const checked = best.result ?? (fault ? undefined : await tools.check(texts));
  const verdict: Verdict = fault ?? checked!.verdict;
  return {
    test: test.name,
    verdict,
    share: fault ? 0 : checked!.share,
    cpuMs: round(outcome.cpuMs),
    wallMs: round(outcome.wallMs),
    memoryBytes: outcome.memoryBytes,
    runCount,
    exitCode: outcome.exitCode,
    signal: outcome.signal,
    message: fault ? describeFault(outcome) : checked!.message,
    stderr: cut(outcome.stderr),
    output: verdict === "OK" ? "" : cut(best.judged),
    ...(transcript ? { transcript } : {}),
  };
}

function runOnce(problem: Problem, test: TestCase, tools: TestTools, core: number | undefined): Promise<TestRun> {
  const { executable, interactor } = tools;
  const limits = {
    // Past the limit by more than the share that is measured again: there is nothing to find out any more.
    cpuMs: problem.timeLimitMs * (1 + nearShare) + 50,
    idleMs: 2 * problem.timeLimitMs + 1000,
    outputBytes: problem.outputLimitMb * mebibyte,
  };
  const options = { limits, memoryBytes: problem.memoryLimitMb * mebibyte, ...(core === undefined ? {} : { core }) };
  return retryOnce(async () => {
    if (interactor) return runInteractive(problem, test, { solution: executable, interactor, options });
    const { ioFiles } = problem;
    if (ioFiles) return runWithFiles(executable, options, test, ioFiles);
    const outcome = await executable.run({ ...options, stdin: test.input });
    return { outcome, judged: outcome.stdout };
  });
}

/** A file that is missing or too large counts as an empty output. */
async function runWithFiles(
  executable: Executable,
  { limits, ...options }: RunOptions,
  test: TestCase,
  { input, output }: NonNullable<Problem["ioFiles"]>,
): Promise<TestRun> {
  const outcome = await executable.run({
    ...options,
    limits: { ...limits, fileBytes: limits!.outputBytes! + Buffer.byteLength(test.input) },
    files: [{ path: input, data: test.input }],
    fetch: { [output]: limits!.outputBytes! },
  });
  return { outcome, judged: outcome.files.get(output) ?? Buffer.alloc(0) };
}

/** A sandbox that breaks once may have met a full process table; twice is a fault to report. */
async function retryOnce<T>(work: () => Promise<T>): Promise<T> {
  return work().catch(() => work());
}

function isNearLimit({ status, cpuMs }: Outcome, limitMs: number): boolean {
  if (status !== "exited" && status !== "cpu-limit") return false;
  return Math.abs(cpuMs - limitMs) <= nearShare * limitMs;
}

/** What the run alone says; undefined where the output is to be checked. */
export function faultOf({ status, exitCode, cpuMs, stderr }: Outcome, limitMs: number): Verdict | undefined {
  switch (status) {
    case "cpu-limit":
    case "wall-limit":
      return "TIME_LIMIT_EXCEEDED";
    case "idle-limit":
      return "IDLENESS_LIMIT_EXCEEDED";
    case "memory-limit":
      return "MEMORY_LIMIT_EXCEEDED";
    case "output-limit":
      return "OUTPUT_LIMIT";
    case "security":
      return "SECURITY_VIOLATED";
    default:
      if (cpuMs > limitMs) return "TIME_LIMIT_EXCEEDED";
      if (status === "exited" && exitCode === 0) return undefined;
      // A refused allocation ends as an exception: the runtime's words tell it from other crashes.
      return outOfMemory.test(stderr.toString()) ? "MEMORY_LIMIT_EXCEEDED" : "RUNTIME_ERROR";
  }
}

const outOfMemory = /std::bad_alloc|^MemoryError|OutOfMemoryError|heap out of memory|Allocation failed/m;

function describeFault({ status, exitCode, signal, outputBytes }: Outcome): string {
  if (status === "exited") return `exit code ${exitCode}`;
  if (status === "output-limit") return `wrote ${outputBytes} bytes and more`;
  return signal ?? status;
}

function cut(bytes: Buffer): string {
  return bytes
    .subarray(0, 4 * keptCharacters)
    .toString()
    .slice(0, keptCharacters);
}

function round(ms: number): number {
  return Math.round(10 * ms) / 10;
}
