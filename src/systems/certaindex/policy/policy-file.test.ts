import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import { Policy } from "../schemas.ts";
import { checkPolicy, compareFingerprint, expectFingerprint, readPolicy, writePolicy } from "./policy-file.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "certaindex-policy-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const plain = { algorithm: "static", detectAt: 5, cap: 20, thresholds: { entropy: 0.7 } };
const calibrated = Policy.parse({
  ...plain,
  calibration: {
    ...{ program: "self-consistency", model: "tiny", dataset: "sums", settings: { temperature: 0.8 } },
    ...{ n: 400, losses: 0, bound: 0.0075, delta: 0.01, confidence: 0.95, saved: 0.3 },
  },
});

suite("policy files", () => {
  test("come back as they were written", async () => {
    const file = join(dir, "policy.json");
    await writePolicy(file, calibrated);
    expect(await readPolicy(file)).toEqual(calibrated);
  });
  test.each([
    [{ thresholds: { entropy: 1.2 } }, "thresholds.entropy: expected a number from 0 to 1, got 1.2"],
    [{ detectAt: 30 }, "detectAt: 30 is above the cap of 20"],
    [{ every: 0 }, "every: expected a whole number of at least 1, got 0"],
    [{ treshold: { entropy: 1 } }, 'unknown field "treshold"'],
    [{ thresholds: {} }, "thresholds: missing, static stops by them"],
    [{ algorithm: "skyline" }, "curve: missing, skyline reads budgets off it"],
    [{ algorithm: "length" }, "maxTokens: missing, length stops by it"],
    [{ hopeless: { signal: "entropy", below: 0.2, at: 30 } }, "hopeless.at: 30 is above the cap of 20"],
    [
      {
        algorithm: "dynamic",
        curve: {
          signal: "entropy",
          points: [
            { value: 0.1, knob: 9 },
            { value: 0.5, knob: 9 },
          ],
        },
      },
      "curve.points[1]: values must rise and knobs fall",
    ],
    [
      { calibration: { ...calibrated.calibration, settings: { window: 1 } } },
      "calibration.settings.window: expected a whole number of at least 2, got 1",
    ],
    [
      { calibration: { ...calibrated.calibration, settings: { interval: 0 } } },
      "calibration.settings.interval: expected a whole number of at least 1, got 0",
    ],
  ])("%j is refused by its field", async (fields, message) => {
    const file = join(dir, "bad.json");
    writeFileSync(file, JSON.stringify({ ...plain, ...fields }));
    await expect(readPolicy(file)).rejects.toThrow(`bad.json: ${message}`);
    expect(() => checkPolicy({ ...plain, ...fields })).toThrow(`policy: ${message}`);
  });
});

suite("fingerprints", () => {
  const actual = {
    program: "self-consistency",
    model: "tiny",
    dataset: "sums",
    cap: 20,
    settings: { temperature: 0.8 },
  };
  test("fit what they were made for; what is not said is not compared", () => {
    expect(compareFingerprint(calibrated, actual)).toEqual([]);
    expect(compareFingerprint(calibrated, {})).toEqual([]);
    expect(expectFingerprint(calibrated, actual, { strict: true })).toBe(true);
  });
  test("every difference is named: a warning, and a refusal under strict", () => {
    const other = { ...actual, model: "large", cap: 30, settings: { temperature: 1 } };
    const warnings: string[] = [];
    expect(expectFingerprint(calibrated, other, { warn: (message) => warnings.push(message) })).toBe(false);
    const differences = 'for model "tiny", not "large"; for cap 20, not 30; for temperature 0.8, not 1';
    expect(warnings).toEqual([
      `policy static: was calibrated ${differences}: its bound on lost answers does not hold here`,
    ]);
    expect(() => expectFingerprint(calibrated, other, { strict: true })).toThrow(`was calibrated ${differences}`);
  });
  test("a policy that was never calibrated fits nothing", () => {
    expect(() => expectFingerprint(Policy.parse(plain), actual, { strict: true })).toThrow("it was never calibrated");
  });
});
