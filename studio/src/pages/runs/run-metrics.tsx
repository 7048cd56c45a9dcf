/** The metrics of a run as charts; while it goes on, they grow. */
import { lazy, Suspense } from "react";
import { useCall } from "../../api/use-call.ts";
import { useText } from "../../i18n/language.tsx";
import { Answer } from "../../ui/answer.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Loading } from "../../ui/loading.tsx";
import { ProgressLine } from "../../ui/progress-line.tsx";

const MetricChart = lazy(() => import("../../charts/metric-chart.tsx"));

export function RunMetrics({ run, isRunning }: { run: string; isRunning: boolean }) {
  const text = useText();
  const state = useCall(
    "runs.live",
    { run },
    { everyMs: (reply) => (reply?.isComplete === false ? 400 : isRunning ? 1500 : 0) },
  );
  return (
    <Answer state={state}>
      {({ metrics, isComplete, readBytes, totalBytes, progress }) => (
        <>
          {!isComplete && totalBytes > 0 && (
            <p className="soft small" role="status">
              {text("run.reading", { percent: Math.floor((100 * readBytes) / totalBytes) })}
            </p>
          )}
          {metrics.length > 0 ? (
            <Suspense fallback={<Loading />}>
              <div className="metric-grid">
                {metrics.map(({ name, points, count }) => (
                  <MetricChart
                    key={name}
                    title={name}
                    note={text("run.valueCount", { count: count.toLocaleString() })}
                    lines={[{ label: name, points }]}
                  />
                ))}
              </div>
            </Suspense>
          ) : (
            progress.length === 0 &&
            isComplete && <Empty title={text("run.noMetrics")}>{text("run.noMetricsBody")}</Empty>
          )}
          {progress.map((one) => (
            <ProgressLine key={one.label} progress={one} />
          ))}
        </>
      )}
    </Answer>
  );
}
