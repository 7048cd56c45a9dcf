import { expect, suite, test } from "vitest";
import { markHealth } from "./health-marks.ts";

const sound = {
  ...{ channels: 8, dead: [], std: { min: 0.8, median: 1, max: 1.6 }, correlation: 0.12, effectiveRank: 5.2 },
  ...{ noiseShare: 0.05, alignment: 0.71, knnPurity: 0.64, probeAccuracy: 0.9 },
};

suite("latent health", () => {
  test("sound latents are good throughout, in the order of the page", () => {
    const marks = markHealth(sound);
    expect(marks.map(({ isGood }) => isGood)).toEqual(Array(8).fill(true));
    expect(marks.map(({ value }) => value)).toEqual([
      "0 / 8",
      "0.8 · 1 · 1.6",
      "0.12",
      "5.2 / 8",
      "0.05",
      "0.71",
      "64 %",
      "90 %",
    ]);
  });

  test("each bound is marked when it is passed", () => {
    const poor = markHealth({
      ...{ channels: 8, dead: [2, 5], std: { min: 0, median: 1, max: 11 }, correlation: 0.3, effectiveRank: 1.9 },
      ...{ noiseShare: 0.2, alignment: 0.49, knnPurity: 0.29, probeAccuracy: 0.49 },
    });
    expect(poor.map(({ isGood }) => isGood)).toEqual(Array(8).fill(false));
    expect(poor[0]!.value).toBe("2 / 8 (2, 5)");
    const thin = markHealth({ ...sound, std: { min: 0.09, median: 1, max: 1 } });
    expect(thin[1]!.isGood).toBe(false);
  });

  test("what was not measured has no mark", () => {
    const { alignment: _, knnPurity: __, probeAccuracy: ___, ...rest } = sound;
    expect(markHealth(rest).slice(5)).toEqual(
      ["alignment", "purity", "probe"].map((measure) => ({ measure, value: null, isGood: null })),
    );
  });
});
