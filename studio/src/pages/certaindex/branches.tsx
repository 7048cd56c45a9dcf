/** When each request of a program was written, and by which unit it was stopped: bars over time. */
import type { ProgramView } from "../../../../src/server/studio/certaindex/contract.ts";
import { useText } from "../../i18n/language.tsx";

const [rowHeight, width, labelWidth] = [16, 600, 44];

export function Branches({ view: { requests, arrivedAt, stop, finish } }: { view: ProgramView }) {
  const text = useText();
  if (requests.length === 0) return <p className="soft">{text("certaindex.noBranches")}</p>;
  const ends = requests.map(({ issuedAt, endedAt }) => endedAt ?? issuedAt);
  const last = Math.max(finish?.t ?? 0, stop?.t ?? 0, ...ends);
  const span = Math.max(last - arrivedAt, 1e-6);
  const x = (t: number) => labelWidth + ((t - arrivedAt) / span) * (width - labelWidth);
  const height = requests.length * rowHeight + 22;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide drawing is scrolled by keyboard
    <div className="panel branches" tabIndex={0}>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={text("certaindex.branches")}>
        {requests.map(({ request, issuedAt, endedAt, tokens, probeTokens }, index) => (
          <g key={request} className={probeTokens > 0 ? "probe" : undefined} data-open={endedAt === null}>
            <text x="0" y={index * rowHeight + 12}>
              {request.slice(request.lastIndexOf("#"))}
            </text>
            <rect
              x={x(issuedAt)}
              y={index * rowHeight + 3}
              width={Math.max(2, x(endedAt ?? last) - x(issuedAt))}
              height={rowHeight - 6}
              rx="2"
            >
              <title>{text("certaindex.branchTokens", { count: tokens + probeTokens })}</title>
            </rect>
          </g>
        ))}
        {stop && <line className="stop" x1={x(stop.t)} x2={x(stop.t)} y1="0" y2={height - 18} />}
        <text x={labelWidth} y={height - 4}>
          0 s
        </text>
        <text x={width} y={height - 4} textAnchor="end">
          {span.toFixed(span < 1 ? 3 : 1)} s
        </text>
      </svg>
    </div>
  );
}
