/**
 * A global `Worker` for Node, over node:worker_threads, enough for jax-js to use all cores.
 *
 * jax-js looks for `Worker` when it is loaded (not when it first computes): with it, WebAssembly memory is shared and
 * kernels run on a pool, without it on one thread. So this file must be imported before jax-js; importing it is enough.
 * jax-js starts workers from a blob URL, posts them messages and listens with `onmessage` and `onerror`; the workers
 * use `self`, `onmessage` and `postMessage`. Workers never keep the process alive by themselves. A browser loads this
 * file too and finds nothing to do, so Node's modules are asked for only where they are used.
 */
import type { Worker as NodeWorker } from "node:worker_threads";

/** Runs before the worker's own source and gives it the globals that a browser's worker has. */
const PRELUDE = `
const { parentPort } = require("node:worker_threads");
globalThis.self = globalThis;
globalThis.postMessage = (message) => parentPort.postMessage(message);
parentPort.on("message", (data) => globalThis.onmessage?.({ data }));
`;

class WorkerShim {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((event: { message: string; error: Error }) => void) | null = null;
  /** Messages wait here while the source is read. */
  #early: unknown[] | null = [];
  #worker: NodeWorker | null = null;
  #isTerminated = false;

  constructor(url: string | URL) {
    this.#start(String(url)).catch((error: Error) => this.onerror?.({ message: error.message, error }));
  }

  postMessage(message: unknown): void {
    if (this.#early) this.#early.push(message);
    else this.#post(message);
  }

  /** A worker at rest must not keep the process alive, one at work must: its answer is awaited. */
  #post(message: unknown): void {
    this.#worker!.ref();
    this.#worker!.postMessage(message);
  }

  terminate(): void {
    this.#isTerminated = true;
    void this.#worker?.terminate();
  }

  async #start(url: string): Promise<void> {
    const { resolveObjectURL } = process.getBuiltinModule("node:buffer");
    const { Worker: NodeWorker } = process.getBuiltinModule("node:worker_threads");
    const blob = resolveObjectURL(url);
    if (!blob) throw new Error(`Worker: no blob at ${url}`);
    const source = await blob.text();
    if (this.#isTerminated) return;
    const worker = new NodeWorker(PRELUDE + source, { eval: true });
    worker.on("message", (data) => {
      worker.unref(); // each message of jax-js gets one answer
      this.onmessage?.({ data });
    });
    worker.on("error", (error) => this.onerror?.({ message: error.message, error }));
    this.#worker = worker;
    for (const message of this.#early!) this.#post(message);
    this.#early = null;
  }
}

if (typeof globalThis.Worker === "undefined" && typeof process !== "undefined") {
  Object.assign(globalThis, { Worker: WorkerShim });
  if (!(await jaxSharesMemory())) Reflect.deleteProperty(globalThis, "Worker");
}

/**
 * False when the program imported jax-js before this file: its memory is then private, but from now on it would
 * compile kernels for shared memory, which cannot link. Without `Worker` it goes on with one thread.
 */
async function jaxSharesMemory(): Promise<boolean> {
  const { defaultDevice, numpy } = await import("@jax-js/jax");
  const before = defaultDevice();
  defaultDevice("wasm");
  try {
    await numpy.array([1, 2, 3, 4, 5, 6, 7]).mul(7).data(); // a kernel that reads memory
    return true;
  } catch (error) {
    if (error instanceof WebAssembly.LinkError) return false;
    throw error;
  } finally {
    defaultDevice(before);
  }
}
