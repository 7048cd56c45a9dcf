import { expect, suite, test } from "vitest";
import type { Collapse } from "../../../language/train/index.ts";
import { pickRate } from "./choose-rate.ts";
import type { TrainedArm } from "./train-arm.ts";

const before = { accuracy: 0.99, tokenCount: 100, problemCount: 200 };
const collapse: Collapse = { cause: "repetition", step: 3, message: "", knob: "" };
const trial = (lr: number, accuracy: number, tokenCount: number, more: { collapse?: Collapse } = {}) =>
  ({ lr, steps: 9, model: {}, validation: { accuracy, tokenCount, problemCount: 200 }, ...more }) as TrainedArm;
const chosen = (...trials: TrainedArm[]) => {
  const { best, isWithinTolerance } = pickRate(trials, before);
  return [best.lr, isWithinTolerance];
};

suite("pickRate", () => {
  test("takes the fewest tokens among those within a point of the base", () => {
    expect(chosen(trial(1, 0.99, 90), trial(2, 0.98, 60), trial(3, 0.975, 50))).toEqual([2, true]);
  });
  test("says so when none keeps the accuracy, and takes the most accurate", () => {
    expect(chosen(trial(1, 0.9, 60), trial(2, 0.95, 70))).toEqual([2, false]);
  });
  test("a training that the guard ended counts only when there is no other", () => {
    expect(chosen(trial(1, 0.99, 90), trial(2, 0.99, 50, { collapse }))).toEqual([1, true]);
    expect(chosen(trial(2, 0.99, 50, { collapse }))).toEqual([2, true]);
  });
});
