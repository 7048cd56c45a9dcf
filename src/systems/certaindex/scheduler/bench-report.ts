/** The report of a load test: latencies, deadlines and fairness, from traces alone. */
import type { Report, ReportSection, XyChart } from "../../../core/report.ts";
import { type RatePoint, sustainedRate, tightestScale } from "./slo.ts";
import { cdf, type LoadReport, type ProgramOutcome, phiOf } from "./trace-report.ts";

/** One order at one rate. */
export interface BenchRun {
  order: string;
  /** Programs a second. */
  rate: number;
  outcomes: ProgramOutcome[];
  report: LoadReport;
}

export interface SustainedOrder {
  order: string;
  /** Programs a second with 90 % in time. */
  rate: number;
  /** Even the highest rate tried was sustained. */
  isBeyond: boolean;
}

/** What each order sustains; orders without deadlines are left out. */
export function sustainedOf(runs: readonly BenchRun[]): SustainedOrder[] {
  return ordersOf(runs).flatMap((order) => {
    const points = runs.flatMap(({ order: own, rate, report: { attainment } }): RatePoint[] =>
      own === order && attainment !== null ? [{ rate, attainment }] : [],
    );
    return points.length > 0 ? [{ order, ...sustainedRate(points) }] : [];
  });
}

const ordersOf = (runs: readonly BenchRun[]) => [...new Set(runs.map(({ order }) => order))];

const columns = [
  "order",
  "rate",
  "mean, s",
  "P50",
  "P90",
  "P99",
  "in time",
  "late",
  "P90 s/token",
  "longest wait, s",
  "tokens/s",
  "prompt cached",
  "right",
];

function cells({ order, rate, report }: BenchRun): string[] {
  const {
    latency,
    attainment,
    lateCount,
    fairness,
    longestWait,
    tokensPerSecond,
    promptTokens,
    cachedTokens,
    accuracy,
  } = report;
  const percent = (share: number | null) => (share === null ? "" : `${(100 * share).toFixed(0)} %`);
  const seconds = (value: number) => value.toFixed(value < 10 ? 2 : 1);
  return [
    order,
    rate.toFixed(2),
    seconds(latency.mean),
    seconds(latency.p50),
    seconds(latency.p90),
    seconds(latency.p99),
    percent(attainment),
    attainment === null ? "" : String(lateCount),
    fairness.p90.toFixed(3),
    seconds(longestWait),
    tokensPerSecond.toFixed(0),
    percent(promptTokens > 0 ? cachedTokens / promptTokens : null),
    percent(accuracy),
  ];
}

/** The table for a terminal. */
export function describeBench(runs: readonly BenchRun[]): string {
  const rows = [columns, ...runs.map(cells)];
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const table = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
  const sustained = sustainedOf(runs).map(
    ({ order, rate, isBeyond }) =>
      `${order}: ${isBeyond ? "at least " : ""}${rate.toFixed(2)} programs/s with 90 % in time`,
  );
  return [...table, ...(sustained.length > 0 ? ["", ...sustained] : [])].join("\n");
}

export function renderBench(runs: readonly BenchRun[]): Report {
  const sustained = sustainedOf(runs);
  const best = sustained.toSorted((a, b) => b.rate - a.rate)[0];
  const highest = Math.max(...runs.map(({ rate }) => rate));
  const last = runs.filter(({ rate }) => rate === highest);
  const sections: ReportSection[] = [
    { kind: "table", title: "Orders and rates", columns, rows: runs.map(cells) },
    chart(
      "Latency at the highest rate",
      "seconds from arrival to end",
      last.map((run) => ({ label: run.order, values: run.outcomes.map(({ latency }) => latency) })),
    ),
    chart(
      "Fairness at the highest rate",
      "seconds per token of output",
      last.map((run) => ({ label: run.order, values: run.outcomes.map(phiOf) })),
    ),
  ];
  if (sustained.length > 0) sections.push(attainmentChart(runs), deadlineTable(last));
  return {
    title: "Load test",
    summary: best
      ? `${best.order} sustains ${best.isBeyond ? "at least " : ""}${best.rate.toFixed(2)} programs a second with 90 % in time.`
      : `${runs.length} runs of ${runs[0]!.report.programCount} programs.`,
    sections,
  };
}

function chart(title: string, label: string, series: { label: string; values: number[] }[]): ReportSection {
  const drawn: XyChart = {
    kind: "line",
    x: { label },
    y: { label: "share of programs" },
    series: series.map(({ label: name, values }) => ({ label: name, points: cdf(values).map(([x, y]) => ({ x, y })) })),
  };
  return { kind: "chart", title, chart: drawn };
}

function attainmentChart(runs: readonly BenchRun[]): ReportSection {
  const series = ordersOf(runs).map((label) => ({
    label,
    points: runs
      .filter(({ order, report }) => order === label && report.attainment !== null)
      .map(({ rate, report }) => ({ x: rate, y: report.attainment! })),
  }));
  const chart: XyChart = { kind: "line", x: { label: "programs a second" }, y: { label: "share in time" }, series };
  return {
    kind: "chart",
    title: "Deadlines met",
    note: "A service sustains the rate at which the line falls through 0.9.",
    chart,
  };
}

function deadlineTable(runs: readonly BenchRun[]): ReportSection {
  return {
    kind: "table",
    title: "How tight deadlines may be at the highest rate",
    columns: ["order", "missed", "90 % would meet deadlines of so many times theirs"],
    rows: runs.map(({ order, outcomes, report }) => [order, report.lateCount, tightestScale(outcomes).toFixed(2)]),
  };
}
