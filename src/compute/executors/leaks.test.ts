/**
 * Fifty training steps leave no memory behind: neither arrays of jax-js in WebAssembly memory, nor buffers of the
 * native executor, nor references to captured arrays.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { grad, Array as JaxArray, numpy as np, tree } from "@jax-js/jax";
import { beforeAll, expect, suite, test } from "vitest";
import { compile } from "../compile.ts";
import type { Device } from "../device.ts";
import { Tensor } from "../tensor.ts";

const SIZE = 256; // one matrix is 256 KiB: a single one leaked per step would be 12 MiB after 50

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes of WebAssembly memory that jax-js has handed out and not got back since `watchSlots`. */
const live = new Map<number, { bytes: number; references: number }>();

/** jit shows its backend to each argument (Array._putSync), the only sight of it from outside. */
function watchSlots(): void {
  const prototype = JaxArray.prototype as any;
  const { _putSync } = prototype;
  prototype._putSync = function (backend: any) {
    prototype._putSync = _putSync;
    const { malloc, incRef, decRef } = backend.constructor.prototype;
    backend.malloc = (bytes: number, data?: Uint8Array) => {
      const slot = malloc.call(backend, bytes, data);
      live.set(slot, { bytes, references: 1 });
      return slot;
    };
    const counted = (change: 1 | -1, method: (slot: number) => void) => (slot: number) => {
      const entry = live.get(slot);
      if (entry) entry.references += change;
      if (entry?.references === 0) live.delete(slot);
      method.call(backend, slot);
    };
    backend.incRef = counted(1, incRef);
    backend.decRef = counted(-1, decRef);
    return _putSync.call(this, backend);
  };
}

async function bytesInUse(device: Device): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collectGarbage(); // buffers that native code has seen take more than one round
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  if (device === "wasm") return [...live.values()].reduce((total, { bytes }) => total + bytes, 0);
  return process.memoryUsage().arrayBuffers;
}

suite.each(["native", "wasm"] as const)("%s", (device) => {
  beforeAll(watchSlots);

  test("fifty steps need the memory of one", async () => {
    const target = np.ones([SIZE, SIZE]).mul(0.5);
    const loss = (params: { w: JaxArray }, x: JaxArray) => {
      const error = np.dot(x, params.w.ref).sub(target.ref);
      tree.dispose(params);
      return np.square(error).mean();
    };
    const step = compile(
      (params: { w: JaxArray }, x: JaxArray) => {
        const gradient = grad(loss as any)(tree.ref(params), x) as any;
        return { w: params.w.sub(gradient.w.mul(0.1)) };
      },
      { device, donate: [0] },
    );
    const x = Tensor.from(new Float32Array(SIZE * SIZE).fill(0.01), [SIZE, SIZE]);
    let params = { w: Tensor.from(new Float32Array(SIZE * SIZE), [SIZE, SIZE]) };
    for (let i = 0; i < 3; i++) params = await step(params, x);
    const before = await bytesInUse(device);
    for (let i = 0; i < 50; i++) params = await step(params, x);
    expect((await bytesInUse(device)) - before).toBeLessThan(4 * SIZE * SIZE);
    params.w.dispose();
    step.dispose();
    await expect.poll(() => target.refCount).toBe(1);
  });

  test("results nobody donates are free once disposed of", async () => {
    const double = compile((x: JaxArray) => x.mul(2), { device });
    const x = Tensor.from(new Float32Array(SIZE * SIZE), [SIZE, SIZE]);
    const once = async () => (await double(x)).dispose();
    for (let i = 0; i < 3; i++) await once();
    const before = await bytesInUse(device);
    for (let i = 0; i < 50; i++) await once();
    expect((await bytesInUse(device)) - before).toBeLessThan(4 * SIZE * SIZE);
  });
});
