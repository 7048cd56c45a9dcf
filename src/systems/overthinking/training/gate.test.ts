import { expect, suite, test } from "vitest";
import { expectKeptAccuracy, fallenLevels } from "./gate.ts";
import type { LevelChange } from "./schemas.ts";

const interval = (value: number, half: number) => ({ value, low: value - half, high: value + half, level: 0.95 });
const change = (level: LevelChange["level"], points: number, half: number): LevelChange => ({
  level,
  accuracy: interval(points / 100, half / 100),
  tokenCut: interval(0.4, 0.01),
  solutions: interval(-1, 0.1),
});

suite("the accuracy gate", () => {
  test("lets pass what may be chance", () => {
    const changes = [change("all", -0.3, 0.5), change(1, 0, 0), change(5, -2, 2.5)];
    expect(fallenLevels(changes)).toEqual([]);
    expect(() => expectKeptAccuracy(changes)).not.toThrow();
  });
  test("names a level that fell although the whole did not", () => {
    const changes = [change("all", -0.3, 0.5), change(4, -1, 2), change(5, -4, 2.5)];
    expect(fallenLevels(changes).map(({ level }) => level)).toEqual([5]);
    expect(() => expectKeptAccuracy(changes)).toThrow(
      "The trained model is less accurate at level 5 by 4.0 points (95 %: 1.5 to 6.5)",
    );
    expect(() => expectKeptAccuracy(changes)).toThrow(expect.objectContaining({ code: "ACCURACY_GATE", exitCode: 1 }));
  });
});
