/**
 * The judge: a program, a problem, a judgement. Tests run in order, one at a time per core; where there are no
 * subtasks the first that fails decides, and the rest are skipped. What is our own fault (checker, interactor, sandbox)
 * is FAILED and is never kept.
 */
import { readFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { openSandbox, type ProbeOptions, type Sandbox } from "../../../sandbox/index.ts";
import { openCheck } from "../checkers/open-check.ts";
import type { Judgement, JudgeStamp, Problem, Program, TestCase, TestResult } from "../schemas.ts";
import { createCompiler, type Executable } from "./compile.ts";
import { needLanguage } from "./languages.ts";
import { runTest, type TestTools } from "./run-test.ts";
import { score } from "./scoring.ts";
import { createSlots, type Slots } from "./slots.ts";
import { judgementKey, openVerdictCache } from "./verdict-cache.ts";
import { createWasmCompiler, noSandbox, wasmLanguage } from "./wasm-compiler.ts";

export interface JudgeOptions extends ProbeOptions {
  /** An open sandbox to use; default: one is opened. */
  sandbox?: Sandbox;
  /** Runs Python and JavaScript in WebAssembly, without a sandbox of the system's. Default false. */
  wasm?: boolean;
  /** Tests at once, at most one per core. Default: all cores. */
  workers?: number;
  /** Keeps judgements and compiled programs between processes. Default: nothing is kept. */
  cacheFolder?: string;
  /** Whether each test has a core of its own. Default true. */
  pinned?: boolean;
}

export interface JudgeCallOptions {
  /** Runs every test, whatever the first ones give. Default: only where there are subtasks. */
  allTests?: boolean;
  /** Neither reads nor writes the cache: for audits. Default false. */
  fresh?: boolean;
  signal?: AbortSignal;
  /** Called as each test ends; not called for a judgement that is known or under way already. */
  onTest?(result: TestResult, index: number): void;
}

export interface Judge {
  /** In WebAssembly one that runs nothing, and says so. */
  sandbox: Sandbox;
  workerCount: number;
  /** Whoever runs a program beside the judge waits here for its turn. */
  slots: Slots;
  /**
   * Judges one program. Any number of calls may be under way: slots are shared among them.
   * @throws MissingError where the language is missing; the signal's reason
   */
  judge(problem: Problem, program: Program, options?: JudgeCallOptions): Promise<Judgement>;
  /** Compiles a program, or says why not. */
  compile(program: Program): ReturnType<ReturnType<typeof createCompiler>["compile"]>;
}

/** @throws SandboxError where programs cannot be confined here: the judge then refuses to work */
export async function openJudge(options: JudgeOptions = {}): Promise<Judge> {
  const { cacheFolder, workers = availableParallelism(), pinned = true, wasm = false } = options;
  const sandbox = wasm ? noSandbox : (options.sandbox ?? (await openSandbox(options)));
  const compiler = wasm ? createWasmCompiler() : createCompiler(sandbox, cacheFolder && join(cacheFolder, "programs"));
  const cache = cacheFolder ? openVerdictCache(join(cacheFolder, "verdicts")) : undefined;
  const cores = allowedCores();
  const workerCount = Math.max(1, Math.min(workers, cores.length));
  const slots = createSlots(cores.slice(0, workerCount).map((core) => (pinned ? core : undefined)));

  const needProgram = async (role: string, program: Program): Promise<Executable> => {
    const { executable, log } = await slots.run(() => compiler.compile(program));
    if (!executable) throw new Error(`the ${role} does not compile: ${log.split("\n")[0]}`);
    return executable;
  };

  const judgeFresh = async (problem: Problem, program: Program, base: Base, call: JudgeCallOptions) => {
    const { executable, log } = await slots.run(() => compiler.compile(program));
    if (!executable) {
      const tests = problem.tests.map((test) => unrun(test, "SKIPPED"));
      return {
        ...finish(problem, tests, base),
        verdict: "COMPILATION_ERROR" as const,
        failedTest: null,
        compiler: log,
      };
    }
    const tests: TestResult[] = [];
    const { allTests = problem.subtasks.length > 0, signal, onTest } = call;
    try {
      const check = await openCheck(problem.checker, slots, (checker) => needProgram("checker", checker));
      const interactor = problem.interactor && (await needProgram("interactor", problem.interactor.program));
      const tools: TestTools = { slots, executable, interactor, check };
      for (const [index, test] of problem.tests.entries()) {
        signal?.throwIfAborted();
        const isDecided = !allTests && tests.some(({ verdict }) => verdict !== "OK");
        tests.push(isDecided ? unrun(test, "SKIPPED") : await runTest(problem, test, tools));
        onTest?.(tests.at(-1)!, index);
      }
    } catch (error) {
      if (signal?.aborted) throw error;
      const rest = problem.tests.slice(tests.length);
      tests.push(...rest.map((test) => unrun(test, "FAILED", (error as Error).message)));
    }
    return { ...finish(problem, tests, base), compiler: log };
  };

  /** Judgements under way: a model that writes one program eight times at once has it judged once. */
  const underWay = new Map<string, Promise<Judgement>>();
  const judgeOnce = async (problem: Problem, program: Program, base: Base, call: JudgeCallOptions) => {
    const known = await cache?.read(base.key);
    if (known) return known;
    const judgement = await judgeFresh(problem, program, base, call);
    if (judgement.tests.every(({ verdict }) => verdict !== "FAILED")) await cache?.write(judgement);
    return judgement;
  };

  return {
    sandbox,
    workerCount,
    slots,
    compile: (program) => slots.run(() => compiler.compile(program)),
    async judge(problem, program, call = {}) {
      const language = wasm ? wasmLanguage(program.language) : await needLanguage(program.language);
      const stamp: JudgeStamp = {
        language: program.language,
        version: language.version,
        command: language.compile(program).command.join(" "),
        sandbox: sandbox.description,
        isComparable: !wasm,
      };
      const key = judgementKey(problem, program, stamp, call.allTests ?? null);
      if (call.fresh) return judgeFresh(problem, program, { stamp, key }, call);
      for (let other = underWay.get(key); other; other = underWay.get(key)) {
        const judgement = await other.catch(() => undefined); // stopped, by a signal that need not be ours
        if (judgement) return judgement;
        call.signal?.throwIfAborted();
      }
      const own = judgeOnce(problem, program, { stamp, key }, call).finally(() => underWay.delete(key));
      underWay.set(key, own);
      return own;
    },
  };
}

type Base = Pick<Judgement, "stamp" | "key">;

function finish(problem: Problem, tests: TestResult[], base: Base): Judgement {
  return {
    problem: problem.id,
    ...score(problem, tests),
    tests,
    cpuMs: Math.max(0, ...tests.map(({ cpuMs }) => cpuMs)),
    memoryBytes: Math.max(0, ...tests.map(({ memoryBytes }) => memoryBytes)),
    compiler: "",
    ...base,
    isTimingDoubtful: loadavg()[0]! > 1.5 * availableParallelism(),
  };
}

function unrun(test: TestCase, verdict: "SKIPPED" | "FAILED", message = ""): TestResult {
  const nothing = { cpuMs: 0, wallMs: 0, memoryBytes: 0, runCount: 0, exitCode: null, signal: null };
  return { test: test.name, verdict, share: 0, ...nothing, message, stderr: "", output: "" };
}

/** Processors this process may use: a container may have only some. */
function allowedCores(): number[] {
  const everything = Array.from({ length: availableParallelism() }, (_, core) => core);
  try {
    const list = /^Cpus_allowed_list:\s*(.+)$/m.exec(readFileSync("/proc/self/status", "utf8"))![1]!;
    const cores = list.split(",").flatMap((range) => {
      const [low, high = low] = range.split("-").map(Number) as [number, number?];
      return Array.from({ length: high! - low + 1 }, (_, index) => low + index);
    });
    return cores.length > 0 ? cores : everything;
  } catch {
    return everything;
  }
}
