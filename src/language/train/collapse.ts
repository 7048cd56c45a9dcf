/**
 * Whether a model that is being trained on preferences falls apart: it repeats itself, it no longer believes the
 * responses it should prefer, or it answers worse. Preference losses look at differences alone and fall all the same
 * (SimPO's issues 12, 42 and 80 tell of repetition loops, falling chosen rewards and collapse by learning rate).
 * Source of the limits: papers/overthinking section 8.
 */
import { z } from "zod";
import { formatNumber } from "../../core/format.ts";

/** How a model is at a step. */
export type Vitals = z.output<typeof Vitals>;
export const Vitals = z.object({
  /** Share of 8-grams that occurred before in the same answer, 0 to 1. */
  repetition: z.number(),
  /** Log-probability of chosen responses, nats per token. */
  chosen: z.number(),
  /** Share of validation problems answered right, 0 to 1. */
  accuracy: z.number().optional(),
});

export interface CollapseLimits {
  /** Highest repetition; default 0.2, or a tenth above the model before training where that repeats more by nature. */
  repetition: number;
  /** How far `chosen` may fall below the model before training, in nats per token; default 0.5. */
  chosenFall: number;
  /** How far accuracy may fall, as a share; default 0.02. */
  accuracyFall: number;
}

export const usualLimits: CollapseLimits = { repetition: 0.2, chosenFall: 0.5, accuracyFall: 0.02 };

export type Collapse = z.output<typeof Collapse>;
export const Collapse = z.object({
  cause: z.enum(["repetition", "chosen log-probability", "accuracy", "divergence"]),
  /** Steps done when it was seen. */
  step: z.int(),
  message: z.string(),
  /** What to turn. */
  knob: z.string(),
});

/** @returns what is wrong with `now`, or null */
export function judgeVitals(
  now: Vitals,
  base: Vitals,
  limits: CollapseLimits = usualLimits,
): Pick<Collapse, "cause" | "message" | "knob"> | null {
  const percent = (share: number) => `${formatNumber(100 * share)} %`;
  const mostRepetition = Math.max(limits.repetition, base.repetition + 0.1);
  if (now.repetition > mostRepetition) {
    return {
      cause: "repetition",
      message: `${percent(now.repetition)} of the 8-grams in its answers repeat earlier ones (limit ${percent(mostRepetition)}, before training ${percent(base.repetition)})`,
      knob: "lower the learning rate or beta, or add a likelihood term (method rpo)",
    };
  }
  // Written so that NaN counts as fallen.
  if (!(now.chosen >= base.chosen - limits.chosenFall)) {
    return {
      cause: "chosen log-probability",
      message: `chosen responses have ${formatNumber(now.chosen)} nats per token, more than ${formatNumber(limits.chosenFall)} below the ${formatNumber(base.chosen)} before training`,
      knob: "lower the learning rate or gamma, or add a likelihood term (method rpo)",
    };
  }
  if (now.accuracy !== undefined && base.accuracy !== undefined) {
    const fall = base.accuracy - now.accuracy;
    if (!(fall <= limits.accuracyFall + 1e-9)) {
      return {
        cause: "accuracy",
        message: `accuracy is ${percent(now.accuracy)}, more than ${formatNumber(100 * limits.accuracyFall)} points below the ${percent(base.accuracy)} before training`,
        knob: "lower the learning rate, train for fewer steps, or prefer responses that still check their answer (fcs-reflection)",
      };
    }
  }
  return null;
}

/** Share of n-grams that occurred before in the same answer, over all answers together; 0 where all are shorter. */
export function repeatedShare(answers: readonly (readonly number[])[], n = 8): number {
  let [total, distinct] = [0, 0];
  for (const answer of answers) {
    const seen = new Set<string>();
    for (let at = 0; at + n <= answer.length; at++, total++) seen.add(answer.slice(at, at + n).join());
    distinct += seen.size;
  }
  return total === 0 ? 0 : 1 - distinct / total;
}
