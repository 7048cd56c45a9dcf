/** Runs beside one another: their metrics in one chart each, and the options in which they differ. */
import { lazy, Suspense, useEffect, useState } from "react";
import { Link, useSearchParams } from "wouter";
import type { RunDetail, RunLive } from "../../../../src/server/studio/runs/contract.ts";
import { call } from "../../api/client.ts";
import { useText } from "../../i18n/language.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Page } from "../../ui/page.tsx";
import { ReportTable } from "../../ui/report/report-table.tsx";
import { Status } from "../../ui/status.tsx";

const MetricChart = lazy(() => import("../../charts/metric-chart.tsx"));

interface Compared {
  detail: RunDetail;
  live: RunLive;
}

export default function ComparePage() {
  const text = useText();
  const [parameters] = useSearchParams();
  const keys = parameters.getAll("run");
  const runs = useCompared(keys);
  return (
    <Page title={text("compare.title")} lead={text("compare.lead")}>
      {keys.length < 2 ? (
        <Empty title={text("compare.few")}>
          <p>{text("compare.fewBody")}</p>
          <Link className="button" href="/runs">
            {text("runs.title")}
          </Link>
        </Empty>
      ) : runs ? (
        <Comparison runs={runs} />
      ) : (
        <Loading />
      )}
    </Page>
  );
}

/** Read again while one of them still works. */
function useCompared(keys: readonly string[]): Compared[] | undefined {
  const [runs, setRuns] = useState<Compared[]>();
  const joined = keys.join(" ");
  useEffect(() => {
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    async function read(): Promise<void> {
      const { signal } = controller;
      const all = await Promise.all(
        joined
          .split(" ")
          .filter(Boolean)
          .map(async (run) => ({
            detail: await call("runs.read", { run }, signal),
            live: await call("runs.live", { run }, signal),
          })),
      ).catch(() => undefined);
      if (signal.aborted) return;
      if (all) setRuns(all);
      const isGrowing = all?.some(({ live }) => live.status === "running" || !live.isComplete);
      if (isGrowing ?? true) timer = setTimeout(read, 2000);
    }
    void read();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [joined]);
  return runs;
}

function Comparison({ runs }: { runs: readonly Compared[] }) {
  const text = useText();
  const names = [...new Set(runs.flatMap(({ live }) => live.metrics.map(({ name }) => name)))];
  const differences = differencesOf(runs.map(({ detail }) => detail));
  return (
    <>
      <section className="section">
        <h2>{text("compare.results")}</h2>
        <div className="table">
          <table>
            <tbody>
              {runs.map(({ detail: { key, command, status, result } }) => (
                <tr key={key}>
                  <th scope="row">
                    <Link href={`/runs/${key}`}>
                      {command} {key}
                    </Link>
                  </th>
                  <td>
                    <Status status={status} />
                  </td>
                  <td>{result}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      <section className="section">
        <h2>{text("compare.differences")}</h2>
        {differences.length > 0 ? (
          <ReportTable columns={["", ...runs.map(({ detail }) => detail.key)]} rows={differences} />
        ) : (
          <p className="soft">{text("compare.same")}</p>
        )}
      </section>
      <section className="section">
        <h2>{text("run.metrics")}</h2>
        {names.length === 0 && <p className="soft">{text("compare.noShared")}</p>}
        <Suspense fallback={<Loading />}>
          <div className="metric-grid">
            {names.map((name) => (
              <MetricChart
                key={name}
                title={name}
                lines={runs.flatMap(({ detail, live }) => {
                  const metric = live.metrics.find((one) => one.name === name);
                  return metric ? [{ label: detail.key, points: metric.points }] : [];
                })}
              />
            ))}
          </div>
        </Suspense>
      </section>
    </>
  );
}

/** One row per option, argument or circumstance in which the runs are not the same. */
function differencesOf(details: readonly RunDetail[]): string[][] {
  const facts = details.map(
    ({ info }): Record<string, unknown> =>
      info
        ? {
            command: info.command,
            arguments: info.args.flat().join(" "),
            ...info.options,
            revision: info.revision,
            cpu: info.device.cpu,
          }
        : {},
  );
  const names = [...new Set(facts.flatMap(Object.keys))];
  const rows = names.map((name) => [name, ...facts.map((fact) => show(fact[name]))]);
  return rows.filter(([, ...values]) => new Set(values).size > 1);
}

const show = (value: unknown) => (value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value));
