import { formatNumber } from "../../../src/core/format.ts";

interface Interval {
  value: number;
  low: number;
  high: number;
}

/** `1261 (1180 – 1342)`: a figure with its interval behind it. */
export function Figure({
  interval,
  scale = 1,
  unit = "",
}: {
  interval: Interval | null;
  scale?: number;
  unit?: string;
}) {
  if (!interval) return <span className="soft">–</span>;
  const show = (value: number) =>
    formatNumber(
      Number((scale * value).toPrecision(3 + Math.max(0, Math.floor(Math.log10(Math.abs(scale * value) || 1)) - 1))),
    );
  return (
    <span className="figure">
      <strong>
        {show(interval.value)}
        {unit}
      </strong>{" "}
      <span className="soft small">
        {show(interval.low)} – {show(interval.high)}
      </span>
    </span>
  );
}
