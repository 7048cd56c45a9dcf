import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, suite, test } from "vitest";
import { validate } from "../../../core/schema.ts";
import { SolveOptions } from "./options.ts";
import { prepare } from "./setup.ts";

const folder = mkdtempSync(join(tmpdir(), "setup-"));
afterAll(() => rmSync(folder, { recursive: true }));
const data = join(folder, "data.jsonl");
writeFileSync(data, `${JSON.stringify({ problem: "1 + 1?", answer: 2 })}\n`);
const server = { endpoint: "http://127.0.0.1:1/v1", model: "m" };

const chain = async (options: object) =>
  prepare(data, SolveOptions.parse({ ...server, program: "chain-of-thought", ...options }));

suite("from options to a task", () => {
  test("a preset brings window and interval, and the cap is what the tokens allow", async () => {
    const { settings, chosen } = await chain({ policy: "crazy" });
    expect(settings).toMatchObject({ window: 2, interval: 32 });
    expect(chosen.policy.cap).toBe(16_384 / 32);
    expect((await chain({ policy: "crazy", interval: 128, window: 5 })).settings).toMatchObject({
      window: 5,
      interval: 128,
    });
  });

  test("a window of one probe is none", () => {
    expect(validate(SolveOptions, { window: 1 })).toMatchObject({
      problem: { message: "window: expected a whole number of at least 2, got 1" },
    });
  });

  test("a calibrated policy brings the settings and the cap that it was calibrated with", async () => {
    const file = join(folder, "policy.json");
    const calibration = {
      ...{ program: "chain-of-thought", model: "m", dataset: "data.jsonl", settings: { window: 6, interval: 48 } },
      ...{ n: 400, losses: 0, bound: 0.0075, delta: 0.01, confidence: 0.95, saved: 0.2 },
    };
    writeFileSync(
      file,
      JSON.stringify({ algorithm: "single-step", detectAt: 6, cap: 40, thresholds: { consistency: 1 }, calibration }),
    );
    const { settings, chosen } = await chain({ policy: file });
    expect(settings).toMatchObject({ window: 6, interval: 48 });
    expect(chosen.policy.cap).toBe(40);
  });

  test("the embedded model's world: its questions come from the seed, and its settings fit it", async () => {
    const options = SolveOptions.parse({ count: 5, program: "rebase", seed: 3 });
    const [one, again] = await Promise.all([prepare(undefined, options), prepare(undefined, options)]);
    expect(one).toMatchObject({ isWorld: true, concurrency: 64, sampling: { temperature: 1 } });
    expect(one.settings).toMatchObject({ stepTokens: 4, verdict: "<check>", firstGrant: 16 });
    expect(one.dataset.questions).toEqual(again.dataset.questions);
    const other = await prepare(undefined, { ...options, seed: 4 });
    expect(other.dataset.questions).not.toEqual(one.dataset.questions);
  });
});
