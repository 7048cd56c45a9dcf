/** What a run of a model shows: pass rates, verdicts, failures, and the rating where there are standings. */
import { formatInterval, formatNumber } from "../../../core/format.ts";
import type { Report, ReportSection } from "../../../core/report.ts";
import { describeRating, ratingReport } from "../rating/describe.ts";
import type { Rating } from "../rating/rate.ts";
import type { Attempt } from "./schemas.ts";
import type { PassRow, RunSummary } from "./tables.ts";

export interface RunResult {
  model: string;
  summary: RunSummary;
  /** Rows of the problem file that could not be read. */
  badRows: number;
  /** In the currency of the price table. */
  money: number | null;
  rating?: Rating;
}

const share = (row: PassRow["pass"][number]) => {
  if (!row.value) return "";
  const { value, low, high } = row.value;
  const [middle, least, most] = [value, low, high].map((one) => Math.round(1000 * one) / 10);
  return formatInterval(middle!, [least!, most!]);
};

export function describeRun({ model, summary, badRows, money, rating }: RunResult): string {
  const { all, classes, verdicts, missing, completionTokens } = summary;
  const lines = [`${model}: ${all.problems} problems`];
  for (const row of [all, ...classes])
    lines.push(
      `  ${row.group.padEnd(10)}${row.pass.map((one) => `pass@${one.k} ${share(one) || "n/a"} %`).join("   ")}`,
    );
  lines.push(
    `  ${Object.entries(verdicts)
      .map(([name, count]) => `${count} ${name}`)
      .join(", ")}`,
  );
  lines.push(
    `  ${formatNumber(completionTokens)} tokens written${money === null ? "" : `, ${formatNumber(money)} paid`}`,
  );
  if (missing.length > 0)
    lines.push(`  ${missing.length} problems have missing attempts and are in no figure: run it again`);
  if (badRows > 0) lines.push(`  ${badRows} rows could not be read`);
  if (rating) lines.push("", describeRating(rating));
  return lines.join("\n");
}

export function runReport(result: RunResult, attempts: readonly Attempt[]): Report {
  const { model, summary, rating } = result;
  const table = (title: string, rows: readonly PassRow[], note?: string): ReportSection => ({
    kind: "table",
    title,
    columns: ["", "problems", ...summary.all.pass.map(({ k }) => `pass@${k}, %`)],
    rows: rows.map((row) => [row.group, `${row.problems}`, ...row.pass.map(share)]),
    ...(note && { note }),
  });
  const failures = attempts.filter(({ failure }) => failure).slice(0, 50);
  return {
    title: `${model} on ${summary.all.problems} problems`,
    summary: `pass@1 ${share(summary.all.pass[0]!)} % (95 %).${rating ? ` Rating ${Math.round(rating.mean.value)}.` : ""}`,
    sections: [
      ...(rating ? ratingReport(rating).sections : []),
      table("All problems and by class", [summary.all, ...summary.classes]),
      ...(summary.divisions.length > 0 ? [table("By division", summary.divisions)] : []),
      ...(summary.tags.length > 0
        ? [table("By tag", summary.tags, "Tags of at least 30 problems; one problem may be in several.")]
        : []),
      {
        kind: "chart",
        title: "Verdicts",
        chart: {
          kind: "bar",
          x: { label: "verdict" },
          y: { label: "attempts" },
          categories: Object.keys(summary.verdicts),
          series: [{ label: "attempts", values: Object.values(summary.verdicts) }],
        },
      },
      ...(failures.length > 0
        ? [
            {
              kind: "table" as const,
              title: "First failing tests",
              columns: ["problem", "attempt", "verdict", "test", "what it saw"],
              rows: failures.map(({ problem, attempt, verdict, failedTest, failure }) => [
                problem,
                `${attempt + 1}`,
                verdict ?? "",
                failedTest ?? "",
                failure!.message || failure!.output.slice(0, 120),
              ]),
              note: "All of them, with programs and inputs, are in attempts.jsonl.",
            },
          ]
        : []),
    ],
  };
}
