import { afterEach, beforeEach, expect, suite, test, vi } from "vitest";
import { createProgress, describeDuration, describeProgress } from "./progress.ts";

function collector(isTTY: boolean) {
  const chunks: string[] = [];
  return { isTTY, columns: 80, write: (text: string) => chunks.push(text), text: () => chunks.join("") };
}

suite("describeProgress", () => {
  test("shows share, rate, ETA and fields", () => {
    const state = { done: 120, elapsedMs: 4000, rate: 44, fields: { loss: 0.51234 } };
    const line = describeProgress({ label: "train", total: 1000, unit: "steps" }, state);
    expect(line).toBe("train 120/1000 steps (12%)  44 steps/s  ETA 0:20  loss=0.5123");
  });

  test("shows elapsed time where the total is unknown, and time per item where that is slow", () => {
    const state = { done: 3, elapsedMs: 90_000, rate: 1 / 30, fields: {} };
    expect(describeProgress({ label: "judge" }, state)).toBe("judge 3 items  0:30 each  1:30");
  });

  test("durations", () => {
    expect([7_400, 750_000, 3_723_000].map(describeDuration)).toEqual(["0:07", "12:30", "1:02:03"]);
  });
});

suite("createProgress without a terminal", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
  afterEach(() => void vi.useRealTimers());

  test("writes a plain line every five seconds at most, and one at the end", () => {
    const stream = collector(false);
    const progress = createProgress({ label: "train", total: 100, unit: "steps", stream });
    for (let i = 1; i <= 100; i++) {
      vi.advanceTimersByTime(120);
      progress.update(i, { loss: 1 });
    }
    progress.stop("loss 1.00");
    progress.stop();
    expect(stream.text().split("\n")).toEqual([
      "train 42/100 steps (42%)  8.3 steps/s  ETA 0:07  loss=1",
      "train 84/100 steps (84%)  8.3 steps/s  ETA 0:02  loss=1",
      "train 100 steps in 0:12  loss 1.00",
      "",
    ]);
  });

  test("resumed items count for the bar but not for the rate", () => {
    const stream = collector(false);
    const progress = createProgress({ label: "train", total: 2000, unit: "steps", start: 1000, stream });
    vi.advanceTimersByTime(10_000);
    progress.update(1100);
    expect(stream.text()).toBe("train 1100/2000 steps (55%)  10 steps/s  ETA 1:30\n");
  });
});

suite("createProgress on a terminal", () => {
  test("draws a bar in one line and leaves a summary", () => {
    const stream = Object.assign(collector(true), { on: () => {} });
    const progress = createProgress({ label: "train", total: 4, unit: "steps", stream });
    progress.update(2);
    progress.stop("done");
    expect(stream.text()).toContain("train 0/4 steps (0%)");
    expect(stream.text().endsWith("\r\x1b[2Ktrain 2 steps in 0:00  done\n")).toBe(true);
    expect(stream.text().match(/\n/g)).toHaveLength(1);
  });
});
