/** What experiments hand to the claim: rows to judge and sections to show. */
import type { ClaimRow } from "../../../core/claim.ts";
import type { ReportSection } from "../../../core/report.ts";
import type { Interval } from "../../../core/statistics/index.ts";

export type UnjudgedRow = Omit<ClaimRow, "verdict" | "reason">;

export interface Findings {
  rows: UnjudgedRow[];
  sections: ReportSection[];
}

/** A figure without doubt: it is counted, not estimated. */
export const certain = (value: number): Interval => ({ value, low: value, high: value, level: 0.95 });

/** Of a share. */
export const inPercent = ({ value, low, high, level }: Interval): Interval => ({
  value: 100 * value,
  low: 100 * low,
  high: 100 * high,
  level,
});

export const show = ({ value, low, high }: Interval, digits = 0): string =>
  `${value.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
