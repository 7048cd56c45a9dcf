/** The frontier as a table and charts. */
import type { ClaimTable } from "../../../core/claim.ts";
import type { ReportSection } from "../../../core/report.ts";
import { mean } from "../../../core/statistics/index.ts";
import { judgedGeneration, type Measurement } from "./schemas.ts";

const columns = [
  "seed",
  "d",
  "tokenizer",
  "PSNR dB",
  "rFID",
  "alignment",
  "rank",
  "gFID",
  "gFID, n→∞",
  "sFID",
  "class",
  "precision",
  "recall",
];

const figure = (value: number | undefined, digits = 3) => (value === undefined ? "" : value.toFixed(digits));

function frontierRows(measurements: readonly Measurement[]): string[][] {
  return measurements.map((measured) => {
    const { reconstruction, health, seed, d, arm } = measured;
    const { fid, fidExtrapolated, sfid, classAgreement, precision, recall } = judgedGeneration(measured);
    return [
      String(seed),
      String(d),
      arm,
      figure(reconstruction.psnr, 2),
      figure(reconstruction.rfid),
      figure(health.alignment, 2),
      figure(health.effectiveRank, 1),
      figure(fid),
      figure(fidExtrapolated),
      figure(sfid),
      figure(classAgreement),
      figure(precision),
      figure(recall),
    ];
  });
}

/** One row per point. */
export const frontierTable = (measurements: readonly Measurement[]): ClaimTable => ({
  title: "Tokenizers and the generators on them",
  columns,
  rows: frontierRows(measurements),
});

/** The same as a table, and the trade as a chart: reconstruction against generation. */
export function frontierSections(measurements: readonly Measurement[]): ReportSection[] {
  const judge = measurements[0]?.reconstruction.judge ?? "";
  const names = [...new Set(measurements.map(({ d, arm }) => `d${d} ${arm}`))];
  const of = (name: string) => measurements.filter(({ d, arm }) => `d${d} ${arm}` === name);
  return [
    {
      kind: "table",
      title: "Tokenizers and the generators on them",
      columns,
      rows: frontierRows(measurements),
      note: `Fréchet distances on ${judge}; generators of one seed start from the same noises and are trained for the same steps.`,
    },
    {
      kind: "chart",
      title: "Reconstruction against generation",
      chart: {
        kind: "scatter",
        x: { label: "PSNR, dB" },
        y: { label: "gFID at the end", scale: "log" },
        series: names.map((label) => ({
          label,
          points: of(label).map((measured) => ({ x: measured.reconstruction.psnr, y: judgedGeneration(measured).fid })),
        })),
      },
    },
    {
      kind: "chart",
      title: "How fast generation is learned",
      chart: {
        kind: "line",
        x: { label: "steps of the generator" },
        y: { label: "gFID, mean over seeds", scale: "log" },
        series: names.map((label) => ({ label, points: meanCurve(of(label)) })),
      },
    },
  ];
}

function meanCurve(measurements: readonly Measurement[]): { x: number; y: number }[] {
  return measurements[0]!.generation.map(({ step }, at) => ({
    x: step,
    y: mean(measurements.map(({ generation }) => generation[at]!.evaluation.fid)),
  }));
}
