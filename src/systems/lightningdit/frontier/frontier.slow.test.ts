/** The experiment at its smallest: stopped after a point and gone on with, it measures only what is missing. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createLog } from "../../../core/log.ts";
import { summarise } from "../ablation/report.ts";
import { runAblation } from "../ablation/run.ts";
import { frontierPlan, frontierTable, Measurement, runFrontier } from "./index.ts";

const dir = await mkdtemp(join(tmpdir(), "polymath-frontier-"));
afterAll(() => rm(dir, { recursive: true, force: true }));

const usual = frontierPlan("quick", 0, 1);
const plan = {
  ...usual,
  points: [
    { d: 4, arm: "unaligned" as const },
    { d: 8, arm: "wrong" as const },
  ],
  trainCount: 200,
  heldOutCount: 120,
  features: { ...usual.features, steps: 6 },
  judgeSteps: 6,
  tokenizerSteps: 6,
  recipe: { ...usual.recipe, steps: 6 },
  budgets: [3, 6],
  judgedAt: 6,
  sampleCount: 96,
  samplePoints: 3,
};
/** Progress bars by label, of one run. */
function watched(signal = new AbortController().signal) {
  const labels: string[] = [];
  const progress = ({ label }: { label: string }) => {
    labels.push(label);
    return { update() {}, stop() {} };
  };
  return { labels, context: { dir, log: createLog(), progress, signal } };
}

test("stopped, gone on with, and asked again", async () => {
  const stop = new AbortController();
  const first = watched(stop.signal);
  const log = { ...createLog(), info: (event: string) => event === "point-end" && stop.abort() };
  expect(await runFrontier(plan, { ...first.context, log: log as never })).toBeNull();

  const second = watched();
  const measurements = (await runFrontier(plan, second.context))!;
  expect(measurements.map(({ d, arm }) => `${d} ${arm}`)).toEqual(["4 unaligned", "8 wrong"]);
  expect(second.labels.filter((label) => label.startsWith("train"))).toEqual([
    "train d8 wrong",
    "train generator on d8",
  ]);
  for (const measured of measurements) {
    expect(() => Measurement.parse(measured)).not.toThrow();
    expect(measured.generation.map(({ step }) => step)).toEqual([3, 6]);
    expect(measured.health.alignment).toBeGreaterThan(-1);
  }
  const third = watched();
  expect(await runFrontier(plan, third.context)).toEqual(measurements);
  expect(third.labels).toEqual([]);
  expect(frontierTable(measurements).rows).toHaveLength(2);
});

test("the ablation trains every variant on one tokenizer's latents", async () => {
  const rows = (await runAblation({ ...plan, budgets: [6] }, { d: 4, arm: "unaligned" }, watched().context))!;
  const summaries = summarise(rows);
  expect(summaries.map(({ name }) => name)).toContain("without SwiGLU");
  for (const { fid } of summaries) expect(fid.value).toBeGreaterThan(0);
});
