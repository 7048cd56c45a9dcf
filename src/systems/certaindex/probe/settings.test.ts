import { expect, suite, test } from "vitest";
import { ConfigError } from "../../../core/errors.ts";
import { Effort, presets, probeSettings } from "./settings.ts";

suite("probe settings", () => {
  test("their defaults are those of the published proxy", () => {
    expect(probeSettings()).toMatchObject({ interval: 32, window: 2, threshold: 1, minTokens: 0, maxProbeTokens: 20 });
  });

  test("every preset is one, and none stops on a single probe", () => {
    expect([...Object.keys(presets), "none"].sort()).toEqual([...Effort.options].sort());
    for (const preset of Object.values(presets)) expect(probeSettings(preset).window).toBeGreaterThanOrEqual(2);
  });

  test.each([
    [{ window: 1 }, "window: expected a whole number of at least 2, got 1", "One probe cannot agree with another."],
    [{ interval: 0 }, "interval: expected a whole number of at least 1, got 0", undefined],
    [{ interval: 1.5 }, "interval: expected a whole number of at least 1, got 1.5", undefined],
    [{ threshold: 0 }, "threshold: expected a number above 0 and at most 1, got 0", undefined],
    [{ windows: 3 }, 'unknown field "windows"', 'Did you mean "window"?'],
  ])("%j is refused by its field", (given, message, hint) => {
    const refused = (() => {
      try {
        return probeSettings(given as object, "policy math");
      } catch (error) {
        return error;
      }
    })();
    expect(refused).toBeInstanceOf(ConfigError);
    expect(refused).toMatchObject({ message: `policy math: ${message}`, hint });
  });
});
