import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type numpy as np, numpy, tree } from "@jax-js/jax";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import { Random } from "../core/random.ts";
import { initLinear, type LinearParams, linear } from "./layers/linear.ts";
import { adamw } from "./optim/adamw.ts";
import { sgd } from "./optim/sgd.ts";
import { constant, cosine } from "./schedules.ts";
import { Tensor } from "./tensor.ts";
import { type StepReport, type TrainOptions, train } from "./train.ts";
import { namedLeaves } from "./tree.ts";

// A line through noisy points: small enough that a whole run takes milliseconds.
type Params = { fc: LinearParams };
type Batch = { x: np.Array; y: np.Array };

function loss(params: Params, { x, y }: Batch): [np.Array, { bias: np.Array }] {
  const bias = params.fc.bias!.ref.sum();
  const error = linear(params.fc, x).sub(y);
  tree.dispose(params);
  return [numpy.square(error).mean(), { bias }];
}

function batch(_step: number, rng: Random, _micro: number, size = 8) {
  const x = Float32Array.from({ length: size * 2 }, () => rng.normal());
  const y = Float32Array.from({ length: size }, (_, i) => 3 * x[2 * i]! - x[2 * i + 1]! + 0.5 + 0.1 * rng.normal());
  return { x: Tensor.from(x, [size, 2]), y: Tensor.from(y, [size, 1]) };
}

const options = (more: Partial<TrainOptions<Params, Batch>> = {}): TrainOptions<Params, Batch> => ({
  params: { fc: initLinear(new Random(1), { in: 2, out: 1 }) },
  loss,
  batch,
  optimizer: adamw(),
  schedule: cosine({ peak: 0.1, steps: 60, warmup: 5 }),
  steps: 60,
  seed: 11,
  ...more,
});

const numbers = async (params: unknown) => {
  const all: number[] = [];
  for (const leaf of namedLeaves<Tensor>(params).values()) all.push(...((await leaf.data()) as Float32Array));
  return all;
};

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "polymath-train-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

suite("train", () => {
  test("finds the line, and reports every step in order", async () => {
    const reports: StepReport[] = [];
    const { params, step, stopped } = await train(options({ onStep: (report) => reports.push(report) }));
    const [a, b, bias] = await numbers(params);
    expect([a!, b!, bias!].map((value) => Math.round(value * 2) / 2)).toEqual([3, -1, 0.5]);
    expect([step, stopped]).toEqual([60, false]);
    expect(reports.map((report) => report.step)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(reports.at(-1)!.loss).toBeLessThan(reports[0]!.loss / 20);
    expect(reports[4]!.lr).toBe(0.1);
    expect(reports.at(-1)!.metrics.bias).toBeCloseTo(bias!, 1);
  });

  test("a batch may be the same tensors at every step", async () => {
    const all = batch(0, new Random(5), 0, 64);
    const reports: StepReport[] = [];
    await train(options({ batch: () => all, onStep: (report) => reports.push(report) }));
    expect(reports.at(-1)!.loss).toBeLessThan(reports[0]!.loss / 20);
    expect(all.x.host).toBeDefined();
  });

  test("two half micro-batches step as one whole batch", async () => {
    const whole = (rng: Random) => batch(0, rng, 0, 8);
    const half = async (step: number, _rng: Random, micro: number) => {
      const { x, y } = whole(new Random(step));
      const [xs, ys] = [await x.data(), await y.data()] as [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>];
      return {
        x: Tensor.from(xs.slice(8 * micro, 8 * micro + 8), [4, 2]),
        y: Tensor.from(ys.slice(4 * micro, 4 * micro + 4), [4, 1]),
      };
    };
    const losses: number[][] = [[], []];
    const one = await train(
      options({
        steps: 5,
        clipNorm: 1,
        batch: (step) => whole(new Random(step)),
        onStep: (r) => losses[0]!.push(r.loss),
      }),
    );
    const two = await train(
      options({ steps: 5, clipNorm: 1, batch: half, accumulate: 2, onStep: (r) => losses[1]!.push(r.loss) }),
    );
    const [a, b] = [await numbers(one.params), await numbers(two.params)];
    for (const [i, value] of a.entries()) expect(b[i]).toBeCloseTo(value, 5);
    for (const [i, value] of losses[0]!.entries()) expect(losses[1]![i]).toBeCloseTo(value, 4);
  });

  test("the average lags behind the parameters", async () => {
    const { params, ema } = await train(options({ steps: 3, ema: 0.9, optimizer: sgd(), schedule: constant(0.1) }));
    const path = [await numbers(options().params)];
    for (const steps of [1, 2, 3])
      path.push(await numbers((await train(options({ steps, optimizer: sgd(), schedule: constant(0.1) }))).params));
    const expected = path.slice(1).reduce((mean, point) => mean.map((m, i) => 0.9 * m + 0.1 * point[i]!), path[0]!);
    expect(await numbers(params)).toEqual(path[3]);
    for (const [i, value] of (await numbers(ema)).entries()) expect(value).toBeCloseTo(expected[i]!, 5);
  });

  test("evaluates with the current parameters, every so many steps and at the end", async () => {
    const seen: StepReport[] = [];
    const evaluate = async ({ params, step }: { params: unknown; step: number }) => ({
      bias: (await numbers(params)).at(-1)!,
      step,
    });
    const { params } = await train(
      options({ steps: 7, evaluate, evaluateEvery: 3, onStep: (report) => report.evaluation && seen.push(report) }),
    );
    expect(seen.map((report) => [report.step, report.evaluation!.step])).toEqual([
      [3, 3],
      [6, 6],
      [7, 7],
    ]);
    expect(seen[2]!.evaluation!.bias).toBe((await numbers(params)).at(-1));
  });

  test("shows loss, learning rate and speed", async () => {
    const shown: [number, Record<string, unknown>][] = [];
    const progress = { update: (done: number, fields = {}) => shown.push([done, fields]), stop: () => {} };
    const throughput = { unit: "points", count: ({ x }: { x: Tensor }) => x.shape[0]! };
    await train(options({ steps: 2, progress, throughput }));
    expect(shown.map(([done]) => done)).toEqual([1, 2]);
    expect(Object.keys(shown[1]![1])).toEqual(["loss", "bias", "lr", "points/s"]);
    expect(shown[1]![1]["points/s"]).toBeGreaterThan(0);
  });
});

suite("checkpoints", () => {
  const bytes = async (folder: string) => {
    const name = (await readFile(join(folder, "latest"), "utf8")).trim();
    const files = ["model", "ema", "optimizer"].map((file) => readFile(join(folder, name, `${file}.safetensors`)));
    return (await Promise.all(files)).map((file) => file.toString("base64"));
  };

  test.each([1, 2])(
    "stopped at an odd step and resumed ends with the same bytes (accumulate %i)",
    async (accumulate) => {
      const setup = () => options({ ema: 0.9, clipNorm: 1, accumulate, steps: 20, checkpointEvery: 4 });
      await train({ ...setup(), checkpointDir: join(dir, "whole") });
      const controller = new AbortController();
      const onStep = ({ step }: StepReport) => step === 6 && controller.abort(); // seen one step late
      const checkpointDir = join(dir, "parts");
      const first = await train({ ...setup(), checkpointDir, signal: controller.signal, onStep });
      expect([first.step, first.stopped]).toEqual([7, true]);
      const steps: number[] = [];
      const second = await train({ ...setup(), checkpointDir, onStep: ({ step }) => steps.push(step) });
      expect([steps[0], second.step, second.stopped]).toEqual([8, 20, false]);
      expect(await bytes(checkpointDir)).toEqual(await bytes(join(dir, "whole")));
      expect(second.seconds).toBeGreaterThan(first.seconds);
    },
  );

  test("a finished run resumes to itself without another step", async () => {
    const done = await train(options({ steps: 3, checkpointDir: dir }));
    const again = await train(options({ steps: 3, checkpointDir: dir, onStep: () => expect.unreachable() }));
    expect([again.step, again.loss]).toEqual([3, done.loss]);
    expect(await numbers(again.params)).toEqual(await numbers(done.params));
  });

  test("a stop before the first step leaves parameters as they were, and no checkpoint", async () => {
    const { params, step, stopped, loss } = await train(options({ checkpointDir: dir, signal: AbortSignal.abort() }));
    expect([step, stopped, loss]).toEqual([0, true, null]);
    expect(await numbers(params)).toEqual(await numbers(options().params));
    expect(await readdir(dir)).toEqual([]);
  });

  test("keeps the newest ones, and survives the leavings of a killed process", async () => {
    await train(options({ steps: 5, checkpointDir: dir, checkpointEvery: 1, checkpointKeep: 2 }));
    expect((await readdir(dir)).sort()).toEqual(["latest", "step-00000004", "step-00000005"]);
    await writeFile(join(dir, "latest"), "step-00000004\n"); // died before moving `latest`…
    await mkdir(join(dir, ".step-00000003.tmp")); // …or while it wrote
    await train(options({ steps: 5, checkpointDir: dir }));
    expect((await readdir(dir)).sort()).toEqual(["latest", "step-00000004", "step-00000005"]);
    expect(await readFile(join(dir, "latest"), "utf8")).toBe("step-00000005\n");
  });

  test("refuses to go on with another run's checkpoint", async () => {
    await train(options({ steps: 1, checkpointDir: dir }));
    const go = (more: Partial<TrainOptions<Params, Batch>>) =>
      train(options({ steps: 2, checkpointDir: dir, ...more }));
    await expect(go({ seed: 12 })).rejects.toThrow("seed is 11, this run has 12");
    await expect(go({ optimizer: sgd() })).rejects.toThrow("optimizer is adamw, this run has sgd");
    await expect(go({ params: { fc: initLinear(new Random(1), { in: 3, out: 1 }) } })).rejects.toThrow(
      '"fc.weight" is [1,2], this model wants [1,3]',
    );
    await expect(go({ ema: 0.9 })).rejects.toThrow("has no ema.safetensors");
    await writeFile(join(dir, "latest"), "step-00000007");
    await expect(go({})).rejects.toMatchObject({ code: "DATA", hint: expect.stringContaining("older step folder") });
  });
});

suite("divergence", () => {
  test("names step, loss and knobs; the last good checkpoint stays", async () => {
    const poisoned = (step: number, rng: Random) => {
      const { x, y } = batch(step, rng, 0);
      return step === 5 ? { x, y: Tensor.from(new Float32Array(8).fill(Number.NaN), [8, 1]) } : { x, y };
    };
    const run = train(options({ batch: poisoned, checkpointDir: dir, checkpointEvery: 2 }));
    await expect(run).rejects.toThrow("step 6: the loss is NaN");
    await expect(run).rejects.toMatchObject({
      code: "DIVERGED",
      hint: expect.stringMatching(/Lower the learning rate \(now 0\.1.*set clipNorm.*step-00000004/s),
    });
    const { step } = await train(options({ steps: 10, checkpointDir: dir }));
    expect(step).toBe(10);
  });

  test("a checkpoint never holds NaN", async () => {
    const run = train(options({ optimizer: sgd(), schedule: constant(1e39), steps: 1, checkpointDir: dir }));
    await expect(run).rejects.toThrow('"fc.weight" holds NaN or infinity after step 1');
    expect((await readdir(dir)).includes("latest")).toBe(false);
  });
});
