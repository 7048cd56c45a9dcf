/** Anybody's responses: what of their thinking served the answers, what the rest cost, and each trace to cut by hand. */
import { useText } from "../../i18n/language.tsx";
import { DropZone } from "../../ui/drop-zone.tsx";
import { Page } from "../../ui/page.tsx";
import { Problem } from "../../ui/problem.tsx";
import { ReportSections } from "../../ui/report/report-view.tsx";
import { AnalysedRuns } from "./analysed-runs.tsx";
import { FileFigures } from "./file-figures.tsx";
import { MeasuringOptions } from "./measuring-options.tsx";
import { Traces } from "./traces.tsx";
import { useTraceFile } from "./use-trace-file.ts";
import "./overthinking.css";

export default function OverthinkingPage() {
  const text = useText();
  const file = useTraceFile();
  const { opened, error, isBusy, measuring, setMeasuring } = file;
  return (
    <Page title="Overthinking" lead={text("overthinking.lead")}>
      <DropZone
        title={text("overthinking.drop")}
        accept=".jsonl,.json,.csv"
        isBusy={isBusy}
        onFile={async (dropped) => file.open({ name: dropped.name, text: await dropped.text() })}
      >
        {text("overthinking.dropHint")}
      </DropZone>
      {error && <Problem error={error} />}
      {!opened && <AnalysedRuns onOpen={(run) => file.open({ name: `run ${run}`, run })} />}
      {opened && (
        <>
          <section className="section" aria-label={opened.name}>
            <div className="file-head">
              <div>
                <h2>{opened.name}</h2>
                <p className="section-note">
                  {text("overthinking.read", {
                    traces: opened.overview.traces.length.toLocaleString(),
                    rejected: opened.rejectedCount,
                    tokenizer: opened.tokenizer,
                  })}
                </p>
              </div>
              <MeasuringOptions measuring={measuring} onChange={setMeasuring} />
            </div>
            {opened.rejects.length > 0 && (
              <details className="notice">
                <summary>{text("overthinking.rejects", { count: opened.rejectedCount })}</summary>
                <ul>
                  {opened.rejects.map((reject) => (
                    <li key={reject}>{reject}</li>
                  ))}
                </ul>
              </details>
            )}
            <FileFigures overview={opened.overview} />
          </section>
          <Traces file={file} opened={opened} />
          <ReportSections sections={opened.overview.sections} />
        </>
      )}
    </Page>
  );
}
