/** One page from a report: HTML and SVG with an inlined style sheet, light and dark, wide and narrow. */
import { formatNumber } from "./format.ts";
import { type Html, html, raw } from "./html.ts";
import type { Metric, Report, ReportSection } from "./report.ts";
import { renderChart } from "./report-chart.ts";
import { reportStyle } from "./report-style.ts";

type Section<Kind> = Extract<ReportSection, { kind: Kind }>;

/** The page as text; it refers to nothing outside itself. */
export function renderReportHtml(report: Report): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${report.title}</title>
<style>${raw(reportStyle)}</style>
</head>
<body>
<main>
<header>
<h1>${report.title}</h1>
${report.summary !== undefined && html`<p class="lead">${report.summary}</p>`}
</header>
${report.sections.map(renderSection)}
${report.provenance && renderProvenance(report.provenance)}
</main>
</body>
</html>
`;
  return page.markup;
}

function renderSection(section: ReportSection): Html {
  return html`<section class="${section.kind}">
${section.title !== undefined && html`<h2>${section.title}</h2>`}
${renderBody(section)}
${section.note !== undefined && html`<p class="note">${section.note}</p>`}
</section>
`;
}

function renderBody(section: ReportSection): Html {
  switch (section.kind) {
    case "text":
      return html`${section.text.split(/\n\s*\n/).map((paragraph) => html`<p>${paragraph}</p>\n`)}`;
    case "metrics":
      return html`<dl class="cards">${section.metrics.map(renderMetric)}</dl>`;
    case "table":
      return renderTable(section);
    case "chart":
      return renderChart(section.chart);
    case "code":
      return html`<pre><code>${section.code}</code></pre>`;
    case "trace":
      return renderTrace(section);
  }
}

function renderMetric({ label, value, unit, interval, note }: Metric): Html {
  const suffix = unit === undefined ? "" : unit === "%" ? "%" : ` ${unit}`;
  return html`<div><dt>${label}</dt><dd><strong${typeof value === "string" && html` class="word"`}>${formatNumber(value)}<small>${suffix}</small></strong>${
    interval &&
    html`<span class="interval">${formatNumber(interval[0])} to ${formatNumber(interval[1])}${suffix}</span>`
  }${note !== undefined && html`<span class="interval">${note}</span>`}</dd></div>
`;
}

function renderTable({ columns, rows }: Section<"table">): Html {
  const numeric = columns.map((_, i) => rows.every((row) => typeof row[i] === "number" || (row[i] ?? null) === null));
  const cell = (value: string | number | boolean | null, i: number) =>
    html`<td${numeric[i] && html` class="number"`}>${value === null ? "" : typeof value === "boolean" ? (value ? "yes" : "no") : formatNumber(value)}</td>`;
  return html`<div class="scroll" tabindex="0"><table>
<thead><tr>${columns.map((name, i) => html`<th scope="col"${numeric[i] && html` class="number"`}>${name}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map(cell)}</tr>\n`)}</tbody>
</table></div>`;
}

function renderTrace({ pieces }: Section<"trace">): Html {
  return html`<div class="pieces">${pieces.map(
    ({ text, label, tone = "plain" }) =>
      html`<div class="piece ${tone}">${label !== undefined && html`<span class="label">${label}</span>`}<span class="words">${text}</span></div>\n`,
  )}</div>`;
}

function renderProvenance(provenance: Record<string, string>): Html {
  const rows = Object.entries(provenance).map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>\n`,
  );
  return html`<footer><details><summary>How to get these figures again</summary><table>${rows}</table></details></footer>`;
}
