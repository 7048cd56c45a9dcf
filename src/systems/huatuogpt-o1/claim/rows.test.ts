import { expect, suite, test } from "vitest";
import { judgeClaim } from "../../../core/claim.ts";
import type { ArmName, ArmResult } from "./arms.ts";
import { meanInterval } from "./intervals.ts";
import type { Experiment } from "./measure.ts";
import { accuracyOf, changes, claimRows, tokensOf } from "./rows.ts";
import { sixArmsTable } from "./sections.ts";

/** An arm that is right in `share` of 200 questions, of which every second asks over two hops. */
function arm(name: ArmName, share: number, seed = 0, { tokens = 10, formless = 0 } = {}): ArmResult {
  const answers = Array.from({ length: 200 }, (_, index) => ({
    right: index < share * 200,
    hasForm: index >= formless,
    hops: (1 + (index % 2)) as 1 | 2,
    isTrap: index % 3 === 0,
    tokens,
    response: "",
  }));
  return { seed, arm: name, rows: 1, answers, verified: answers.map(({ right }) => right), alarm: null, rewards: [] };
}

function experimentOf(shares: Partial<Record<ArmName, number>>): Experiment {
  const scored = (right: number) => Array.from({ length: 1000 }, (_, index) => ({ score: 1, label: index < right }));
  return {
    arms: new Map(Object.entries(shares).map(([name, share]) => [name as ArmName, [arm(name as ArmName, share)]])),
    factory: [],
    search: [],
    verifier: { exact: scored(720), trained: scored(980) },
  };
}

const asInPaper = {
  direct: 0.2,
  simple: 0.5,
  complex: 0.7,
  padded: 0.48,
  "direct+ppo": 0.21,
  "simple+ppo": 0.6,
  "complex+ppo": 0.9,
} as const;

const judged = (shares: Partial<Record<ArmName, number>>) =>
  judgeClaim({
    ...{ system: "s", paper: "p", mode: "quick" as const, seeds: [0], device: "d", durationMs: 1 },
    rows: claimRows(experimentOf(shares)),
  });
const verdictOf = (shares: Partial<Record<ArmName, number>>, id: string) =>
  judged(shares).rows.find((row) => row.id === id)!.verdict;

test("the terminal's table has the six arms that were measured, by hops", () => {
  const { columns, rows } = sixArmsTable(experimentOf(asInPaper));
  expect(columns).toEqual(["arm", "right", "one hop", "two hops"]);
  const six = ["direct", "direct+ppo", "simple", "simple+ppo", "complex", "complex+ppo"];
  expect(rows.map(([name]) => name)).toEqual(six);
  expect(rows[0]![1]).toMatch(/^20%/);
  expect(sixArmsTable(experimentOf({ direct: 0.2 })).rows).toHaveLength(1);
});

suite("the rows", () => {
  test("hold where complex chains and their PPO are above all", () => {
    const claim = judged(asInPaper);
    expect(claim.rows.filter(({ verdict }) => verdict === "not reproduced")).toEqual([]);
    expect(claim.verdict).toBe("reproduced");
  });

  test("fail where simple chains do as well, where PPO loses, and where length alone explains it", () => {
    expect(verdictOf({ ...asInPaper, simple: 0.75 }, "C1")).toBe("not reproduced");
    expect(verdictOf({ ...asInPaper, "complex+ppo": 0.6 }, "P1")).toBe("not reproduced");
    expect(verdictOf({ ...asInPaper, padded: 0.7 }, "C1")).toBe("inconclusive");
  });

  test("changes by hand: per question and seed, after minus before", () => {
    const [before, after] = [arm("simple", 0.5), arm("complex", 0.75)];
    const [own] = changes([before], [after], () => true) as [number[]];
    expect(own.reduce((sum, value) => sum + value, 0)).toBe(50);
    expect(changes([before], [after], ({ hops }) => hops === 2)[0]).toHaveLength(100);
    expect(changes([arm("simple", 0.5, 1), before], [after], () => true)).toEqual([own]); // seed 1 has no partner
    expect(accuracyOf([before, after]).value).toBe(0.625);
    expect(tokensOf([arm("simple", 1, 0, { tokens: 7 })]).value).toBe(7);
  });

  test("answers without the form are counted", () => {
    const experiment = experimentOf(asInPaper);
    experiment.arms.set("complex+ppo", [arm("complex+ppo", 0.9, 0, { formless: 20 })]);
    expect(claimRows(experiment).find(({ id }) => id === "P5")!.measured.value).toBe(10);
  });
});

suite("intervals", () => {
  test("seeds that differ widen them more than questions do", () => {
    const same = meanInterval([Array(100).fill(0.5), Array(100).fill(0.5)]);
    expect([same.low, same.value, same.high]).toEqual([0.5, 0.5, 0.5]);
    const apart = meanInterval([Array(100).fill(0), Array(100).fill(1)]);
    expect([apart.low, apart.value, apart.high]).toEqual([0, 0.5, 1]);
    expect(() => meanInterval([[]])).toThrow("no questions");
  });

  test("one seed: near the usual interval of a proportion", () => {
    const { low, high } = meanInterval([Array.from({ length: 400 }, (_, index) => Number(index < 200))]);
    expect(low).toBeGreaterThan(0.44);
    expect(low).toBeLessThan(0.46);
    expect(high).toBeLessThan(0.56);
  });
});
