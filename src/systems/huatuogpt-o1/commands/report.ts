/** What runs of the data engine show: rows by stage, why rows ended, what was paid. */
import type { Metric, Report, ReportSection } from "../../../core/report.ts";
import { medicalNotice } from "../medical-notice.ts";
import type { PipelineOutcome, StageFigures } from "../pipelines/run.ts";

export interface EngineResult {
  /** The run's folder. */
  dir: string;
  /** Rows written, and where. */
  written: number;
  out: string;
  stages: StageFigures[];
  failed: number;
  calls: number;
  tokens: number;
  money: number | null;
  isMedical: boolean;
}

export function engineResult(
  outcome: Pick<PipelineOutcome<unknown>, "stages" | "failedCount" | "totals" | "hasPrices">,
  rest: Pick<EngineResult, "dir" | "written" | "out" | "isMedical">,
): EngineResult {
  const { totals, hasPrices } = outcome;
  return {
    ...rest,
    stages: outcome.stages,
    failed: outcome.failedCount,
    calls: totals.paidCount,
    tokens: totals.promptTokens + totals.completionTokens + totals.lostTokens,
    money: hasPrices ? totals.money : null,
  };
}

/** Labels and counts, the largest first. */
export function describeCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([label, count]) => `${count} ${label}`)
    .join(", ");
}

export function describeEngine(result: EngineResult): string {
  const stages = result.stages.map(({ name, kept, rejected, failed }) => {
    const ended = describeCounts({ ...rejected, ...(failed > 0 && { failed }) });
    return `  ${name}: ${kept} kept${ended && `; ${ended}`}`;
  });
  const money = result.money === null ? "" : `, ${result.money.toFixed(2)} spent`;
  return [
    `${result.written} rows in ${result.out}`,
    ...stages,
    `${result.calls} calls paid, ${result.tokens} tokens${money}.`,
    ...(result.failed > 0
      ? [`${result.failed} rows failed each time; run again with --cache ${result.dir}/cache to try them anew.`]
      : []),
    `Rows that ended early, with reasons: ${result.dir}/rejected.jsonl`,
    `Report: ${result.dir}/report.html`,
  ].join("\n");
}

export function engineReport(title: string, result: EngineResult, sections: ReportSection[] = []): Report {
  const metrics: Metric[] = [
    { label: "rows written", value: result.written },
    { label: "rows failed", value: result.failed },
    { label: "calls paid", value: result.calls },
    { label: "tokens", value: result.tokens },
    ...(result.money === null ? [] : [{ label: "money", value: result.money }]),
  ];
  return {
    title,
    summary: `${result.written} rows written.`,
    sections: [
      ...(result.isMedical ? [{ kind: "text" as const, title: "Notice", text: medicalNotice }] : []),
      { kind: "metrics", metrics },
      {
        kind: "table",
        title: "Rows by stage",
        columns: ["stage", "kept", "ended here", "failed"],
        rows: result.stages.map(({ name, kept, rejected, failed }) => [name, kept, describeCounts(rejected), failed]),
      },
      ...sections,
    ],
  };
}
