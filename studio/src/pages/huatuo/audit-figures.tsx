import { formatNumber } from "../../../../src/core/format.ts";
import type { Metric } from "../../../../src/core/report.ts";
import type { VerifierAudit } from "../../../../src/server/studio/huatuo/contract.ts";
import { useText } from "../../i18n/language.tsx";
import { MetricCards } from "../../ui/report/metric-cards.tsx";

/** How far the verifier's verdicts are those of the people who looked at them. */
export function AuditFigures({ audit }: { audit: VerifierAudit }) {
  const text = useText();
  if (audit.judgedCount === 0) return <p className="notice">{text("huatuo.auditEmpty")}</p>;
  const share = (label: string, interval: VerifierAudit["agreement"]): Metric[] =>
    interval
      ? [
          {
            label,
            value: Math.round(1000 * interval.value) / 10,
            interval: [Math.round(1000 * interval.low) / 10, Math.round(1000 * interval.high) / 10],
            unit: "%",
          },
        ]
      : [];
  return (
    <section className="section" aria-label={text("huatuo.audit")}>
      <h2>{text("huatuo.audit")}</h2>
      <MetricCards
        metrics={[
          { label: text("huatuo.judged"), value: audit.judgedCount },
          ...share(text("huatuo.agreement"), audit.agreement),
          ...share(text("huatuo.precision"), audit.precision),
          {
            label: text("huatuo.wrongly"),
            value: `${formatNumber(audit.falseAcceptCount)} / ${formatNumber(audit.falseRejectCount)}`,
            note: text("huatuo.wronglyNote"),
          },
        ]}
      />
    </section>
  );
}
