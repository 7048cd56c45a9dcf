/** The rows on made-up measurements, whose figures are known. */
import { expect, suite, test } from "vitest";
import { judgeClaim } from "../../../core/claim.ts";
import type { ProblemScores } from "../training/scores.ts";
import { LEVELS, type Level } from "../world/problem.ts";
import { ARMS, type ArmName, planOf, tossPairs } from "./arms.ts";
import type { Experiment, Measurement } from "./measure.ts";
import { claimRows } from "./rows.ts";
import { claimSections } from "./sections.ts";

const solutionsOf: Record<Level, number> = { 1: 4, 2: 4, 3: 3.5, 4: 3, 5: 3 };
const base = (level: Level): ProblemScores => ({
  level,
  accuracy: 0.9,
  tokenCount: 20 * (level + 1),
  solutionCount: solutionsOf[level],
  outcome: 0.45,
  process: 0.8,
  firstCorrect: 0.95,
});

/** 5 problems of each level, two seeds; `change` makes the arm's scores of the base's. */
function measured(arm: string, change: (scores: ProblemScores) => Partial<ProblemScores> = () => ({})): Measurement[] {
  return [0, 1].map((seed) => {
    const scores = LEVELS.flatMap((level) => Array.from({ length: 5 }, () => base(level)));
    const changed = scores.map((one) => ({ ...one, ...change(one) }));
    const validation = { accuracy: 1, tokenCount: 90 };
    return {
      seed,
      arm,
      lr: 1e-4,
      pairs: 9,
      validation,
      isWithinTolerance: true,
      collapse: null,
      greedy: changed,
      sampled: changed,
    };
  });
}
const cut =
  (share: number) =>
  ({ tokenCount }: ProblemScores) => ({ tokenCount: (1 - share) * tokenCount });

const experiment: Experiment = {
  base: measured("base"),
  arms: new Map<ArmName, Measurement[]>([
    [
      "simpo-fcs-reflection",
      measured("simpo-fcs-reflection", (scores) => ({ ...cut(0.4)(scores), solutionCount: 2, outcome: 0.65 })),
    ],
    [
      "simpo-fcs",
      measured("simpo-fcs", (scores) => ({
        ...cut(0.6)(scores),
        outcome: 0.9,
        accuracy: scores.level === 5 ? 0.7 : 0.9,
      })),
    ],
    ["coin", measured("coin", (scores) => ({ ...cut(0.02)(scores), accuracy: 0.91 }))],
    ["simpo-shortest", measured("simpo-shortest", (scores) => ({ ...cut(0.2)(scores), outcome: 0.5 }))],
    ["sft-shortest", measured("sft-shortest", cut(0.05))],
    ["simpo-gds", measured("simpo-gds", (scores) => ({ ...cut(0.5)(scores), outcome: 0.8 }))],
  ]),
};
const judge = (rows: ReturnType<typeof claimRows>) =>
  judgeClaim({ system: "overthinking", paper: "", mode: "full", rows, seeds: [0, 1], device: "", durationMs: 0 });
const rowsById = new Map(judge(claimRows(experiment)).rows.map((row) => [row.id, row]));
const value = (id: string) => rowsById.get(id)!.measured.value;

suite("claimRows", () => {
  test("are the figures that were put in", () => {
    const expected: Record<string, number> = {
      B1: 45,
      B2: 95,
      B3: 1,
      B4: 60, // tokens 110 on levels 4-5, 50 on levels 1-2
      R1: 40,
      R2: 40,
      R3: 0,
      R5: 20,
      R6: 1, // rounds fall by 2 on easy problems and by 1 on hard ones
      F1: 60,
      F2: -20,
      O1: 10,
      O2: 15,
      O3: 15,
      O4: 5,
      S1: 20,
      S2: 15,
      T1: 5,
      T4: 50,
    };
    for (const [id, figure] of Object.entries(expected)) expect(value(id), id).toBeCloseTo(figure, 9);
    expect([rowsById.has("T2"), rowsById.has("T5")]).toEqual([false, false]); // arms that were not measured
  });
  test("hold when the effect is there and the coin shows none", () => {
    for (const [id, { verdict }] of rowsById) expect(verdict, id).toBe(id.startsWith("T") ? null : "reproduced");
  });
  test("do not hold when tokens stay, or when the coin saves as much", () => {
    const with_ = (name: ArmName, other: Measurement[]): Experiment => ({
      ...experiment,
      arms: new Map(experiment.arms).set(name, other),
    });
    const verdict = (changed: Experiment, id: string) =>
      judge(claimRows(changed)).rows.find((row) => row.id === id)!.verdict;
    expect(verdict(with_("simpo-fcs-reflection", measured("x", cut(0.1))), "R1")).toBe("not reproduced");
    expect(verdict(with_("coin", measured("x", cut(0.35))), "R1")).toBe("inconclusive");
    expect(verdict(with_("simpo-fcs", measured("x", cut(0.6))), "F2")).not.toBe("not reproduced"); // exactly 0 is at the limit
    expect(verdict(with_("sft-shortest", measured("x", cut(0.3))), "S2")).toBe("not reproduced");
  });
  test("come with their tables", () => {
    const sections = claimSections(experiment, planOf("full", 0));
    expect(sections.map(({ title }) => title)).toContain("Tokens saved by level, greedy, %");
    const saved = sections.find(({ title }) => title === "Tokens saved by level, greedy, %")!;
    expect(saved.kind === "table" && saved.rows[0]).toEqual([
      "simpo-fcs-reflection",
      ...Array(6).fill("40.0 (40.0 to 40.0)"),
    ]);
  });
});

suite("plans", () => {
  test("quick has the main arm, its opposite and the control; full has all and five seeds", () => {
    expect(planOf("quick", 3).arms.map(({ name }) => name)).toEqual(["simpo-fcs-reflection", "simpo-fcs", "coin"]);
    expect(planOf("full", 3).seeds).toEqual([3, 4, 5, 6, 7]);
    expect(planOf("full", 3).arms).toEqual(ARMS);
  });
  test("the coin turns about half of the pairs around, and nothing else", () => {
    const pairs = Array.from({ length: 400 }, (_, id) => ({
      id: String(id),
      kind: "fcs" as const,
      prompt: "",
      chosen: "short",
      rejected: "long",
      chosenTokenCount: 1,
      rejectedTokenCount: 2,
      chosenSolutionCount: 1,
      rejectedSolutionCount: 2,
    }));
    const tossed = tossPairs(pairs, 0);
    const turned = tossed.filter(({ chosen }) => chosen === "long");
    expect(turned.length).toBeGreaterThan(150);
    expect(turned.length).toBeLessThan(250);
    for (const pair of turned)
      expect(pair).toMatchObject({ rejected: "short", chosenTokenCount: 2, rejectedTokenCount: 1 });
    expect(tossPairs(pairs, 0)).toEqual(tossed);
  });
});
