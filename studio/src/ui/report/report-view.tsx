/** A report as its run wrote it: the same sections as report.html, in the studio's design. */
import type { Report, ReportSection } from "../../../../src/core/report.ts";
import { ReportFigure } from "../../charts/report-figure.tsx";
import { CodeBlock } from "../code-block.tsx";
import { MetricCards } from "./metric-cards.tsx";
import { Pieces } from "./pieces.tsx";
import { ReportTable } from "./report-table.tsx";

export function ReportView({ report }: { report: Report }) {
  return <ReportSections sections={report.sections} />;
}

export function ReportSections({ sections }: { sections: readonly ReportSection[] }) {
  return (
    <>
      {sections.map((section, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: sections have no names, and their order is theirs
        <Section key={index} section={section} />
      ))}
    </>
  );
}

function Section({ section }: { section: ReportSection }) {
  return (
    <section className="section">
      {section.title && <h2>{section.title}</h2>}
      <SectionBody section={section} />
      {section.note && <p className="section-note">{section.note}</p>}
    </section>
  );
}

function SectionBody({ section }: { section: ReportSection }) {
  switch (section.kind) {
    case "text":
      return section.text.split("\n\n").map((paragraph) => <p key={paragraph}>{paragraph}</p>);
    case "metrics":
      return <MetricCards metrics={section.metrics} />;
    case "table":
      return <ReportTable columns={section.columns} rows={section.rows} />;
    case "chart":
      return <ReportFigure chart={section.chart} title={section.title} />;
    case "code":
      return <CodeBlock title={section.title ?? ""}>{section.code}</CodeBlock>;
    case "trace":
      return <Pieces pieces={section.pieces} />;
  }
}
