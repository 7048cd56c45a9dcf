/** The suite that every executor has to pass; executors.test.ts runs it. */
import { defaultDevice, type Array as JaxArray, numpy as np, tree } from "@jax-js/jax";
import { expect, suite, test } from "vitest";
import { compile } from "../compile.ts";
import { type Device, whyUnavailable } from "../device.ts";
import { Tensor, type TensorData } from "../tensor.ts";
import { programs } from "./programs.fixtures.ts";
import { chooseSoftwareVulkan } from "./software-vulkan.fixtures.ts";
import { autoencoder, decoderStep, gradientsOf } from "./training.fixtures.ts";

/** Runs a function eagerly on jax-js's "cpu" backend, JavaScript numbers one by one. */
export async function reference(fn: (...args: any[]) => unknown, args: unknown[]): Promise<TensorData[]> {
  const before = defaultDevice();
  defaultDevice("cpu");
  try {
    const inputs = tree.map((leaf: any) => onCpu(leaf), args as any) as unknown as any[];
    const results = tree.leaves(fn(...inputs) as any) as unknown as JaxArray[];
    return await Promise.all(results.map(async (array) => (await array.data()) as TensorData));
  } finally {
    defaultDevice(before);
  }
}

function onCpu(tensor: Tensor): JaxArray {
  const shape = [...tensor.shape];
  const options = { shape, dtype: tensor.dtype as any, device: "cpu" as const };
  if (tensor.size === 0) return np.zeros(shape, options);
  return np.array((tensor.dtype === "bool" ? Int32Array.from(tensor.host!) : tensor.host!) as any, options);
}

/** Within `tolerance` of the expected numbers, relative to the largest of them; NaN and infinities in the same places. */
export async function expectEqual(actual: Tensor[], expected: TensorData[], tolerance = 1e-5): Promise<void> {
  expect(actual.length).toBe(expected.length);
  for (const [index, values] of expected.entries()) {
    const scale = Math.max(1e-3, ...Array.from(values, (value) => (Number.isFinite(value) ? Math.abs(value) : 0)));
    expect(await actual[index]!.data()).toBeAllclose(values, { rtol: tolerance, atol: tolerance * scale });
  }
}

/** Runs a function once on a device, as `compile` does. */
export async function runOn(device: Device, fn: any, args: unknown[]): Promise<Tensor[]> {
  const program = compile(fn, { device });
  const results = tree.leaves((await program(...(args as any))) as any) as unknown as Tensor[];
  program.dispose();
  return results;
}

/**
 * Declares the tests of one executor.
 * @param only names of programs to run; default all of them
 */
export async function executorSuite(device: Device, only?: readonly string[]): Promise<void> {
  const lack = device === "webgpu" ? chooseSoftwareVulkan() : undefined;
  const why = await whyUnavailable(device);
  suite(device, () => {
    if (why) {
      test.skip(`not on this machine: ${why.message}${lack ? ` (${lack})` : ""}`, () => {});
      return;
    }
    for (const program of programs) {
      if (only && !only.includes(program.name)) continue;
      const allowance = device === "webgpu" ? program.webgpu : undefined;
      if (typeof allowance === "string") {
        test.skip(`${program.name}: ${allowance}`, () => {});
        continue;
      }
      test(program.name, async () => {
        const inputs = program.inputs();
        const compareWith = async (fn: any) => {
          const expected = await reference(fn, inputs);
          await expectEqual(await runOn(device, fn, inputs), expected, allowance);
        };
        await compareWith(program.fn);
        const floats = inputs.flatMap(({ dtype }, index) => (dtype === "float32" ? [index] : []));
        if (program.differentiable) await compareWith(gradientsOf(program, floats));
      });
    }

    test("an AdamW step of a decoder, three times", async () => {
      const { step, state, batch } = decoderStep();
      const lr = Tensor.from(0.01);
      const program = compile(step as any, { device, donate: [0] }) as any;
      let ours = tree.map((t: any) => Tensor.from(Float32Array.from(t.host), t.shape), state as any) as any;
      let theirs: any = state;
      for (let i = 0; i < 3; i++) {
        const [ids, targets] = batch(i);
        const expected = await reference(step, [theirs, ids, targets, lr]);
        const [next, loss] = await program(ours, ids, targets, lr);
        await expectEqual([loss], [expected.at(-1)!]);
        ours = next;
        const [leaves, structure] = tree.flatten(theirs);
        const after = leaves.map((leaf: any, at) => Tensor.from(expected[at]!, leaf.shape));
        theirs = tree.unflatten(structure, after as any);
      }
      const expected = (tree.leaves(theirs) as unknown as Tensor[]).map((tensor) => tensor.host!);
      await expectEqual(tree.leaves(ours), expected, 1e-4); // Adam divides by the root of tiny squares
    });

    test("a convolutional autoencoder and its gradients", async () => {
      const { fn, params, x } = autoencoder();
      const expected = await reference(fn, [params, x]);
      expect(expected.every((values) => Array.from(values).every(Number.isFinite))).toBe(true);
      await expectEqual(await runOn(device, fn, [params, x]), expected);
    });
  });
}
