import { Link } from "wouter";
import type { PolicyView } from "../../../../src/server/studio/certaindex/contract.ts";
import { useText } from "../../i18n/language.tsx";
import { MetricCards } from "../../ui/report/metric-cards.tsx";
import { figuresOf } from "./outcome-figures.ts";

/** Policies that `certaindex calibrate` chose, on the recordings shown; nothing where there are none. */
export function CalibratedPolicies({ view: { calibrated } }: { view: PolicyView }) {
  const text = useText();
  if (calibrated.length === 0) return null;
  return (
    <section className="section" aria-label={text("certaindex.calibrated")}>
      <h2>{text("certaindex.calibrated")}</h2>
      {calibrated.map(({ run, words, differs, outcome }) => (
        <div key={run} className="section">
          <p className="small">
            {words} <Link href={`/runs/${run}`}>{run}</Link>
          </p>
          {differs.length > 0 && (
            <p className="notice">{text("certaindex.calibratedElse", { differences: differs.join("; ") })}</p>
          )}
          <MetricCards metrics={figuresOf(outcome, text)} />
        </div>
      ))}
    </section>
  );
}
