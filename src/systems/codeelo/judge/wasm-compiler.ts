/**
 * Programs in WebAssembly, for hosts where nothing else can confine them: Python and JavaScript only, no interactive
 * problems, and times that are comparable with nothing, which every judgement says.
 */
import { UsageError } from "../../../core/errors.ts";
import { completeLimits, type Outcome, runWasm, type Sandbox, SandboxError } from "../../../sandbox/index.ts";
import type { LanguageId, Program } from "../schemas.ts";
import type { Compiled, Compiler, RunOptions } from "./compile.ts";
import { type Language, languageNames } from "./languages.ts";

const versions: Partial<Record<LanguageId, string>> = { python: "Pyodide 314.0.7", javascript: "QuickJS 0.32.0" };

/** @throws UsageError for a language that needs a compiler */
export function wasmLanguage(id: LanguageId): Language {
  const version = versions[id];
  if (!version) {
    throw new UsageError(`The WebAssembly judge runs Python and JavaScript, not ${languageNames[id]}`, {
      hint: "Judge it on a machine where `polymath doctor` shows the sandbox.",
    });
  }
  return {
    id,
    version,
    readOnly: [],
    compile: () => ({ files: [], command: ["wasm"], products: [], keepsSources: true }),
    run: () => ["wasm"],
    limits: (memoryBytes) => ({ memoryBytes }),
  };
}

/** Nothing is compiled: faults of syntax come to light on the first test. */
export function createWasmCompiler(): Compiler {
  return {
    async compile(program): Promise<Compiled> {
      const language = wasmLanguage(program.language);
      const start = () => Promise.reject(new Error("interactive problems need the sandbox"));
      return { executable: { language, run: (options) => runOnce(program, options), start }, log: "" };
    },
  };
}

function runOnce(
  { language, source }: Program,
  { stdin = "", limits, memoryBytes, files = [] }: RunOptions,
): Promise<Outcome> {
  if (files.length > 0) throw new Error("checkers that are programs, and problems that read a file, need the sandbox");
  const { cpuMs, outputBytes } = completeLimits(limits);
  const input = typeof stdin === "string" ? stdin : Buffer.from(stdin).toString();
  return runWasm(language as "python" | "javascript", source, {
    stdin: input,
    limits: { cpuMs, memoryBytes, outputBytes },
  });
}

const refuse = () => Promise.reject(new SandboxError("The WebAssembly judge runs no programs of the system"));

/** Stands where a sandbox is expected. */
export const noSandbox: Sandbox = {
  description: "wasm",
  report: {
    ok: false,
    level: null,
    description: "wasm",
    launcher: null,
    init: null,
    seccomp: false,
    cgroupVersion: null,
    uid: process.getuid?.() ?? -1,
    missing: [],
  },
  run: refuse,
  start: refuse,
};
