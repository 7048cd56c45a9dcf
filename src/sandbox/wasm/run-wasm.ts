/**
 * Level C: Python and JavaScript in WebAssembly, for hosts without namespaces (macOS, Windows, locked-down containers).
 * Each program has a worker of its own that is ended when its time is up. It is several times slower than a native
 * program, so limits are multiplied and times compare with nothing else.
 */
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { MissingError } from "../../core/errors.ts";
import type { Limits } from "../limits.ts";
import type { Outcome } from "../outcome.ts";
import type { WasmJob, WasmResult } from "./worker.ts";

/** How many times a native program's CPU limit a program here may use. */
export const wasmTimeFactor = 10;
/** Loading the interpreter is not the program's time. */
const loadMs = 30_000;

export type WasmLanguage = WasmJob["language"];

const packages: Record<WasmLanguage, string> = {
  javascript: "quickjs-emscripten-core@0.32.0 @jitl/quickjs-wasmfile-release-sync@0.32.0",
  python: "pyodide@314.0.7",
};

/**
 * Runs a program to its end.
 * @param limits CPU time as for a native program
 * @throws MissingError naming the command that adds the interpreter
 */
export async function runWasm(
  language: WasmLanguage,
  source: string,
  { stdin = "", limits }: { stdin?: string; limits: Pick<Limits, "cpuMs" | "memoryBytes" | "outputBytes"> },
): Promise<Outcome> {
  const job: WasmJob = { language, source, stdin, memoryBytes: limits.memoryBytes, outputBytes: limits.outputBytes };
  // Sources run as .ts, the published package as .js.
  const file = fileURLToPath(new URL(`./worker${extname(import.meta.url)}`, import.meta.url));
  const start = performance.now();
  const most = wasmTimeFactor * limits.cpuMs;
  const worker = new Worker(file, {
    workerData: job,
    env: {},
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  });
  const { promise, resolve, reject } = Promise.withResolvers<WasmResult | "late">();
  worker.once("message", resolve);
  worker.once("error", (error: NodeJS.ErrnoException) =>
    error.code === "ERR_WORKER_OUT_OF_MEMORY" ? resolve({ ...nothing, end: "memory" }) : reject(error),
  );
  const timer = setTimeout(() => resolve("late"), most + loadMs);
  // Once the interpreter is loaded, the thread's own load tells how long the program has been computing.
  const watch = setInterval(() => {
    if (worker.performance.eventLoopUtilization().active > most + loadMs / 3) resolve("late");
  }, 50);
  const result = await promise.finally(() => {
    clearTimeout(timer);
    clearInterval(watch);
    void worker.terminate();
  });
  const wallMs = performance.now() - start;
  if (result === "late") return outcomeOf({ ...nothing, cpuMs: most + 1 }, "cpu-limit", wallMs);
  if (result.end === "missing") {
    throw new MissingError(`The WebAssembly level lacks its ${language} interpreter`, {
      hint: `npm install --save-exact ${packages[language]}`,
    });
  }
  if (result.end === "memory" || result.end === "output") return outcomeOf(result, `${result.end}-limit`, wallMs);
  return outcomeOf(result, result.cpuMs > most ? "cpu-limit" : "exited", wallMs);
}

const nothing: WasmResult = { end: "done", exitCode: 0, stdout: "", stderr: "", cpuMs: 0 };

/** Times are divided by the factor, so that they stand beside the limits they were held to. */
function outcomeOf(result: WasmResult, status: Outcome["status"], wallMs: number): Outcome {
  return {
    status,
    exitCode: status === "exited" ? result.exitCode : null,
    signal: null,
    cpuMs: result.cpuMs / wasmTimeFactor,
    wallMs,
    idleMs: 0,
    memoryBytes: 0,
    cgroupMemoryBytes: null,
    stdout: Buffer.from(result.stdout),
    stderr: Buffer.from(result.stderr),
    outputBytes: result.stdout.length,
    processPeak: 1,
    files: new Map(),
  };
}
