/**
 * The worker that holds one program in WebAssembly: no system calls are there to be made. It is given a program, prints
 * what the program prints, and ends; whoever started it ends it when time is up.
 */
import { parentPort, workerData } from "node:worker_threads";

export interface WasmJob {
  language: "python" | "javascript";
  source: string;
  stdin: string;
  memoryBytes: number;
  outputBytes: number;
}

export interface WasmResult {
  /** "memory" and "output" are limits; "error" is the program's own fault. */
  end: "done" | "error" | "memory" | "output" | "missing";
  exitCode: number;
  stdout: string;
  stderr: string;
  /** CPU time of this thread from the program's first instruction on. */
  cpuMs: number;
}

class OutputLimit extends Error {}

const job = workerData as WasmJob;
const pieces: string[] = [];
let size = 0;
let start = 0;

function print(text: string): void {
  size += text.length;
  if (size > job.outputBytes) throw new OutputLimit();
  pieces.push(text);
}

function report(end: WasmResult["end"], exitCode = 0, stderr = ""): void {
  const result: WasmResult = { end, exitCode, stdout: pieces.join(""), stderr, cpuMs: cpuMs() - start };
  parentPort!.postMessage(result);
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** `print`, `console.log`, `readline()` and `require("fs").readFileSync(0)`: what programs for judges use. */
const javascriptFrame = `
const console = { log: (...words) => __print(words.map(String).join(" ") + "\\n"), error: () => {} };
const print = console.log;
const __lines = () => (globalThis.__rest ??= __stdin.split("\\n"));
const readline = () => __lines().shift();
const process = { stdout: { write: (text) => __print(String(text)) }, exit: (code = 0) => { throw "__exit " + code; }, argv: [] };
const require = (name) => {
  if (/^(node:)?fs$/.test(name)) return { readFileSync: (_, encoding) => (encoding ? __stdin : { toString: () => __stdin }) };
  throw new Error("there is no module " + name + " here");
};
`;

async function runJavascript(): Promise<void> {
  const [{ newQuickJSWASMModuleFromVariant, newVariant }, { default: variant }] = await Promise.all([
    import("quickjs-emscripten-core"),
    import("@jitl/quickjs-wasmfile-release-sync"),
  ]);
  // The engine's own limit was measured to count nothing; a memory that cannot grow holds. Pages of 64 KiB.
  const wasmMemory = new WebAssembly.Memory({ initial: 256, maximum: 256 + Math.ceil(job.memoryBytes / 65536) });
  // Its types say that the default export is the module; in Node it is the variant.
  const engine = await newQuickJSWASMModuleFromVariant(newVariant(variant as never, { wasmMemory }));
  const runtime = engine.newRuntime();
  runtime.setMaxStackSize(2 ** 20);
  const context = runtime.newContext();
  let limit: OutputLimit | undefined;
  const put = context.newFunction("__print", (text) => {
    try {
      print(context.getString(text));
    } catch (error) {
      limit = error as OutputLimit;
      runtime.setInterruptHandler(() => true); // no catch of the program's own goes on from here
    }
  });
  context.setProp(context.global, "__print", put);
  context.setProp(context.global, "__stdin", context.newString(job.stdin));
  start = cpuMs();
  const result = context.evalCode(`${javascriptFrame}\n${job.source}`, "main.js");
  if (limit) return report("output");
  if (!result.error) return report("done");
  const error = context.dump(result.error);
  const words = typeof error === "string" ? error : `${error?.name}: ${error?.message}`;
  const exit = /^__exit (\d+)/.exec(words);
  if (exit) return report("done", Number(exit[1]));
  report(/out of memory/.test(words) ? "memory" : "error", 1, words);
}

async function runPython(): Promise<void> {
  const name = "pyodide"; // an optional peer: whoever judges Python here adds it
  const { loadPyodide } = await import(name);
  const python = await loadPyodide();
  const bytes = Buffer.from(job.stdin);
  let at = 0;
  let limit: OutputLimit | undefined;
  python.setStdin({
    stdin: () => {
      if (at >= bytes.length) return null;
      const end = bytes.indexOf(10, at);
      const line = bytes.toString("utf8", at, end === -1 ? bytes.length : end + 1);
      at = end === -1 ? bytes.length : end + 1;
      return line;
    },
  });
  const decoder = new TextDecoder();
  python.setStdout({
    write: (chunk: Uint8Array) => {
      try {
        print(decoder.decode(chunk, { stream: true }));
      } catch (error) {
        limit = error as OutputLimit;
        throw error;
      }
      return chunk.length;
    },
  });
  python.setStderr({ batched: () => undefined });
  // Modules through which a program could reach Node are not there for it.
  python.runPython("import sys\nfor name in ('js', 'pyodide_js'): sys.modules[name] = None");
  start = cpuMs();
  try {
    python.runPython(job.source, { filename: "main.py", globals: python.toPy({ __name__: "__main__" }) });
    python.runPython("import sys; sys.stdout.flush()");
    report("done");
  } catch (error) {
    const words =
      String((error as Error).message)
        .trim()
        .split("\n")
        .at(-1) ?? "";
    const exit = /^SystemExit: ?(\d*)/.exec(words);
    if (limit) return report("output");
    python.runPython("import sys; sys.stdout.flush()");
    if (exit) report("done", Number(exit[1] || 0));
    else report(/MemoryError/.test(words) ? "memory" : "error", 1, words);
  }
}

try {
  await (job.language === "python" ? runPython() : runJavascript());
} catch (error) {
  const isMissing = (error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND";
  report(isMissing ? "missing" : "error", 1, (error as Error).message);
}
