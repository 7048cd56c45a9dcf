import { Link } from "wouter";
import type { RunRow } from "../../../../src/server/studio/runs/contract.ts";
import { useText } from "../../i18n/language.tsx";
import { ProgressLine } from "../../ui/progress-line.tsx";
import { Status } from "../../ui/status.tsx";
import { Ago, describeDuration } from "../../ui/time.tsx";

interface RunRowProps {
  row: RunRow;
  isChosen: boolean;
  onToggle(): void;
}

export function RunRowView({ row, isChosen, onToggle }: RunRowProps) {
  const text = useText();
  const { key, command, words, status, started, finished, result, progress } = row;
  const ended = finished ? Date.parse(finished) : status === "running" ? Date.now() : undefined;
  return (
    <article className="run-row" data-chosen={isChosen}>
      <input type="checkbox" checked={isChosen} onChange={onToggle} aria-label={text("runs.choose", { run: key })} />
      <div className="run-row-what">
        <Link href={`/runs/${encodeURIComponent(key)}`}>{command || key}</Link>
        <span className="run-row-words mono">{words}</span>
      </div>
      <div className="run-row-result">
        <Status status={status} />
        {progress ? <ProgressLine progress={progress} /> : <span className="run-row-summary">{result}</span>}
      </div>
      <div className="run-row-when">{started && <Ago time={started} />}</div>
      <div className="run-row-took">
        {started && ended !== undefined && describeDuration(ended - Date.parse(started))}
      </div>
    </article>
  );
}
