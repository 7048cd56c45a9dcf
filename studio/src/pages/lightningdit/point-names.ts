import type { FrontierPoint } from "../../../../src/server/studio/lightningdit/contract.ts";
import type { Translate } from "../../i18n/language.tsx";

export type MeasuredPoint = FrontierPoint & { measurement: NonNullable<FrontierPoint["measurement"]> };

export const isMeasured = (point: FrontierPoint): point is MeasuredPoint => point.measurement !== null;

/** `d32, aligned, seed 1`. */
export function nameOfPoint({ d, arm, seed }: FrontierPoint, text: Translate): string {
  return text("lightningdit.point", { d, arm: text(`lightningdit.arm.${arm}`), seed });
}

/** At the budget at which generators are compared. */
export const judgedGeneration = ({ measurement: { generation, judgedAt } }: MeasuredPoint) =>
  generation.find(({ step }) => step === judgedAt)!.evaluation;
