/** The collapse drill: POLYMATH_SLOW=1 vitest run src/systems/overthinking/training/collapse */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createProgress } from "../../../core/progress.ts";
import { usualLoss } from "../../../language/train/index.ts";
import { buildPairs } from "../pairs/build.ts";
import { embeddedReasoner, loadReasoner } from "./base-model.ts";
import { openSampler, sampleSets, sampleTraces } from "./sample.ts";
import { solveGreedily, trainArm, validationFigures, validationProblems } from "./train-arm.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polymath-drill-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("a learning rate 100 times too high fires the guard, and the model that is kept answers as before", {
  timeout: 600_000,
}, async () => {
  const signal = new AbortController().signal;
  const silent = { write: () => true };
  const context = {
    progress: (options: { label: string }) => createProgress({ ...options, stream: silent }),
    signal,
    dir: folder,
  };
  const base = await loadReasoner(embeddedReasoner());
  const generator = openSampler(base);
  const samples = await sampleTraces(generator, { problems: 200, samples: 4, seed: 0 }, context);
  generator.dispose();
  const { pairs } = buildPairs(sampleSets(samples!), { positive: "fcs-reflection" });

  const validation = validationProblems(200, 0);
  const before = await solveGreedily(base, validation, signal);
  const epochs = 4;
  const arm = await trainArm(
    {
      base,
      pairs,
      loss: usualLoss("simpo"),
      lr: 100 * 1e-4, // the rate that the shipped model was trained with
      epochs,
      batch: 16,
      seed: 0,
      validation,
      before,
    },
    { ...context, dir: join(folder, "train") },
  );
  const { collapse, steps, validation: kept } = arm!;
  expect(collapse?.knob).toContain("learning rate");
  expect(collapse!.step).toBeLessThan(Math.ceil((epochs * pairs.length) / 16));
  expect(steps).toBeLessThan(collapse!.step);
  expect(kept.accuracy).toBeGreaterThanOrEqual(validationFigures(before).accuracy - 0.01);
});
