import type { ReactNode } from "react";
import type { RunDetail } from "../../../../src/server/studio/runs/contract.ts";
import { useText } from "../../i18n/language.tsx";
import { CommandLine } from "../../ui/command-line.tsx";
import { describeDuration } from "../../ui/time.tsx";

/** What a person needs to run it again: command, seed, machine, versions. */
export function RunDetails({ detail, commandLine }: { detail: RunDetail; commandLine: string }) {
  const text = useText();
  const { info, folder } = detail;
  if (!info) return <p className="mono">{folder}</p>;
  const { started, finished, seed, device, revision, resumed, versions } = info;
  const facts: [string, ReactNode][] = [
    [text("run.started"), new Date(started).toLocaleString()],
    ...(finished
      ? ([
          [text("run.ended"), new Date(finished).toLocaleString()],
          [text("run.took"), describeDuration(Date.parse(finished) - Date.parse(started))],
        ] as [string, ReactNode][])
      : []),
    [text("run.seed"), seed],
    [text("run.machine"), `${device.cpu}, ${device.coreCount} cores, ${device.platform} ${device.arch}`],
    ...(resumed.length > 0 ? ([[text("run.resumedTimes"), resumed.length]] as [string, ReactNode][]) : []),
    [
      text("run.revision"),
      <span key="r" className="mono small">
        {revision ?? versions.polymath}
      </span>,
    ],
    [
      text("run.folder"),
      <span key="f" className="mono small">
        {folder}
      </span>,
    ],
  ];
  return (
    <>
      <section className="section">
        <h2>{text("run.again")}</h2>
        <CommandLine>{commandLine}</CommandLine>
      </section>
      <dl className="run-facts panel">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
