/**
 * Whether a rate has risen above what is allowed, asked after every single outcome.
 *
 * A Clopper-Pearson bound holds for one look at one sample. Looked at after every outcome it would cry wolf sooner or
 * later with certainty, and averaged over a long good past it would notice a change late. This is a Shiryaev-Roberts
 * e-detector instead: R <- (1 + R) * likelihood ratio, averaged over several raised rates, alarm at R >= N. While the
 * rate stays allowed, R grows by at most 1 per outcome on average, so there are at least N outcomes between false
 * alarms on average, however often one looks; and since every outcome begins anew, a long good past delays nothing.
 * Source: Shin, Ramdas and Rinaldo 2022, "E-detectors", arXiv 2203.03532, sections 2 and 3; Roberts 1966.
 */

/** How far between the allowed rate and 1 the raised rates lie: from creeping to total. */
const raises = [0.05, 0.1, 0.2, 0.35, 0.5, 0.75];

export interface DriftOptions {
  /** The rate that is still all right, above 0 and below 1. */
  allowed: number;
  /** Outcomes between two false alarms, on average at least. */
  falseAlarmEvery: number;
}

/** One number per raised rate; JSON-safe. */
export type Evidence = number[];

export const noEvidence = (): Evidence => raises.map(() => 0);

/** The evidence after one more outcome. */
export function addOutcome(evidence: Evidence, isBad: boolean, { allowed }: Pick<DriftOptions, "allowed">): Evidence {
  return raises.map((raise, index) => {
    const raised = allowed + (1 - allowed) * raise;
    const ratio = isBad ? raised / allowed : (1 - raised) / (1 - allowed);
    return (1 + evidence[index]!) * ratio;
  });
}

/** 1 or more is an alarm. */
export const alarmLevel = (evidence: Evidence, { falseAlarmEvery }: Pick<DriftOptions, "falseAlarmEvery">): number =>
  evidence.reduce((sum, value) => sum + value, 0) / evidence.length / falseAlarmEvery;
