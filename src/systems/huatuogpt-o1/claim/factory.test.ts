import { expect, test } from "vitest";
import { labels } from "../stages/llm-filter.ts";
import { createClinic } from "../world/clinic.ts";
import { mcqSet } from "../world/mcq.ts";
import { defectFigures, runFactory } from "./factory.ts";

const signal = new AbortController().signal;

test("the factory finds negated and ambiguous questions, keeps sound ones, and says why each ended", {
  timeout: 60_000,
}, async () => {
  const clinic = createClinic(1000);
  const judged = await runFactory(clinic, mcqSet(clinic, 400), signal);
  const rejected = judged.filter(({ label }) => label !== null);
  for (const { label } of rejected) expect(labels.slice(1)).toContain(label);

  const figures = defectFigures(judged);
  const of = (defect: string) => figures.find((one) => one.defect === defect)!;
  expect(of("negated").planted).toBeGreaterThan(20);
  for (const defect of ["negated", "two-answers"]) {
    expect(of(defect).recall!.value).toBeGreaterThanOrEqual(0.95);
    expect(of(defect).precision!.value).toBeGreaterThanOrEqual(0.9);
  }
  expect(of("needs-options").recall!.value).toBeGreaterThanOrEqual(0.9);
  expect(of("too-simple").recall!.value).toBeGreaterThanOrEqual(0.9);
  // The three weak answerers know most of what is too simple, and rarely anything else.
  const byWeak = judged.filter(({ stage }) => stage === "difficulty");
  const simple = byWeak.filter(({ defect }) => defect === "too-simple");
  expect(simple.length).toBeGreaterThan(of("too-simple").planted / 2);
  const sound = judged.filter(({ defect }) => defect === null);
  expect(sound.filter(({ label }) => label === null).length / sound.length).toBeGreaterThan(0.35);
});

test("figures by hand: recall over what was planted, precision over what has the label", () => {
  const row = (defect: "negated" | "two-answers" | null, label: string | null) => ({ defect, label, stage: null });
  const figures = defectFigures([
    row("negated", "Not Reformulatable"),
    row("negated", null),
    row(null, "Not Reformulatable"),
    row("two-answers", "Ambiguous Answer"),
    row(null, null),
  ]);
  expect(figures.map(({ defect, recall, precision }) => [defect, recall?.value, precision?.value])).toEqual([
    ["too-simple", undefined, undefined],
    ["negated", 0.5, 0.5],
    ["two-answers", 1, 1],
    ["needs-options", undefined, 0.5],
  ]);
});
