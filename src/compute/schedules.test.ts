import { expect, suite, test } from "vitest";
import { constant, cosine, linearDecay, type Schedule, warmupStableDecay } from "./schedules.ts";

const values = (schedule: Schedule, ...steps: number[]) => steps.map((step) => Number(schedule(step).toFixed(6)));

suite("schedules", () => {
  test("constant", () => expect(values(constant(0.1), 0, 1000)).toEqual([0.1, 0.1]));

  test("warm-up reaches the peak with its last step", () => {
    expect(values(linearDecay({ peak: 1, steps: 100, warmup: 4 }), 0, 1, 2, 3, 4)).toEqual([0.25, 0.5, 0.75, 1, 1]);
  });

  test("linear decay: half way at half time, final afterwards", () => {
    const schedule = linearDecay({ peak: 1, steps: 120, warmup: 20, final: 0.2 });
    expect(values(schedule, 20, 70, 120, 500)).toEqual([1, 0.6, 0.2, 0.2]);
  });

  test("cosine: flat at both ends, half way at half time", () => {
    const schedule = cosine({ peak: 2, steps: 110, warmup: 10 });
    expect(values(schedule, 10, 35, 60, 85, 110)).toEqual([2, 1.707107, 1, 0.292893, 0]);
  });

  test("warm-up, stable, decay", () => {
    const schedule = warmupStableDecay({ peak: 1, steps: 100, warmup: 10, decay: 20 });
    expect(values(schedule, 4, 9, 50, 80, 90, 95, 100)).toEqual([0.5, 1, 1, 1, 0.5, 0.25, 0]);
    expect(values(warmupStableDecay({ peak: 1, steps: 100, decay: 0 }), 0, 99)).toEqual([1, 1]);
  });

  test("refuses more warm-up than steps", () => {
    expect(() => cosine({ peak: 1, steps: 10, warmup: 11 })).toThrow("11 steps of warm-up are more than 10 steps");
    expect(() => warmupStableDecay({ peak: 1, steps: 10, warmup: 5, decay: 6 })).toThrow("longer than 10 steps");
  });
});
