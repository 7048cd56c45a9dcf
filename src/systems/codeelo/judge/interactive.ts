/**
 * Interactive problems: solution and interactor in sandboxes of their own, their words passed between them and kept.
 * Each has its own limits. Whose fault came first is the verdict: a solution that dies makes the interactor complain,
 * and an interactor that has seen enough leaves the solution with a closed pipe.
 */
import type { ConfinedProcess } from "../../../sandbox/index.ts";
import { readKattis, readTestlib } from "../checkers/program-checker.ts";
import type { Problem, TestCase, TestResult } from "../schemas.ts";
import type { Executable, RunOptions } from "./compile.ts";
import type { TestRun } from "./run-test.ts";

/** Bytes of talk that are kept. */
const transcriptBytes = 32768;

export interface InteractiveTools {
  solution: Executable;
  interactor: Executable;
  /** Limits of the solution. */
  options: RunOptions;
}

export async function runInteractive(problem: Problem, test: TestCase, tools: InteractiveTools): Promise<TestRun> {
  const { kind, checkTranscript } = problem.interactor!;
  const isKattis = kind === "kattis";
  const patience = tools.options.limits?.idleMs ?? 10_000;
  const [interactor, solution] = await Promise.all([
    tools.interactor.start({
      args: isKattis ? ["input", "answer", "feedback"] : ["input", "tout", "answer"],
      files: [
        { path: "input", data: test.input },
        { path: "answer", data: test.answer },
        ...(isKattis ? [{ path: "feedback/.keep", data: "" }] : []),
      ],
      fetch: isKattis ? { "feedback/judgemessage.txt": 65536 } : { tout: 64 * 2 ** 20 },
      // It waits for the solution, whose own idleness must be noticed first.
      limits: { cpuMs: 10_000, idleMs: 2 * patience + 10_000, wallMs: 20 * patience + 30_000 },
      memoryBytes: 512 * 2 ** 20,
    }),
    tools.solution.start(tools.options),
  ]);
  const talk = createTranscript();
  const limit = problem.outputLimitMb * 2 ** 20;
  const flood = forward(solution, interactor, (text) => talk.add("solution", text), limit);
  forward(interactor, solution, (text) => talk.add("interactor", text), limit);

  // The ends of the pipes tell who was first: one side hears of the other's end only through us, after this.
  let first: "solution" | "interactor" | undefined;
  solution.stdout.once("end", () => {
    first ??= "solution";
  });
  interactor.stdout.once("end", () => {
    first ??= "interactor";
  });
  const [outcome, judged] = await Promise.all([
    solution.outcome.finally(() => interactor.stdin.end()),
    interactor.outcome.finally(() => solution.stdin.end()),
  ]);

  const run = { judged: judged.files.get("tout") ?? Buffer.alloc(0), transcript: talk.lines };
  if (flood.isOver) return { ...run, outcome: { ...outcome, status: "output-limit", outputBytes: flood.bytes } };
  const verdict = isKattis ? readKattis(judged) : readTestlib(judged);
  const isClean = outcome.status === "exited" && outcome.exitCode === 0;
  if (verdict.verdict === "FAILED" && (isClean || first === "interactor")) {
    return { ...run, outcome, result: { ...verdict, message: verdict.message.replace("checker", "interactor") } };
  }
  // Rejected before the solution ended: that it then died of a closed pipe is no fault of its own.
  if (verdict.verdict !== "OK" && verdict.verdict !== "FAILED" && (first === "interactor" || isClean)) {
    return { ...run, outcome, result: verdict };
  }
  if (!isClean) return { ...run, outcome };
  return checkTranscript ? { ...run, outcome } : { ...run, outcome, result: verdict };
}

/** Passes on what one side says; beyond the limit it is silenced and ended. */
function forward(from: ConfinedProcess, to: ConfinedProcess, note: (text: string) => void, limit: number) {
  const flow = { bytes: 0, isOver: false };
  to.stdin.on("error", () => undefined); // the other side has left: what is said to it is lost
  from.stdout.on("data", (chunk: Buffer) => {
    flow.bytes += chunk.length;
    if (flow.bytes > limit) {
      if (!flow.isOver) from.kill();
      flow.isOver = true;
      return;
    }
    note(chunk.toString());
    if (to.stdin.writable && !to.stdin.write(chunk)) {
      from.stdout.pause();
      to.stdin.once("drain", () => from.stdout.resume());
      to.stdin.once("close", () => from.stdout.resume());
    }
  });
  from.stdout.once("end", () => to.stdin.end());
  return flow;
}

function createTranscript() {
  const lines: NonNullable<TestResult["transcript"]> = [];
  let left = transcriptBytes;
  return {
    lines,
    add(from: "solution" | "interactor", text: string) {
      if (left <= 0) return;
      const kept = text.slice(0, left);
      left -= kept.length;
      const last = lines.at(-1);
      if (last?.from === from) last.text += kept;
      else lines.push({ from, text: kept });
    },
  };
}
