import { expect, suite, test } from "vitest";
import { judgeVitals, repeatedShare } from "./collapse.ts";

suite("repeatedShare", () => {
  test("counts n-grams that came before in the same answer", () => {
    expect(repeatedShare([[1, 2, 1, 2, 1, 2]], 2)).toBe(1 - 2 / 5); // 12 21 12 21 12
    expect(
      repeatedShare(
        [
          [1, 2, 3],
          [1, 2, 3],
        ],
        2,
      ),
    ).toBe(0); // another answer may say the same
    expect(repeatedShare([Array(20).fill(7)])).toBe(1 - 1 / 13);
    expect(repeatedShare([[1, 2, 3]])).toBe(0); // shorter than eight tokens
    expect(repeatedShare([])).toBe(0);
  });
});

suite("judgeVitals", () => {
  const base = { repetition: 0.05, chosen: -0.2, accuracy: 0.99 };
  const cause = (change: object, from = base) => judgeVitals({ ...from, ...change }, from)?.cause ?? null;

  test("lets a model that is well go on", () => {
    expect(judgeVitals(base, base)).toBeNull();
    expect(cause({ repetition: 0.2, chosen: -0.7, accuracy: 0.97 })).toBeNull(); // at the limits
  });
  test("names each cause", () => {
    expect(cause({ repetition: 0.21 })).toBe("repetition");
    expect(cause({ chosen: -0.71 })).toBe("chosen log-probability");
    expect(cause({ chosen: Number.NaN })).toBe("chosen log-probability");
    expect(cause({ accuracy: 0.965 })).toBe("accuracy");
  });
  test("a model that repeats by nature is measured by itself", () => {
    const repetitive = { ...base, repetition: 0.25 };
    expect(cause({ repetition: 0.34 }, repetitive)).toBeNull();
    expect(cause({ repetition: 0.36 }, repetitive)).toBe("repetition");
  });
  test("says what was seen and which knob to turn", () => {
    expect(judgeVitals({ ...base, accuracy: 0.9 }, base)).toEqual({
      cause: "accuracy",
      message: "accuracy is 90 %, more than 2 points below the 99 % before training",
      knob: expect.stringContaining("lower the learning rate"),
    });
  });
});
