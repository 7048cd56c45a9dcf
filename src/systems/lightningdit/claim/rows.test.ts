import { expect, suite, test } from "vitest";
import { judgeClaim } from "../../../core/claim.ts";
import type { Arm, Measurement } from "../frontier/index.ts";
import { frontierTable } from "../frontier/index.ts";
import { claimRows, overSeeds, speedUp } from "./rows.ts";

interface Figures {
  psnr?: number;
  fids: number[];
  agreement?: number;
}

function measured(seed: number, d: number, arm: Arm, { psnr = 20, fids, agreement = 0.4 }: Figures): Measurement {
  const judge = "judge";
  const evaluation = (fid: number) => ({
    judge,
    count: 10,
    referenceCount: 10,
    fid,
    fidExtrapolated: fid,
    sfid: fid,
    classAgreement: agreement,
    precision: 1,
    recall: 1,
    warnings: [],
  });
  return {
    seed,
    d,
    arm,
    reconstruction: {
      tokenizer: "t",
      count: 10,
      psnr,
      ssim: 0.9,
      rfid: 1,
      rfidExtrapolated: 1,
      judge,
      classAgreementReal: 0.9,
      warnings: [],
    },
    health: {
      channels: d,
      dead: [],
      std: { min: 1, median: 1, max: 1 },
      correlation: 0,
      effectiveRank: d,
      noiseShare: 0,
    },
    judgedAt: 300,
    generation: fids.map((fid, i) => ({ step: 100 * (i + 1), evaluation: evaluation(fid) })),
    guided: evaluation(fids.at(-1)!),
  };
}

/** Three seeds in which everything holds, a little differently in each. */
const world = (change: Partial<Record<Arm, Partial<Figures>>> = {}) =>
  [0, 1, 2].flatMap((seed) => {
    const jitter = 1 + 0.01 * seed;
    return [
      measured(seed, 4, "unaligned", { psnr: 19, fids: [3, 2, 1.5 * jitter] }),
      measured(seed, 32, "unaligned", { psnr: 21, fids: [6, 4, 2 * jitter] }),
      measured(seed, 32, "aligned", { psnr: 20.8, fids: [4, 1.5, 1 * jitter], agreement: 0.7, ...change.aligned }),
      measured(seed, 32, "wrong", { psnr: 20.9, fids: [5, 3, 1.95], ...change.wrong }),
    ];
  });
const judge = (measurements: Measurement[]) => {
  const claim = judgeClaim({
    system: "lightningdit",
    paper: "p",
    mode: "quick",
    rows: claimRows(measurements, "quick"),
    seeds: [0],
    device: "d",
    durationMs: 0,
  });
  return { claim, of: (id: string) => claim.rows.find((row) => row.id === id)! };
};

suite("claimRows", () => {
  test("by hand: cuts in percent, PSNR in dB, the control beside", () => {
    const { claim, of } = judge(world());
    expect(of("T1").measured.value).toBeCloseTo(2, 6);
    expect(of("T2").measured.value).toBeCloseTo(100 / 3, 4);
    expect(of("A1").measured.value).toBeCloseTo(50, 4);
    expect(of("A1").control!.measured.value).toBeLessThan(5);
    expect(of("A4").measured.value).toBeCloseTo(0.2, 6);
    expect(of("Q1").measured.value).toBeCloseTo(70 / 0.9, 4);
    expect(claim.verdict).toBe("reproduced");
  });
  test("a control that gains as much makes alignment's gain inconclusive, and the comparison with it fail", () => {
    const { claim, of } = judge(world({ wrong: { fids: [4, 1.5, 1] } }));
    expect([of("A1").verdict, of("A2").verdict, claim.verdict]).toEqual([
      "inconclusive",
      "not reproduced",
      "not reproduced",
    ]);
  });
  test("an aligned generator that is worse is told as such", () => {
    const { of } = judge(world({ aligned: { fids: [6, 5, 4], agreement: 0.2 } }));
    expect([of("A1").verdict, of("A3").verdict, of("S1").verdict]).toEqual([
      "not reproduced",
      "not reproduced",
      "not reproduced",
    ]);
  });
  test("beside real pictures a generator is judged after a full training alone", () => {
    const wanted = (mode: "quick" | "full") => claimRows(world(), mode).find(({ id }) => id === "Q1")!.wanted;
    expect([wanted("quick"), wanted("full")]).toEqual([undefined, { atLeast: 70 }]);
  });
  test("what comes after the budget of the comparison is shown apart, and in full alone", () => {
    const later = world().map((one) => {
      const { evaluation } = one.generation.at(-1)!;
      const fid = one.arm === "aligned" ? 4 : 2;
      return { ...one, generation: [...one.generation, { step: 600, evaluation: { ...evaluation, fid } }] };
    });
    const row = (mode: "quick" | "full", id: string) => claimRows(later, mode).find((one) => one.id === id);
    expect(row("full", "A1")!.measured.value).toBeCloseTo(50, 4);
    expect(row("full", "S1")!.measured.value).toBeGreaterThan(1.5);
    expect(row("full", "L1")!.measured.value).toBeCloseTo(-100, 4);
    expect(row("full", "L1")!.wanted).toBeUndefined();
    expect(row("quick", "L1")).toBeUndefined();
  });
  test("one seed alone proves nothing", () => {
    const { claim } = judge(world().filter(({ seed }) => seed === 0));
    expect(claim.verdict).toBe("inconclusive");
  });
});

test("overSeeds is Student's interval", () => {
  const { value, low, high } = overSeeds([1, 2, 3]);
  expect(value).toBe(2);
  expect(high - value).toBeCloseTo((4.3027 * 1) / Math.sqrt(3), 3); // t(0.975, 2) = 4.3027, deviation 1
  expect(value - low).toBeCloseTo(high - value, 12);
});

suite("speedUp", () => {
  const unaligned = measured(0, 32, "unaligned", { fids: [6, 4, 2] });
  const speed = (...fids: number[]) => speedUp(unaligned, measured(0, 32, "aligned", { fids }));
  test("is read between the budgets", () => {
    expect(speed(4, 1, 1)).toBeCloseTo(300 / (100 + (2 / 3) * 100), 10); // from 4 to 1, 2 lies two thirds of the way
    expect(speed(4, 2, 1)).toBe(1.5);
  });
  test("at the first budget it is what that budget saves, and a run that never arrives is below 1", () => {
    expect(speed(1, 1, 1)).toBe(3);
    expect(speed(8, 6, 4)).toBe(0.5);
  });
});

test("the table names every point", () => {
  const { columns, rows } = frontierTable(world());
  expect(rows).toHaveLength(12);
  expect(rows.every(({ length }) => length === columns.length)).toBe(true);
  expect(rows[2]!.slice(0, 4)).toEqual(["0", "32", "aligned", "20.80"]);
});
