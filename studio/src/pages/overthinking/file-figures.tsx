import { formatNumber } from "../../../../src/core/format.ts";
import type { Metric } from "../../../../src/core/report.ts";
import type { Overview } from "../../../../src/server/studio/overthinking/contract.ts";
import { useText } from "../../i18n/language.tsx";
import { MetricCards } from "../../ui/report/metric-cards.tsx";

type Estimate = NonNullable<Overview["all"]["outcome"]>;

/** The figures over the whole file: waste first. */
export function FileFigures({ overview: { all, totals, money } }: { overview: Overview }) {
  const text = useText();
  const share = (part: number) => (totals.tokenCount === 0 ? 0 : part / totals.tokenCount);
  const percent = (label: string, estimate: Estimate | null): Metric[] =>
    estimate
      ? [{ label, value: 100 * estimate.value, interval: [100 * estimate.low, 100 * estimate.high], unit: "%" }]
      : [];
  const metrics: Metric[] = [
    {
      label: text("overthinking.waste"),
      value: 100 * share(totals.wastedTokenCount),
      unit: "%",
      note: text("overthinking.wasteNote", {
        wasted: formatNumber(totals.wastedTokenCount),
        all: formatNumber(totals.tokenCount),
      }),
    },
    ...(money
      ? [
          {
            label: text("overthinking.money"),
            value: money.wasted,
            note: text("overthinking.moneyNote", { total: formatNumber(money.total) }),
          },
        ]
      : []),
    ...percent(text("overthinking.outcome"), all.outcome),
    ...percent(text("overthinking.process"), all.process),
    ...(all.processBounds
      ? [
          {
            label: text("overthinking.process"),
            value: all.processBounds.map((bound) => formatNumber(100 * bound)).join(" – "),
            unit: "%",
          },
        ]
      : []),
    ...percent(text("overthinking.accuracy"), all.accuracy),
    ...(all.solutionCount
      ? [
          {
            label: text("overthinking.solutions"),
            value: all.solutionCount.value,
            interval: [all.solutionCount.low, all.solutionCount.high] as [number, number],
          },
        ]
      : []),
  ];
  return <MetricCards metrics={metrics} />;
}
