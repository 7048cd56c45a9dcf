/** One run: what it was asked, how far it is, its figures, its log, its files. */
import { useState } from "react";
import type { RunDetail } from "../../../../src/server/studio/runs/contract.ts";
import { useCall } from "../../api/use-call.ts";
import { useText } from "../../i18n/language.tsx";
import { Answer } from "../../ui/answer.tsx";
import { CommandLine } from "../../ui/command-line.tsx";
import { Page } from "../../ui/page.tsx";
import { ProgressLine } from "../../ui/progress-line.tsx";
import { Status } from "../../ui/status.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { RunDetails } from "./run-details.tsx";
import { RunFiles } from "./run-files.tsx";
import { RunLogView } from "./run-log.tsx";
import { RunMetrics } from "./run-metrics.tsx";
import { RunReport } from "./run-report.tsx";
import "./runs.css";

const tabs = ["overview", "metrics", "log", "files", "details"] as const;
type Tab = (typeof tabs)[number];

export default function RunPage({ run }: { run: string }) {
  const text = useText();
  const state = useCall("runs.read", { run }, { everyMs: (reply) => (reply?.status === "running" ? 2000 : 15_000) });
  return (
    <Page
      title={state.reply?.command || run}
      lead={state.reply && <span className="mono small">{state.reply.words}</span>}
      actions={state.reply && <Status status={state.reply.status} />}
    >
      <Answer state={state}>{(detail) => <RunBody detail={detail} label={text("runs.title")} />}</Answer>
    </Page>
  );
}

function RunBody({ detail, label }: { detail: RunDetail; label: string }) {
  const text = useText();
  const { key, status, info, commandLine, progress } = detail;
  const [tab, setTab] = useState<Tab>(status === "running" ? "metrics" : "overview");
  return (
    <>
      {progress && (
        <div className="panel">
          <ProgressLine progress={progress} />
        </div>
      )}
      {info?.error && (
        <div className="problem">
          <strong>{info.error.message}</strong>
          {info.error.hint && <span>{info.error.hint}</span>}
        </div>
      )}
      {status === "damaged" && <p className="notice">{text("run.damagedBody")}</p>}
      {(status === "interrupted" || status === "failed") && (
        <div className="section">
          <h2>{text("run.resume")}</h2>
          <CommandLine>{`polymath resume ${key}`}</CommandLine>
        </div>
      )}
      <Tabs<Tab>
        label={label}
        tabs={tabs.map((name) => ({ name, label: text(`run.${name}`) }))}
        chosen={tab}
        onChoose={setTab}
      >
        {tab === "overview" && <RunReport detail={detail} />}
        {tab === "metrics" && <RunMetrics run={key} isRunning={status === "running"} />}
        {tab === "log" && <RunLogView run={key} isRunning={status === "running"} />}
        {tab === "files" && <RunFiles detail={detail} />}
        {tab === "details" && <RunDetails detail={detail} commandLine={commandLine} />}
      </Tabs>
    </>
  );
}
