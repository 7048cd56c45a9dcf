/**
 * The learning rate, which preference losses are most sensitive to, chosen on validation problems alone: the fewest
 * tokens among those that keep the accuracy within a point of the model before training (papers/overthinking section 6).
 */
import { join } from "node:path";
import {
  type ArmContext,
  type ArmOptions,
  type TrainedArm,
  trainArm,
  type ValidationFigures,
  validationFigures,
} from "./train-arm.ts";

/** A point of accuracy, as a share; the last digits are those of a division. */
const tolerance = 0.01 + 1e-9;

export interface RateChoice {
  best: TrainedArm;
  /** All, in the order of `rates`. */
  trials: TrainedArm[];
  /** False when no rate kept the accuracy: `best` is then the most accurate one. */
  isWithinTolerance: boolean;
}

/** @returns null when `signal` stopped it; called again with the same folder it goes on */
export async function chooseRate(
  options: Omit<ArmOptions, "lr"> & { rates: readonly number[] },
  context: ArmContext,
): Promise<RateChoice | null> {
  const trials: TrainedArm[] = [];
  for (const lr of options.rates) {
    const trained = await trainArm(
      { ...options, lr },
      {
        ...context,
        dir: join(context.dir, `rate-${lr}`),
        metric: (name, step, value) => context.metric?.(`${name}, rate ${lr}`, step, value),
      },
    );
    if (!trained) return null;
    trials.push(trained);
  }
  return { trials, ...pickRate(trials, validationFigures(options.before)) };
}

export const keepsAccuracy = (after: ValidationFigures, before: ValidationFigures): boolean =>
  after.accuracy >= before.accuracy - tolerance;

/** A collapsed training is taken only when there is no other: its checkpoint is from the middle of a schedule. */
export function pickRate(
  trials: readonly TrainedArm[],
  before: ValidationFigures,
): Pick<RateChoice, "best" | "isWithinTolerance"> {
  const whole = trials.filter(({ collapse }) => !collapse);
  const candidates = whole.length > 0 ? whole : trials;
  const accurate = candidates.filter(({ validation }) => keepsAccuracy(validation, before));
  if (accurate.length > 0) {
    const best = accurate.reduce((a, b) => (b.validation.tokenCount < a.validation.tokenCount ? b : a));
    return { best, isWithinTolerance: true };
  }
  const best = candidates.reduce((a, b) => (b.validation.accuracy > a.validation.accuracy ? b : a));
  return { best, isWithinTolerance: false };
}
