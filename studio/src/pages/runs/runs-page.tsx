/** All runs: searched and counted by the server, of which the page holds what is on the screen. */
import { useDeferredValue, useState } from "react";
import { Link } from "wouter";
import type { StatusOfRun } from "../../../../src/server/studio/runs/contract.ts";
import { useText } from "../../i18n/language.tsx";
import { CommandLine } from "../../ui/command-line.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Page } from "../../ui/page.tsx";
import { Problem } from "../../ui/problem.tsx";
import { RunList } from "./run-list.tsx";
import { statuses } from "./statuses.ts";
import { useRuns } from "./use-runs.ts";
import "./runs.css";

export default function RunsPage() {
  const text = useText();
  const [search, setSearch] = useState("");
  const [status, setStatus] = useState<StatusOfRun | "">("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const runs = useRuns({ search: useDeferredValue(search), status: status || undefined });
  const { page, error } = runs;
  const toggle = (key: string) =>
    setChosen((old) => new Set(old.has(key) ? [...old].filter((one) => one !== key) : [...old, key]));

  const actions =
    chosen.size > 1 ? (
      <Link className="button primary" href={`/runs/compare?${[...chosen].map((run) => `run=${run}`).join("&")}`}>
        {text("runs.compare", { count: chosen.size })}
      </Link>
    ) : undefined;
  return (
    <Page title={text("runs.title")} lead={text("runs.lead")} actions={actions}>
      {error && <Problem error={error} />}
      {page?.all === 0 ? (
        <Empty title={text("runs.none")}>
          <p>{text("runs.noneBody")}</p>
          <CommandLine>polymath tour --no-serve</CommandLine>
        </Empty>
      ) : (
        <section className="section">
          <search className="toolbar">
            <label className="field runs-search">
              <span>{text("runs.search")}</span>
              <input
                className="input"
                type="search"
                value={search}
                placeholder={text("runs.searchHint")}
                onChange={(event) => setSearch(event.target.value)}
              />
            </label>
            <label className="field">
              <span>{text("runs.status")}</span>
              <select
                className="select"
                value={status}
                onChange={(event) => setStatus(event.target.value as StatusOfRun | "")}
              >
                <option value="">{text("runs.all")}</option>
                {statuses.map((name) => (
                  <option key={name} value={name}>
                    {text(`status.${name}`)} ({page?.counts[name] ?? 0})
                  </option>
                ))}
              </select>
            </label>
            <p className="runs-count soft small" role="status">
              {page &&
                (page.total === page.all
                  ? text("runs.count", { count: page.all.toLocaleString() })
                  : text("runs.countOf", { count: page.total.toLocaleString(), all: page.all.toLocaleString() }))}
            </p>
          </search>
          {!page && !error && <Loading />}
          {page && page.total === 0 && <Empty title={text("runs.noMatch")}>{text("runs.noMatchBody")}</Empty>}
          {page && page.total > 0 && <RunList runs={runs} chosen={chosen} onToggle={toggle} />}
          {page && page.total > 1 && chosen.size < 2 && <p className="section-note">{text("runs.compareHint")}</p>}
        </section>
      )}
    </Page>
  );
}
