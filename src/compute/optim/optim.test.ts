/** The updates, compiled in float32, against their published formulas in plain float64. */
import type { numpy as np } from "@jax-js/jax";
import { expect, suite, test } from "vitest";
import { Random } from "../../core/random.ts";
import { compile } from "../compile.ts";
import { normal } from "../init.ts";
import { Tensor } from "../tensor.ts";
import { mapTree, namedLeaves } from "../tree.ts";
import { adamw } from "./adamw.ts";
import { clipByNorm, globalNorm } from "./clip.ts";
import { updateEma } from "./ema.ts";
import { decayMatricesExcept, type Optimizer } from "./optimizer.ts";
import { sgd } from "./sgd.ts";

const rng = new Random("optim");
const randomTree = () => ({
  layers: [{ weight: normal(1)(rng, [3, 2]), bias: normal(1)(rng, [3]) }],
  embed: { weight: normal(1)(rng, [2, 2]) },
});
const start = randomTree();
const grads = Array.from({ length: 6 }, randomTree);
const rates = [0.1, 0.1, 0.05, 0.2, 0.01, 0.1];
const numbers = async (tree: any) => {
  const found: Record<string, number[]> = {};
  for (const [name, leaf] of namedLeaves<Tensor>(tree)) found[name] = Array.from((await leaf.data()) as Float32Array);
  return found;
};

/** Runs all steps on the default device. */
async function run(optimizer: Optimizer): Promise<Record<string, number[]>> {
  const step = compile(
    (params: any, grads: any, state: any, scalars: any) => optimizer.update({ params, grads, state, scalars }) as any,
  ) as any;
  let [params, state]: any[] = [start, optimizer.init(start)];
  for (const [i, lr] of rates.entries()) {
    const scalars = mapTree(optimizer.scalars(i + 1, lr), (value: number) => Tensor.from(value));
    ({ params, state } = await step(params, grads[i], state, scalars));
  }
  step.dispose();
  return numbers(params);
}

/** The same steps by `rule`, one element at a time; it returns the new value and updates `memory`. */
async function byHand(
  rule: (
    value: number,
    grad: number,
    lr: number,
    t: number,
    memory: { m: number; v: number },
    decays: boolean,
  ) => number,
) {
  const params = await numbers(start);
  const allGrads = await Promise.all(grads.map(numbers));
  return Object.fromEntries(
    Object.entries(params).map(([name, values]) => [
      name,
      values.map((value, i) => {
        const memory = { m: 0, v: 0 };
        const decays = name === "layers.0.weight"; // the bias is a vector; embed is left out by name
        return rates.reduce((x, lr, t) => rule(x, allGrads[t]![name]![i]!, lr, t + 1, memory, decays), value);
      }),
    ]),
  );
}

function expectSame(found: Record<string, number[]>, expected: Record<string, number[]>) {
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, values] of Object.entries(expected))
    for (const [i, value] of values.entries()) expect(found[name]![i], `${name}[${i}]`).toBeCloseTo(value, 5);
}

suite("optimizers", () => {
  test("AdamW is algorithm 2 of Loshchilov and Hutter", async () => {
    const [beta1, beta2, epsilon, weightDecay] = [0.8, 0.99, 1e-3, 0.3];
    const expected = await byHand((x, grad, lr, t, memory, decays) => {
      memory.m = beta1 * memory.m + (1 - beta1) * grad;
      memory.v = beta2 * memory.v + (1 - beta2) * grad * grad;
      const corrected = memory.m / (1 - beta1 ** t) / (Math.sqrt(memory.v / (1 - beta2 ** t)) + epsilon);
      return x - lr * corrected - (decays ? lr * weightDecay * x : 0);
    });
    const decays = decayMatricesExcept("embed");
    expectSame(await run(adamw({ beta1, beta2, epsilon, weightDecay, decays })), expected);
  });

  test("SGD with momentum and weight decay is torch.optim.SGD's", async () => {
    const expected = await byHand((x, grad, lr, _t, memory, decays) => {
      memory.m = 0.9 * memory.m + grad + (decays ? 0.2 * x : 0);
      return x - lr * memory.m;
    });
    expectSame(await run(sgd({ momentum: 0.9, weightDecay: 0.2, decays: decayMatricesExcept("embed") })), expected);
  });

  test("plain SGD keeps no state", async () => {
    expect(sgd().init(start)).toEqual({});
    expectSame(await run(sgd()), await byHand((x, grad, lr) => x - lr * grad));
  });

  test("moments carry the names of their parameters", () => {
    const names = [...namedLeaves(adamw().init(start)).keys()];
    expect(names).toContain("mean.layers.0.bias");
    expect(names).toContain("square.embed.weight");
    expect(names).toHaveLength(2 * [...namedLeaves(start)].length);
  });
});

suite("clipping", () => {
  const clip = (maxNorm: number) =>
    compile((grads: { a: np.Array; b: np.Array }) => {
      const norm = globalNorm(grads);
      return { norm: norm.ref, clipped: clipByNorm(grads, norm, maxNorm) };
    });
  const run = async (maxNorm: number, a: number[], b: number[]) => {
    const { norm, clipped } = await clip(maxNorm)({ a: Tensor.from(a), b: Tensor.from(b) });
    return { norm: await norm.item(), clipped: await numbers(clipped) };
  };

  test("scales all gradients together down to the largest norm", async () => {
    const { norm, clipped } = await run(1, [3], [0, 4]);
    expect(norm).toBe(5);
    expectSame(clipped, { a: [0.6], b: [0, 0.8] });
  });

  test("leaves small and zero gradients as they are", async () => {
    expect(await run(10, [3], [0, 4])).toEqual({ norm: 5, clipped: { a: [3], b: [0, 4] } });
    expect(await run(1, [0], [0, 0])).toEqual({ norm: 0, clipped: { a: [0], b: [0, 0] } });
  });
});

test("EMA moves by 1 - decay towards the parameters", async () => {
  const step = compile((average: { w: np.Array }, params: { w: np.Array }) => {
    const updated = updateEma(average, params, 0.75);
    params.w.dispose();
    return updated;
  });
  const average = await step({ w: Tensor.from([0, 8]) }, { w: Tensor.from([4, 8]) });
  expect(await numbers(average)).toEqual({ w: [1, 8] });
});
