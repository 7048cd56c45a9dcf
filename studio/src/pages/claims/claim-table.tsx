import { Link } from "wouter";
import type { ClaimRowJson } from "../../../../src/core/claim.ts";
import { formatInterval, formatNumber } from "../../../../src/core/format.ts";
import type { MeasuredClaim } from "../../../../src/server/studio/claims/contract.ts";
import { useText } from "../../i18n/language.tsx";
import { CommandLine } from "../../ui/command-line.tsx";
import { Ago, describeDuration } from "../../ui/time.tsx";
import { ClaimInterval } from "./claim-interval.tsx";
import { Verdict } from "./verdict.tsx";

/** The rows of one measurement, and the circumstances under which it was made. */
export function ClaimTable({ measured: { run, finished, claim, commandLine } }: { measured: MeasuredClaim }) {
  const text = useText();
  const facts = [
    [text("claims.seeds"), claim.seeds.join(", ")],
    [text("claims.device"), claim.device],
    [text("claims.took"), describeDuration(claim.durationMs)],
  ] as const;
  return (
    <div className="claim-measured panel">
      <p className="small soft">
        {claim.paper} · {text(`claims.mode.${claim.mode}`)} · <Ago time={finished} /> ·{" "}
        <Link href={`/runs/${run}`}>{text("claims.openRun")}</Link>
      </p>
      <ul className="claim-rows">
        {claim.rows.map((row) => (
          <Row key={row.id} row={row} />
        ))}
      </ul>
      <dl className="run-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <CommandLine>{commandLine}</CommandLine>
    </div>
  );
}

function Row({ row }: { row: ClaimRowJson }) {
  const text = useText();
  const { id, claim, published, unit, measured, control, verdict, reason } = row;
  return (
    <li className="claim-row" data-row={id}>
      <span className="claim-id mono">{id}</span>
      <div className="claim-words">
        <p>{claim}</p>
        {reason && <p className="section-note">{reason}</p>}
      </div>
      <dl className="claim-figures">
        <div>
          <dt>{text("claims.published")}</dt>
          <dd>
            {published === null ? "–" : formatInterval(published, null, typeof published === "number" ? unit : "")}
          </dd>
        </div>
        <div>
          <dt>{text("claims.measured")}</dt>
          <dd>
            <Measured interval={measured} unit={unit} />
          </dd>
        </div>
        {control && (
          <div>
            <dt title={control.label}>{text("claims.control")}</dt>
            <dd>
              <Measured interval={control.measured} unit={unit} />
            </dd>
          </div>
        )}
      </dl>
      <ClaimInterval row={row} />
      <div className="claim-verdict">
        {verdict ? <Verdict verdict={verdict} /> : <span className="badge">{text("claims.shownOnly")}</span>}
      </div>
    </li>
  );
}

function Measured({
  interval: { value, low, high },
  unit,
}: {
  interval: ClaimRowJson["measured"];
  unit: string | undefined;
}) {
  return (
    <span className="claim-measure">
      <strong>{formatInterval(value, null, unit)}</strong>
      <span className="soft">
        {formatNumber(low ?? -Infinity)} – {formatNumber(high ?? Infinity)}
      </span>
    </span>
  );
}
