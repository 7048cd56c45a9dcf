/** A load over time: every program from arrival to end, its deadline, and how many were under way. */
import type { Metric, XyChart } from "../../../../src/core/report.ts";
import type { LoadView } from "../../../../src/server/studio/certaindex/contract.ts";
import { useCall } from "../../api/use-call.ts";
import { ReportFigure } from "../../charts/report-figure.tsx";
import { useText } from "../../i18n/language.tsx";
import { Answer } from "../../ui/answer.tsx";
import { MetricCards } from "../../ui/report/metric-cards.tsx";

export function LoadTimeline({ run, file }: { run: string; file: string }) {
  const text = useText();
  const state = useCall("certaindex.load", { run, file });
  return (
    <Answer state={state}>
      {(view) => (
        <>
          <LoadFigures view={view} />
          <section className="section">
            <h2>{text("certaindex.timeline")}</h2>
            <Timeline view={view} />
            <p className="section-note">{text("certaindex.timelineNote")}</p>
          </section>
          <section className="section">
            <h2>{text("certaindex.active")}</h2>
            <ReportFigure chart={activeChart(view, text("certaindex.seconds"), text("certaindex.active"))} />
          </section>
        </>
      )}
    </Answer>
  );
}

function LoadFigures({ view: { report } }: { view: LoadView }) {
  const text = useText();
  const { latency, attainment, tokensPerSecond, programCount, accuracy, longestWait } = report;
  const metrics: Metric[] = [
    { label: text("certaindex.load.programs"), value: programCount },
    { label: text("certaindex.load.mean"), value: latency.mean, unit: "s" },
    { label: text("certaindex.load.p90"), value: latency.p90, unit: "s" },
    ...(attainment === null ? [] : [{ label: text("certaindex.load.inTime"), value: 100 * attainment, unit: "%" }]),
    { label: text("certaindex.load.speed"), value: tokensPerSecond, unit: text("certaindex.load.perSecond") },
    { label: text("certaindex.load.wait"), value: longestWait, unit: "s" },
    ...(accuracy === null ? [] : [{ label: text("overthinking.accuracy"), value: 100 * accuracy, unit: "%" }]),
  ];
  return <MetricCards metrics={metrics} />;
}

const width = 900;

function Timeline({ view: { programs, report } }: { view: LoadView }) {
  const text = useText();
  const start = programs[0]?.arrivedAt ?? 0;
  const rowHeight = Math.max(3, Math.min(14, 520 / programs.length));
  const height = rowHeight * programs.length;
  const x = (t: number) => ((t - start) / (report.seconds || 1)) * width;
  return (
    <div className="panel timeline">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={text("certaindex.timeline")}>
        {programs.map(({ program, arrivedAt, latency, deadline, reason }, index) => {
          const isLate = deadline !== null && latency > deadline;
          const y = index * rowHeight;
          return (
            <g key={program} className={isLate ? "late" : reason === "settled" ? "settled" : undefined}>
              <rect
                x={x(arrivedAt)}
                y={y + 0.5}
                width={Math.max(1, x(arrivedAt + latency) - x(arrivedAt))}
                height={rowHeight - 1}
                rx="1"
              >
                <title>{`${program}: ${latency.toFixed(2)} s, ${reason}`}</title>
              </rect>
              {deadline !== null && (
                <line x1={x(arrivedAt + deadline)} x2={x(arrivedAt + deadline)} y1={y} y2={y + rowHeight} />
              )}
            </g>
          );
        })}
      </svg>
    </div>
  );
}

function activeChart({ active }: LoadView, seconds: string, label: string): XyChart {
  const [first] = active;
  const points = active.map(({ t, count }) => ({ x: t - (first?.t ?? 0), y: count }));
  return { kind: "line", x: { label: seconds }, y: { label }, series: [{ label, points }] };
}
