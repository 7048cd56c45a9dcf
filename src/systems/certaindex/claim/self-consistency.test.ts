/** The experiment on an oracle instead of the model: the figures that a perfectly trained one would give. */
import { expect, suite, test } from "vitest";
import { judgeClaim } from "../../../core/claim.ts";
import { Random } from "../../../core/random.ts";
import type { Recording } from "../schemas.ts";
import { oracleRecording } from "../world/oracle.fixtures.ts";
import { sampleMixed, sampleQuestions } from "../world/question.ts";
import { findings, makeTrial } from "./self-consistency.ts";

const recordings = (label: string, count: number): Recording[] => {
  const rng = new Random(label);
  return sampleQuestions(rng, count, (stream) => sampleMixed(stream, "train")).map((question) =>
    oracleRecording(question, rng),
  );
};
const judge = (rows: ReturnType<typeof findings>["rows"]) =>
  judgeClaim({ system: "certaindex", paper: "", mode: "quick", rows, seeds: [0], device: "", durationMs: 0 });

suite("self-consistency on an oracle", () => {
  const { rows, sections } = findings([makeTrial(0, recordings("calibration", 500), recordings("test", 1200))]);
  const verdicts = Object.fromEntries(judge(rows).rows.map(({ id, verdict }) => [id, verdict]));
  test("calibrated stops save a lot and lose little, and their control loses much", () => {
    const [saved, lost] = ["C2", "C3"].map((id) => rows.find((row) => row.id === id)!);
    expect(saved!.measured.value).toBeGreaterThan(30);
    expect(Math.abs(lost!.measured.value)).toBeLessThan(0.6);
    expect(lost!.control!.measured.low).toBeGreaterThan(1);
    expect(verdicts).toMatchObject({ C2: "reproduced", C3: "reproduced" });
  });
  test("equal tokens for all, and for the short ones, are worse; so is the control", () => {
    for (const id of ["C4", "C5"]) {
      const { measured, control } = rows.find((row) => row.id === id)!;
      expect(measured.value).toBeGreaterThan(1);
      expect(control!.measured.value).toBeLessThan(measured.value - 1.5);
    }
  });
  test("the table has every arm, and reports what a policy means", () => {
    const [table] = sections;
    const names = (table as { rows: unknown[][] }).rows.map(([name]) => String(name));
    expect(names).toHaveLength(15);
    expect(names).toEqual(expect.arrayContaining(["even, 8 branches", "calibrated", "Adaptive-Consistency 0.95"]));
  });
});

test("where the calibration questions are too few, the full budget stands in and the reason is shown", () => {
  const trial = makeTrial(0, recordings("few", 100), recordings("test", 40));
  expect(trial.refusal).toMatch(/at least 299 are needed/);
  const { rows, sections } = findings([trial]);
  expect(rows.find(({ id }) => id === "C2")!.measured.value).toBe(0);
  expect(JSON.stringify(sections)).toContain("at least 299 are needed");
});
