import { type Array as JaxArray, numpy as np } from "@jax-js/jax";
import { afterEach, expect, suite, test, vi } from "vitest";
import { compile } from "./compile.ts";
import { currentDevice, withDevice } from "./device.ts";
import { Tensor } from "./tensor.ts";

const devices = ["native", "wasm"] as const;

suite.each(devices)("compile on %s", (device) => {
  test("takes and gives trees", async () => {
    const swap = compile(
      (pair: { a: JaxArray; rest: [JaxArray] }, scale: JaxArray) => ({ b: pair.rest[0].mul(scale), c: [pair.a] }),
      { device },
    );
    const result = await swap({ a: Tensor.from([1, 2]), rest: [Tensor.from([3])] }, Tensor.from(2));
    await expect(result.b).toBeAllclose([6]);
    await expect(result.c[0]!).toBeAllclose([1, 2]);
  });

  test("traces once per combination of shapes, also for calls at the same time", async () => {
    const traced = vi.fn((x: JaxArray) => x.mul(2));
    const double = compile(traced, { device });
    await Promise.all([double(Tensor.from([1])), double(Tensor.from([2]))]);
    await double(Tensor.from([3]));
    const after = traced.mock.calls.length; // differentiation and jit may call more than once per trace
    await double(Tensor.from([1, 2]));
    expect(traced.mock.calls.length).toBe(2 * after);
    expect(after).toBe(1);
  });

  test("borrows arguments and spends donated ones", async () => {
    const add = compile((x: JaxArray, y: JaxArray) => x.add(y), { device, donate: [0] });
    const y = Tensor.from([1, 1]);
    const first = await add(Tensor.from([1, 2]), y);
    const second = await add(first, y);
    await expect(second).toBeAllclose([3, 4]);
    await expect(y).toBeAllclose([1, 1]);
    await expect(add(first, y)).rejects.toThrow("dispose");
  });

  test("what was read stays as it was, however the tensor goes on", async () => {
    const increment = compile((x: JaxArray) => x.add(1), { device, donate: [0] });
    let x = await increment(Tensor.from([0, 0, 0]));
    const read = await x.data();
    for (let i = 0; i < 5; i++) x = await increment(x);
    expect([...read]).toEqual([1, 1, 1]);
    await expect(x).toBeAllclose([6, 6, 6]);
  });

  test("arrays that the function captured are borrowed", async () => {
    const table = np.arange(6).astype(np.float32).reshape([2, 3]);
    const scale = compile((x: JaxArray) => x.mul(table.ref), { device });
    for (let i = 0; i < 3; i++) await scale(Tensor.from([1, 2, 3]));
    scale.dispose();
    await vi.waitFor(() => expect(table.refCount).toBe(1));
  });

  test("results of one executor are inputs of another", async () => {
    const here = compile((x: JaxArray) => x.add(1), { device });
    for (const other of devices) {
      const there = compile((x: JaxArray) => x.mul(10), { device: other });
      await expect(await there(await here(Tensor.from([1, 2])))).toBeAllclose([20, 30]);
    }
  });
});

suite("errors", () => {
  afterEach(() => vi.unstubAllEnvs());

  test("a leaf that is no Tensor is named by its path", async () => {
    const f = compile((params: { layers: JaxArray[] }) => params.layers[0]!, { name: "model" });
    await expect(f({ layers: [Tensor.from(1), 3 as any] })).rejects.toThrow(
      "model: argument 0.layers.1: expected a Tensor, got number",
    );
  });

  test("a primitive without an ONNX counterpart is named, with the program that asked for it", async () => {
    const f = compile((x: JaxArray) => np.linalg.cholesky(x), { name: "whiten", device: "native" });
    await expect(f(Tensor.from([1, 0, 0, 1], [2, 2]))).rejects.toThrow(/whiten: primitive cholesky/);
  });

  test("an unknown device lists those there are", () => {
    vi.stubEnv("POLYMATH_DEVICE", "toaster");
    expect(() => currentDevice()).toThrow('expected native, wasm, webgpu, got "toaster"');
  });

  test("withDevice chooses for the programs inside it", async () => {
    expect(await withDevice("wasm", () => currentDevice())).toBe("wasm");
    expect(currentDevice()).toBe("native");
  });
});
