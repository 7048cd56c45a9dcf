/**
 * A policy that was shown the form, trained on verdicts: POLYMATH_SLOW=1 vitest run src/systems/huatuogpt-o1/rl
 * The hack drill is acceptance 12.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { namedLeaves } from "../../../compute/tree.ts";
import type { DecoderModel } from "../../../language/generate/index.ts";
import { gullible, honest, prompts, shownTheForm, tokenizer } from "./rl.fixtures.ts";
import { type RlOptions, rlMethods, trainOnVerifier } from "./train.ts";

let model: DecoderModel;
let folder = "";
beforeAll(async () => {
  model = await shownTheForm();
  folder = await mkdtemp(join(tmpdir(), "polymath-huatuo-rl-"));
});
afterAll(() => rm(folder, { recursive: true }));

const settings = { updates: 30, prompts: 32, groupSize: 2, maxTokens: 10, learningRate: 3e-3, valueRate: 1 };
const options = (more: Partial<RlOptions>): RlOptions => ({
  model,
  tokenizer,
  prompts: prompts.slice(8),
  heldOut: prompts.slice(0, 8),
  verifier: honest,
  method: "ppo",
  settings,
  pairSettings: { samples: 8, maxTokens: 10, learningRate: 1e-3, epochs: 3, rounds: 4, batchSize: 8 },
  limits: { entropyShare: 0 }, // a policy that is sure of the right letter is what is wanted
  seed: 1,
  ...more,
});

suite("trainOnVerifier", () => {
  // DPO learns from forty pairs a round, and each of its steps asks only for a difference.
  const gains = { ppo: 0.4, rloo: 0.4, grpo: 0.4, dpo: 0.1 };
  test.each(rlMethods)("%s: right answers in the form become more", { timeout: 300_000 }, async (method) => {
    const { after, alarm, collapse, tally, history, rounds } = await trainOnVerifier(options({ method }));
    const rewards = method === "dpo" ? rounds.map(({ reward }) => reward) : history.map(({ reward }) => reward.mean);
    expect([alarm, collapse]).toEqual([undefined, undefined]);
    expect(rewards.at(-1)).toBeGreaterThan(rewards[0]! + gains[method]);
    expect(after!.form).toBe(1);
    expect(tally.right + tally.wrong + tally.noForm).toBe(tally.rollouts);
    if (method !== "dpo") expect(after!.accuracy).toBe(1);
  });

  test("a verifier that accepts any list of three options is found out within 30 updates", {
    timeout: 300_000,
  }, async () => {
    const result = await trainOnVerifier(options({ verifier: gullible, monitor: { second: honest } }));
    expect(result.alarm).toMatchObject({ name: "reward hack", message: expect.stringContaining("honest") });
    expect(result.alarm!.update).toBeLessThanOrEqual(30);
    expect(result.updates).toBeLessThan(result.alarm!.update); // back to what was well
    expect(result.looks.length).toBeGreaterThan(1); // and not because it was so from the first
    // The honest verifier beside another of its kind raises nothing.
    const honestly = await trainOnVerifier(options({ monitor: { second: { ...honest, name: "other" } } }));
    expect(honestly.alarm).toBeUndefined();
  });

  test("interrupted and begun again, it ends the same and shows all updates", { timeout: 300_000 }, async () => {
    const short = { settings: { ...settings, updates: 6 }, monitor: { second: honest, every: 2 }, checkpointEvery: 2 };
    const straight = await trainOnVerifier(options(short));
    const controller = new AbortController();
    const dir = join(folder, "run");
    const metric = (name: string, step: number) => name === "reward" && step === 3 && controller.abort();
    const cut = await trainOnVerifier(options(short), { dir, signal: controller.signal, metric });
    expect([cut.interrupted, cut.updates, cut.after]).toEqual([true, 3, undefined]);
    const resumed = await trainOnVerifier(options(short), { dir });
    expect(await bytesOf(resumed.params)).toEqual(await bytesOf(straight.params));
    const told = ({ history, looks }: typeof straight) => [
      history.map(({ update, reward }) => [update, reward]),
      looks,
    ];
    expect(told(resumed)).toEqual(told(straight));
    expect(resumed.tally).toEqual(straight.tally);
    expect(resumed.history).toHaveLength(6);
  });
});

async function bytesOf(params: object): Promise<number[]> {
  const all: number[] = [];
  for (const leaf of namedLeaves(params).values()) all.push(...(await leaf.data()));
  return all;
}
