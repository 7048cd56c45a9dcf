/** A report as Markdown: for a pull request, a wiki, or a folder of results under version control. */
import { formatInterval, formatNumber } from "./format.ts";
import type { BarChart, Report, ReportSection, XyChart } from "./report.ts";

type Section<Kind> = Extract<ReportSection, { kind: Kind }>;
type Cell = Section<"table">["rows"][number][number];

/** A chart with more categories or points than this is left to the page: as a table nobody reads it. */
const maxChartRows = 24;

export function renderReportMarkdown({ title, summary, sections, provenance = {} }: Report): string {
  const parts = [
    `# ${plain(title)}`,
    ...(summary === undefined ? [] : [plain(summary)]),
    ...sections.map(renderSection),
  ];
  const sources = Object.entries(provenance).map(([name, value]) => `- ${plain(name)}: ${code(value)}`);
  if (sources.length > 0) parts.push(["## How to get these figures again", "", ...sources].join("\n"));
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

function renderSection(section: ReportSection): string {
  const { title, note } = section;
  const parts = [title && `## ${plain(title)}`, renderBody(section), note && `*${plain(note)}*`];
  return parts.filter(Boolean).join("\n\n");
}

function renderBody(section: ReportSection): string {
  switch (section.kind) {
    case "text":
      return section.text
        .split(/\n\s*\n/)
        .map(plain)
        .join("\n\n");
    case "metrics":
      return section.metrics.map(renderMetric).join("\n");
    case "table":
      return renderTable(section.columns, section.rows);
    case "chart":
      return renderChart(section.chart);
    case "code":
      return fence(section.code);
    case "trace":
      return section.pieces
        .map(({ text, label }) => (label === undefined ? fence(text) : `${plain(label)}:\n${fence(text)}`))
        .join("\n\n");
  }
}

function renderMetric({ label, value, unit, interval, note }: Section<"metrics">["metrics"][number]): string {
  const shown = formatInterval(value, interval ?? null, unit ?? "");
  return `- ${plain(label)}: **${plain(shown)}**${note === undefined ? "" : ` (${plain(note)})`}`;
}

function renderTable(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const isNumeric = columns.map((_, i) => rows.every((row) => typeof row[i] === "number" || (row[i] ?? null) === null));
  return [
    columns.map(plain),
    isNumeric.map((numeric) => (numeric ? "--:" : "---")),
    ...rows.map((row) => row.map(cell)),
  ]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

/** The values that the chart draws, one row per category or x. */
function renderChart(chart: XyChart | BarChart): string {
  const { columns, rows } = chart.kind === "bar" ? barTable(chart) : xyTable(chart);
  if (rows.length > maxChartRows) return `(${plain(chart.y.label)} over ${plain(chart.x.label)}: drawn in report.html)`;
  return renderTable(columns, rows);
}

function barTable({ x, y, categories, series }: BarChart) {
  const rows = categories.map((category, at): Cell[] => [
    category,
    ...series.map(({ values, intervals }) => withInterval(values[at] ?? null, intervals?.[at])),
  ]);
  return { columns: [x.label, ...series.map(({ label }) => `${label}: ${y.label}`)], rows };
}

function xyTable({ x, y, series }: XyChart) {
  const places = [...new Set(series.flatMap(({ points }) => points.map((point) => point.x)))].sort((a, b) => a - b);
  const rows = places.map((place): Cell[] => [
    place,
    ...series.map(({ points }) => {
      const point = points.find((one) => one.x === place);
      return point ? withInterval(point.y, point.interval) : null;
    }),
  ]);
  return { columns: [x.label, ...series.map(({ label }) => `${label}: ${y.label}`)], rows };
}

const withInterval = (value: number | null, interval?: readonly [number, number] | null): Cell =>
  value === null || !interval ? value : formatInterval(value, [interval[0], interval[1]], "");

function cell(value: Cell | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return plain(formatNumber(value));
}

/** Text that Markdown or a table would read as its own. */
const plain = (text: string): string => text.replace(/[\\`*_[\]<>|]/g, "\\$&").replace(/\s*\n\s*/g, " ");

const code = (text: string): string => `\`${text.replaceAll("`", "'")}\``;

/** Longer than any run of backticks inside. */
function fence(text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const ticks = "`".repeat(longest + 1);
  return `${ticks}\n${text}\n${ticks}`;
}
