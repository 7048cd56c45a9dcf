import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type numpy as np, numpy, tree } from "@jax-js/jax";
import { expect, suite, test } from "vitest";
import { adamw } from "../optim/adamw.ts";
import { sgd } from "../optim/sgd.ts";
import { constant } from "../schedules.ts";
import { Tensor } from "../tensor.ts";
import { type StepReport, type TrainOptions, train } from "../train.ts";

type Params = { w: np.Array };
type Batch = { target: np.Array };

/** 1/2 (w - target)²: plain gradient descent moves w by lr (target - w). */
function loss({ w }: Params, { target }: Batch): np.Array {
  return numpy.square(w.sub(target)).sum().mul(0.5);
}

/** Steps counted from 1 that meet a NaN. */
const run = (bad: number[], more: Partial<TrainOptions<Params, Batch>> = {}) =>
  train<Params, Batch>({
    params: { w: Tensor.from([0]) },
    loss,
    batch: (step) => ({ target: Tensor.from([bad.includes(step + 1) ? Number.NaN : 1]) }),
    optimizer: sgd(),
    schedule: constant(0.5),
    steps: 4,
    seed: 1,
    nanGuard: {},
    ...more,
  });
const finalValue = async (result: Promise<{ params: { w: Tensor } }>) => (await (await result).params.w.data())[0];

suite("nanGuard", () => {
  test("a step with NaN changes nothing and is reported", async () => {
    const reports: StepReport[] = [];
    const result = run([2], { onStep: (report) => reports.push(report) });
    expect(await finalValue(result)).toBe(0.875); // three halvings of the distance, not four
    expect(reports.map(({ skipped }) => skipped ?? false)).toEqual([false, true, false, false]);
    expect(await finalValue(run([]))).toBe(0.9375);
  });

  test("three in a row halve the rate for good", async () => {
    expect(await finalValue(run([1, 2, 3]))).toBe(0.25); // one step at 0.25
    expect(await finalValue(run([1, 2, 3], { steps: 5 }))).toBe(0.4375);
    expect(await finalValue(run([1, 2], { steps: 3 }))).toBe(0.5);
  });

  test("the moments of AdamW survive a bad step", async () => {
    const optimizer = adamw({ weightDecay: 0 });
    const value = (await finalValue(run([3], { optimizer })))!;
    expect(value).toBeGreaterThan(0.5);
    expect(value).toBeLessThan(2);
  });

  test("too many in a row end the run, and name step and knobs", async () => {
    await expect(run([2, 3], { nanGuard: { stopAfter: 2 } })).rejects.toThrow(
      "step 3: 2 steps in a row without finite gradients",
    );
    await expect(run([1, 2, 4], { nanGuard: { stopAfter: 3 } })).resolves.toBeDefined();
  });

  test("what it knows is resumed", async () => {
    const dir = await mkdtemp(join(tmpdir(), "polymath-guard-"));
    try {
      await run([1, 2, 3], { steps: 3, checkpointDir: dir });
      expect(await finalValue(run([], { steps: 4, checkpointDir: dir }))).toBe(0.25);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});

test("a loss may bring its own gradients", async () => {
  // Two players: w goes to the target, and the one who watches goes away from it.
  type Two = { w: np.Array; away: np.Array };
  const { params } = await train<Two, Batch>({
    params: { w: Tensor.from([0]), away: Tensor.from([0]) },
    loss: {
      gradients(two, { target }) {
        const toward = two.w.ref.sub(target);
        tree.dispose(two as any);
        return {
          loss: toward.ref.sum(),
          metrics: { seen: toward.ref.sum() },
          grads: { w: toward.ref, away: toward.neg() },
        };
      },
    },
    batch: () => ({ target: Tensor.from([1]) }),
    optimizer: sgd(),
    schedule: constant(0.5),
    steps: 1,
    seed: 1,
  });
  expect([(await params.w.data())[0], (await params.away.data())[0]]).toEqual([0.5, -0.5]);
});
