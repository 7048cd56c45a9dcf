/** What each part of the recipe is worth: how much gFID rises when it is taken out, over seeds. */
import type { ReportSection } from "../../../core/report.ts";
import type { Interval } from "../../../core/statistics/index.ts";
import { overSeeds } from "../claim/rows.ts";
import type { AblationRow } from "./run.ts";

export interface VariantSummary {
  name: string;
  fid: Interval;
  /** gFID of the variant over that of the whole recipe with the same seed, in percent above; null for the whole recipe. */
  rise: Interval | null;
  /** The same of the paper's table, which adds parts to a DiT. */
  published: number | null;
  classAgreement: Interval;
}

export function summarise(rows: readonly AblationRow[]): VariantSummary[] {
  const names = [...new Set(rows.map(({ variant }) => variant.name))];
  const whole = new Map(
    rows.filter(({ variant }) => variant.name === names[0]).map(({ seed, evaluation }) => [seed, evaluation.fid]),
  );
  return names.map((name, index) => {
    const own = rows.filter(({ variant }) => variant.name === name);
    const { published } = own[0]!.variant;
    return {
      name,
      fid: overSeeds(own.map(({ evaluation }) => evaluation.fid)),
      rise:
        index === 0
          ? null
          : overSeeds(own.map(({ seed, evaluation }) => 100 * (evaluation.fid / whole.get(seed)! - 1))),
      published: published && 100 * (published[0] / published[1] - 1),
      classAgreement: overSeeds(own.map(({ evaluation }) => evaluation.classAgreement ?? Number.NaN)),
    };
  });
}

const columns = ["recipe", "gFID", "rise %", "published %", "class agreement"];

/** Helped: its absence is worse beyond doubt; hurt: better; unclear: the interval reaches both sides. */
export function verdictOf({ rise }: VariantSummary): string {
  if (!rise) return "";
  return rise.low > 0 ? "helped" : rise.high < 0 ? "hurt" : "unclear at this size";
}

export function ablationCells(summaries: readonly VariantSummary[]): string[][] {
  const show = ({ value, low, high }: Interval, digits: number) =>
    Number.isFinite(low)
      ? `${value.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`
      : value.toFixed(digits);
  return summaries.map((summary) => [
    summary.name,
    show(summary.fid, 3),
    summary.rise ? `${show(summary.rise, 1)} ${verdictOf(summary)}` : "",
    summary.published === null ? "" : summary.published.toFixed(1),
    show(summary.classAgreement, 3),
  ]);
}

export function ablationTable(summaries: readonly VariantSummary[]): string {
  const rows = [columns, ...ablationCells(summaries)];
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function ablationSections(summaries: readonly VariantSummary[]): ReportSection[] {
  return [
    {
      kind: "table",
      title: "The recipe without each of its parts",
      columns,
      rows: ablationCells(summaries),
      note: "Means with Student's 95 % interval over seeds; the rise compares runs of one seed. The published column is what the paper's table says of adding the part to a DiT.",
    },
  ];
}
