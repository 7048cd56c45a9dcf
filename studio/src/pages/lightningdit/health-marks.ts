/** What makes latents fit to be generated, measure by measure: rules of thumb, each with its bound in one place. */
import { formatNumber } from "../../../../src/core/format.ts";
import type { FrontierPoint } from "../../../../src/server/studio/lightningdit/contract.ts";

type LatentHealth = NonNullable<FrontierPoint["health"]>;

export const measures = ["dead", "spread", "correlation", "rank", "noise", "alignment", "purity", "probe"] as const;
export type Measure = (typeof measures)[number];

export interface HealthMark {
  measure: Measure;
  /** Null: not measured. */
  value: string | null;
  isGood: boolean | null;
}

export function markHealth(health: LatentHealth): HealthMark[] {
  const { channels, dead, std, correlation, effectiveRank, noiseShare, alignment, knnPurity, probeAccuracy } = health;
  const figure = (value: number) => formatNumber(Number(value.toPrecision(3)));
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  const optional = (measure: Measure, value: number | undefined, show: (value: number) => string, least: number) => ({
    measure,
    value: value === undefined ? null : show(value),
    isGood: value === undefined ? null : value >= least,
  });
  return [
    {
      measure: "dead",
      value: dead.length === 0 ? `0 / ${channels}` : `${dead.length} / ${channels} (${dead.join(", ")})`,
      isGood: dead.length === 0,
    },
    {
      measure: "spread",
      value: [std.min, std.median, std.max].map(figure).join(" · "),
      isGood: std.max <= 10 * std.median && std.min >= std.median / 10,
    },
    { measure: "correlation", value: figure(correlation), isGood: correlation < 0.3 },
    {
      measure: "rank",
      value: `${figure(effectiveRank)} / ${channels}`,
      isGood: effectiveRank >= Math.max(2, channels / 4),
    },
    { measure: "noise", value: figure(noiseShare), isGood: noiseShare < 0.2 },
    optional("alignment", alignment, figure, 0.5),
    optional("purity", knnPurity, percent, 0.3),
    optional("probe", probeAccuracy, percent, 0.5),
  ];
}
