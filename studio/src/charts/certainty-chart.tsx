/** Certainty from 0 to 1 over units or tokens: a line per signal, its threshold dashed, the stop marked. */
import { useWidth } from "./use-width.ts";
import "./certainty-chart.css";

export interface CertaintyLine {
  label: string;
  points: readonly { x: number; y: number }[];
  threshold?: number | undefined;
}

interface CertaintyChartProps {
  label: string;
  lines: readonly CertaintyLine[];
  /** Where the x axis ends. */
  end: number;
  unit: string;
  stop?: { x: number; label: string } | undefined;
  height?: number;
}

const margin = { left: 30, right: 10, top: 12, bottom: 24 };

export function CertaintyChart({ label, lines, end, unit, stop, height = 190 }: CertaintyChartProps) {
  const [box, width] = useWidth();
  const x = (value: number) => margin.left + (value / Math.max(end, 1)) * (width - margin.left - margin.right);
  const y = (value: number) => margin.top + (1 - value) * (height - margin.top - margin.bottom);
  const isLate = stop !== undefined && stop.x > 0.65 * end;
  return (
    <div className="certainty-chart" ref={box}>
      {lines.length > 1 && (
        <ul className="legend">
          {lines.map((line, index) => (
            <li key={line.label}>
              <i style={{ background: `var(--c${index % 6})` }} />
              {line.label}
            </li>
          ))}
        </ul>
      )}
      {width > 0 && (
        <svg width={width} height={height} role="img" aria-label={label}>
          {[0, 0.5, 1].map((value) => (
            <g key={value}>
              <line className="grid" x1={margin.left} x2={width - margin.right} y1={y(value)} y2={y(value)} />
              <text x={margin.left - 7} y={y(value) + 4} textAnchor="end">
                {value}
              </text>
            </g>
          ))}
          {lines.map(({ label: name, points, threshold }, index) => (
            <g key={name} style={{ "--series": `var(--c${index % 6})` } as React.CSSProperties}>
              {threshold !== undefined && (
                <line
                  className="threshold"
                  x1={margin.left}
                  x2={width - margin.right}
                  y1={y(threshold)}
                  y2={y(threshold)}
                />
              )}
              <polyline points={points.map((point) => `${x(point.x)},${y(point.y)}`).join(" ")} />
              {points.map((point) => (
                <circle key={point.x} cx={x(point.x)} cy={y(point.y)} r="3.5" />
              ))}
            </g>
          ))}
          {stop && (
            <g className="stop">
              <line x1={x(stop.x)} x2={x(stop.x)} y1={4} y2={height - margin.bottom} />
              <text
                x={x(stop.x) + (isLate ? -6 : 6)}
                y={height - margin.bottom - 8}
                textAnchor={isLate ? "end" : "start"}
              >
                {stop.label}
              </text>
            </g>
          )}
          <text x={margin.left} y={height - 6}>
            0
          </text>
          <text x={width - margin.right} y={height - 6} textAnchor="end">
            {end.toLocaleString()} {unit}
          </text>
        </svg>
      )}
    </div>
  );
}
