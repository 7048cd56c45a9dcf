import { formatNumber } from "../../../../src/core/format.ts";

interface RatingScaleProps {
  interval: { value: number; low: number; high: number };
  /** Shared by all rows, so that they compare. */
  range: readonly [number, number];
}

const [width, height] = [180, 18];

export function RatingScale({ interval: { value, low, high }, range: [least, most] }: RatingScaleProps) {
  const clip = (rating: number) => Math.min(Math.max(rating, least), most);
  const x = (rating: number) => 6 + ((clip(rating) - least) / (most - least || 1)) * (width - 12);
  const label = `${formatNumber(Math.round(value))}, ${formatNumber(Math.round(low))} to ${formatNumber(Math.round(high))}`;
  return (
    <svg className="rating-scale" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <line className="axis" x1="0" x2={width} y1={height / 2} y2={height / 2} />
      <line className="interval" x1={x(low)} x2={x(high)} y1={height / 2} y2={height / 2} />
      <circle cx={x(value)} cy={height / 2} r="4.5" />
    </svg>
  );
}
