/**
 * The accuracy gate: a model that thinks less is not shipped when it answers worse at some level beyond doubt.
 * An average hides it: easy problems, which gain most, outnumber the hard ones that need the thinking.
 */
import { PolymathError } from "../../../core/errors.ts";
import type { LevelChange } from "./schemas.ts";

/** Training went through, and its result is worse than what it began with. */
export class AccuracyGateError extends PolymathError {
  constructor(message: string, details?: { hint?: string }) {
    super("ACCURACY_GATE", message, details);
  }
}

/** Levels whose accuracy fell: the whole 95 % interval of the change lies below zero. */
export function fallenLevels(changes: readonly LevelChange[]): LevelChange[] {
  return changes.filter(({ accuracy }) => accuracy.high < 0);
}

/**
 * @param changes over all answers to each problem, so that six intervals are looked at and not twelve
 * @throws AccuracyGateError naming the levels
 */
export function expectKeptAccuracy(changes: readonly LevelChange[]): void {
  const falls = fallenLevels(changes).map(({ level, accuracy: { value, low, high } }) => {
    const points = (share: number) => (100 * share).toFixed(1);
    const where = level === "all" ? "over all levels" : `at level ${level}`;
    return `${where} by ${points(-value)} points (95 %: ${points(-high)} to ${points(-low)})`;
  });
  if (falls.length === 0) return;
  throw new AccuracyGateError(`The trained model is less accurate ${falls.join("; ")}`, {
    hint: "Nothing was written. Prefer responses that still check their answer (--positive fcs-reflection), or lower --rates; --force writes it all the same.",
  });
}
