/** What experiments hand to the claim: rows to judge and sections to show. */
import type { ClaimRow } from "../../../core/claim.ts";
import type { ReportSection } from "../../../core/report.ts";
import type { Interval } from "../../../core/statistics/index.ts";
import type { Policy } from "../schemas.ts";
import { describeThreshold } from "../signals.ts";
import { accuracyPercent, avoidedLosses, falseStops, type Item, lossPoints, savedPercent } from "./figures.ts";

export type UnjudgedRow = Omit<ClaimRow, "verdict" | "reason">;

export interface Findings {
  rows: UnjudgedRow[];
  sections: ReportSection[];
}

/** How large an experiment is; questions are counted per seed. */
export interface Sizes {
  /** First numbers of the questions and draws. */
  seeds: readonly number[];
  calibration: number;
  test: number;
}

export interface ClaimSizes {
  selfConsistency: Sizes;
  /** `plateau`: questions of that kind besides. */
  probing: Sizes & { plateau: number };
  /** Of each tree search: they are dear. */
  search: Sizes;
}

/**
 * The sizes of the published plan, and those of a few minutes. Differs from the plan in one way: 500 calibration questions
 * and not 400, since from 473 on one lost question may be borne, and the promise does not hang on a single draw.
 */
export function sizesOf(mode: "quick" | "full", seed: number): ClaimSizes {
  const seeds = (count: number) => Array.from({ length: count }, (_, index) => seed + index);
  if (mode === "full") {
    return {
      selfConsistency: { seeds: seeds(5), calibration: 500, test: 500 },
      probing: { seeds: seeds(5), calibration: 500, test: 500, plateau: 150 },
      search: { seeds: seeds(3), calibration: 500, test: 300 },
    };
  }
  return {
    selfConsistency: { seeds: seeds(2), calibration: 500, test: 500 },
    probing: { seeds: seeds(1), calibration: 500, test: 400, plateau: 100 },
    search: { seeds: seeds(1), calibration: 300, test: 200 },
  };
}

export const show = ({ value, low, high }: Interval, digits = 1): string =>
  `${value.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;

/** "entropy 0.7 (all 5 agree) after 5": what is asked for, in short. */
export function describeThresholds({ thresholds, detectAt }: Pick<Policy, "thresholds" | "detectAt">): string {
  const wanted = Object.entries(thresholds).map(([signal, value]) => {
    const short = `${signal} ${Number(value.toFixed(3))}`;
    return signal === "entropy" ? `${short} (${describeThreshold(value, detectAt)})` : short;
  });
  return `${wanted.join(" and ")} after ${detectAt}`;
}

/** Each arm with what it saved and what it cost. */
export function armsTable(title: string, arms: readonly (readonly [string, readonly Item[]])[]): ReportSection {
  return {
    kind: "table",
    title,
    columns: [
      "policy",
      "tokens saved, %",
      "right, %",
      "loss, points",
      "right in full, wrong when stopped",
      "the reverse",
    ],
    rows: arms.map(([name, items]) => [
      name,
      show(savedPercent(items)),
      show(accuracyPercent(items)),
      show(lossPoints(items), 2),
      falseStops(items),
      avoidedLosses(items),
    ]),
    note: `${arms[0]![1].length} questions; tokens of probes and verdicts are counted as spent. Brackets: 95 % by bootstrap over questions.`,
  };
}
