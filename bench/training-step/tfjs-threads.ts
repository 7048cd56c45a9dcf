/**
 * Starts TensorFlow.js's WebAssembly backend with SIMD and, on request, with threads.
 *
 * TensorFlow.js turns threads off in Node (tensorflow/tfjs#3830): its worker script is a blob URL, which Node's Worker
 * does not take. The threaded binary itself works, so its workers are started here from the package's own worker text.
 * It uses at most half of the processors that the operating system names, so it is told of twice as many.
 */
import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs";

const require = createRequire(import.meta.url);

/** @param threads 1 is what TensorFlow.js does by itself in Node */
export async function startTfjs(threads: number): Promise<string> {
  if (threads > 1) helpWorkersStart(); // before the backend is loaded: it takes hold of Worker and cpus at once
  const wasm: typeof import("@tensorflow/tfjs-backend-wasm") = require("@tensorflow/tfjs-backend-wasm");
  if (threads > 1) {
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", true);
    wasm.setThreadsCount(threads);
  }
  if (!(await tf.setBackend("wasm"))) throw new Error("TensorFlow.js: its WebAssembly backend did not start");
  const started = wasm.getThreadsCount();
  if (threads > 1 && started < 2) throw new Error(`TensorFlow.js runs ${started} threads, not ${threads}`);
  const simd = (await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")) ? "SIMD" : "no SIMD";
  return `TensorFlow.js ${tf.version_core} wasm, ${simd}, ${started} thread${started > 1 ? "s" : ""}`;
}

function helpWorkersStart(): void {
  const name = "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd";
  const factoryFile = require.resolve(`${name}.js`);
  // The text holds line breaks inside string literals, where "\n" was meant.
  const workerText: string = require(`${name}.worker.js`).wasmWorkerContents.replaceAll("\n", "\\n");
  const workerThreads = require("node:worker_threads");
  workerThreads.Worker = class extends workerThreads.Worker {
    constructor(script: string | URL, options?: object) {
      const isBlob = String(script).startsWith("blob:");
      // Inside the worker, the module comes from its own file; the blob that is passed has parts of a bundle only.
      const text = `URL.createObjectURL = () => ${JSON.stringify(factoryFile)};\n${workerText}`;
      super(isBlob ? text : script, isBlob ? { eval: true } : options);
    }
  };
  const os = require("node:os");
  const twice = [...os.cpus(), ...os.cpus()];
  os.cpus = () => twice;
}
