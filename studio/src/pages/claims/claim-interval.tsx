/** A row's interval on a scale of its own: the wanted range shaded, the published figure as a diamond. */

import type { ClaimRowJson } from "../../../../src/core/claim.ts";
import { formatNumber } from "../../../../src/core/format.ts";

const [width, height, middle] = [200, 34, 13];

export function ClaimInterval({ row: { measured, wanted, published, control, unit = "" } }: { row: ClaimRowJson }) {
  const { value } = measured;
  const [low, high] = [measured.low ?? Number.NEGATIVE_INFINITY, measured.high ?? Number.POSITIVE_INFINITY];
  const publishedValue = typeof published === "number" ? published : undefined;
  const anchors = [low, high, value, wanted?.atLeast, wanted?.atMost, publishedValue].filter(
    (one): one is number => one !== undefined && Number.isFinite(one),
  );
  if (anchors.length === 0 || !Number.isFinite(value)) return <span />;
  const [least, most] = [Math.min(...anchors), Math.max(...anchors)];
  const margin = (most - least || Math.abs(most) || 1) * 0.18;
  const x = (one: number) =>
    ((Math.min(Math.max(one, least - margin), most + margin) - least + margin) / (most - least + 2 * margin)) * width;
  const [from, to] = [x(wanted?.atLeast ?? Number.NEGATIVE_INFINITY), x(wanted?.atMost ?? Number.POSITIVE_INFINITY)];
  const limits = [wanted?.atLeast, wanted?.atMost].filter((one) => one !== undefined);
  const label = `${formatNumber(value)} ${unit}, ${formatNumber(low)} to ${formatNumber(high)}`;
  return (
    <svg className="claim-interval" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <line className="axis" x1="0" x2={width} y1={middle} y2={middle} />
      {wanted && <rect className="wanted" x={from} width={to - from} y="2" height="22" />}
      {limits.map((limit) => (
        <g key={limit}>
          <line className="limit" x1={x(limit)} x2={x(limit)} y1="2" y2="24" />
          <text x={x(limit)} y="33" textAnchor="middle">
            {formatNumber(limit)}
          </text>
        </g>
      ))}
      {control && <circle className="control" cx={x(control.measured.value)} cy={middle} r="3.2" />}
      <line className="interval" x1={x(low)} x2={x(high)} y1={middle} y2={middle} />
      <circle className="value" cx={x(value)} cy={middle} r="4.2" />
      {publishedValue !== undefined && (
        <path className="published" d={`M${x(publishedValue)} ${middle - 6} l6 6 l-6 6 l-6 -6 z`} />
      )}
    </svg>
  );
}
