import type { ProgressState } from "../../../src/server/studio/runs/contract.ts";

/** How far a job is, with what it last said. */
export function ProgressLine({ progress }: { progress: ProgressState }) {
  const { label, done, total, unit, fields } = progress;
  const details = Object.entries(fields).map(([name, value]) => `${name} ${value}`);
  return (
    <div className="progress-line">
      <div className="progress-words">
        <span>{label}</span>
        <span className="soft">
          {total === null
            ? `${done.toLocaleString()} ${unit}`
            : `${done.toLocaleString()} / ${total.toLocaleString()} ${unit}`}
          {details.length > 0 && ` · ${details.join(" · ")}`}
        </span>
      </div>
      {total !== null && (
        <div
          className="bar"
          role="progressbar"
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={total}
          aria-valuenow={Math.min(done, total)}
        >
          <i style={{ "--share": total > 0 ? Math.min(1, done / total) : 0 } as React.CSSProperties} />
        </div>
      )}
    </div>
  );
}
