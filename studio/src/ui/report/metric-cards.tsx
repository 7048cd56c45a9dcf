import { formatNumber } from "../../../../src/core/format.ts";
import type { Metric } from "../../../../src/core/report.ts";

/** Figures with their intervals. */
export function MetricCards({ metrics }: { metrics: readonly Metric[] }) {
  return (
    <dl className="cards">
      {metrics.map(({ label, value, unit, interval, note }) => (
        <div className="card" key={label}>
          <dt>{label}</dt>
          <dd>
            <span className="card-value">
              {formatNumber(value)}
              {unit && <small>{unit === "%" ? " %" : ` ${unit}`}</small>}
            </span>
            {interval && (
              <span className="card-note">
                {formatNumber(interval[0])} – {formatNumber(interval[1])}
              </span>
            )}
            {note && <span className="card-note">{note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
