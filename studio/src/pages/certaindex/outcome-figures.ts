import type { Metric } from "../../../../src/core/report.ts";
import type { PolicyOutcome } from "../../../../src/server/studio/certaindex/contract.ts";
import type { Translate } from "../../i18n/language.tsx";

/** What a policy saves and loses; what the recordings do not tell is left out. */
export function figuresOf(outcome: PolicyOutcome, text: Translate): Metric[] {
  const { saved, losses, labelledCount, bound, accuracy, fullAccuracy, stoppedEarly } = outcome;
  const percent = (share: number) => Math.round(1000 * share) / 10;
  return [
    ...(saved === null ? [] : [{ label: text("certaindex.saved"), value: percent(saved), unit: "%" }]),
    ...(bound === null
      ? []
      : [
          {
            label: text("certaindex.lost"),
            value: percent(losses / labelledCount),
            unit: "%",
            note: text("certaindex.bound", { bound: percent(bound) }),
          },
        ]),
    ...(accuracy === null ? [] : [{ label: text("certaindex.accuracy"), value: percent(accuracy), unit: "%" }]),
    ...(fullAccuracy === null
      ? []
      : [{ label: text("certaindex.fullAccuracy"), value: percent(fullAccuracy), unit: "%" }]),
    { label: text("certaindex.stoppedEarly"), value: stoppedEarly },
  ];
}
