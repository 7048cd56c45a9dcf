import { useMemo } from "react";
import type { BarChart, XyChart } from "../../../src/core/report.ts";
import { renderChart } from "../../../src/core/report-chart.ts";

/** A chart of a report, by the same drawing as in report.html; every text in it is escaped there. */
export function ReportFigure({ chart, title }: { chart: XyChart | BarChart; title?: string | undefined }) {
  // The frame below is the picture that is announced; the two drawings in it are not pictures of their own.
  const markup = useMemo(() => renderChart(chart).markup.replaceAll('role="img"', 'aria-hidden="true"'), [chart]);
  return (
    <div
      className="chart"
      role="img"
      aria-label={title ?? chart.y.label}
      // biome-ignore lint/security/noDangerouslySetInnerHtml: core/html escapes what is put into its templates
      dangerouslySetInnerHTML={{ __html: markup }}
    />
  );
}
