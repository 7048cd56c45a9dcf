import type { RunDetail } from "../../../../src/server/studio/runs/contract.ts";
import { fileUrl } from "../../api/client.ts";
import { useText } from "../../i18n/language.tsx";
import { Empty } from "../../ui/empty.tsx";
import { ReportView } from "../../ui/report/report-view.tsx";

export function RunReport({ detail: { key, report, status, artifacts } }: { detail: RunDetail }) {
  const text = useText();
  if (!report) {
    const isOver = status !== "running";
    return (
      <Empty title={text("run.noReport")}>
        <p>{text(isOver ? "run.noReportEver" : "run.noReportBody")}</p>
      </Empty>
    );
  }
  const hasPage = artifacts.some(({ path }) => path === "report.html");
  return (
    <>
      <section className="section">
        <h2>{report.title}</h2>
        {report.summary && <p>{report.summary}</p>}
        {hasPage && (
          <p className="small">
            <a href={fileUrl(key, "report.html")} target="_blank" rel="noreferrer">
              {text("run.openPage")}
            </a>
          </p>
        )}
      </section>
      <ReportView report={report} />
    </>
  );
}
