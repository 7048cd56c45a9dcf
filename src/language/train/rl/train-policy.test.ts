import { cpSync, existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { readSafetensors } from "../../../compute/safetensors/index.ts";
import { Random } from "../../../core/random.ts";
import { initDecoder } from "../../decoder/init-decoder.ts";
import { config, countY, freshPolicy, numbersOf, options, prompts, settings } from "./rl.fixtures.ts";
import type { Reward } from "./rollouts.ts";
import type { PolicySettings } from "./settings.ts";
import { type PolicyOptions, trainPolicy } from "./train-policy.ts";
import type { UpdateReport } from "./update-report.ts";
import { firstLayers } from "./value-net.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polymath-rl-"));
});
afterAll(() => rm(folder, { recursive: true }));

suite("trainPolicy", () => {
  test.each(["ppo", "rloo", "grpo"] as const)("%s learns to say what is paid", async (method) => {
    const reports: UpdateReport[] = [];
    const result = await trainPolicy(
      options({
        settings: settings({ method, updates: 12, groupSize: 8 }),
        onUpdate: (report) => reports.push(report),
      }),
    );
    expect(reports.map(({ update }) => update)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    expect(reports[0]!.reward.mean).toBeLessThan(0.2);
    expect(reports.at(-1)!.reward.mean).toBeGreaterThan(0.8);
    expect([result.update, result.stopped, result.alarm]).toEqual([12, false, undefined]);
  });

  test("says what an update was made of", async () => {
    const reports: UpdateReport[] = [];
    const shown: Record<string, unknown>[] = [];
    const { seconds } = await trainPolicy(
      options({
        settings: settings({ updates: 2, maxTokens: 3 }),
        onUpdate: (report) => reports.push(report),
        evaluate: async (params, update) => ({ size: (await numbersOf(params)).length, update }),
        progress: { update: (_, fields = {}) => shown.push(fields), stop() {} },
      }),
    );
    const [first, second] = reports as [UpdateReport, UpdateReport];
    expect(first.kl).toBe(0); // the policy is the reference still
    expect(first.entropy).toBeCloseTo(Math.log(8), 0); // and has learned nothing
    expect(first.lr).toBe(0.02);
    expect(first.metrics.approxKl).toBeGreaterThan(0);
    expect(second.kl).not.toBe(0);
    expect(second.evaluation).toEqual({ size: (await numbersOf(freshPolicy())).length, update: 2 });
    expect(second.length).toBeLessThanOrEqual(3);
    expect(second.tokenCount).toBe(Math.round(second.length * 16));
    for (const phase of ["generation", "update"] as const) {
      expect(first.seconds[phase]).toBeGreaterThan(0);
      expect(seconds[phase]).toBeCloseTo(first.seconds[phase] + second.seconds[phase], 9);
    }
    expect(Object.keys(shown[1]!)).toEqual(["reward", "kl", "entropy", "tokens/s", "size", "update"]);
  });

  test("a rollout that does not end is paid less, where that is asked for", async () => {
    const meanLength = async (missingEosPenalty: number) => {
      let length = 0;
      await trainPolicy(
        options({
          reward: (rollouts) => rollouts.map((_, index) => (index % 2) / 1e6), // nothing else is worth anything
          settings: settings({ method: "rloo", updates: 8, groupSize: 8, beta: 0, missingEosPenalty }),
          onUpdate: (report) => {
            length = report.cutOff;
          },
        }),
      );
      return length;
    };
    expect(await meanLength(1)).toBeLessThan(0.3);
    expect(await meanLength(0)).toBeGreaterThan(0.4);
  });

  test("takes a value net of fewer layers, or of another model", async () => {
    const deep = { ...config, layerCount: 2 };
    const params = initDecoder(deep, new Random(1));
    const shapes: string[][] = [];
    for (const valueModel of [undefined, firstLayers({ config: deep, params }, 1)]) {
      const dir = join(folder, `value-${shapes.length}`);
      await trainPolicy(
        options({
          ...{ config: deep, params: initDecoder(deep, new Random(1)), valueModel, checkpointDir: dir },
          settings: settings({ updates: 1 }),
        }),
      );
      const { tensors, close } = await readSafetensors(join(dir, "step-00000001", "model.safetensors"));
      shapes.push([...tensors.keys()].filter((name) => name.startsWith("value.")));
      await close();
    }
    expect(shapes[0]).toContain("value.model.layers.1.mlp.up_proj.weight");
    expect(shapes[1]).toContain("value.model.layers.0.mlp.up_proj.weight");
    expect(shapes[1]).not.toContain("value.model.layers.1.mlp.up_proj.weight");
    expect(shapes[1]).toContain("value.score.weight");
    const other = { config: { ...config, vocabSize: 5 }, params };
    await expect(trainPolicy(options({ valueModel: other }))).rejects.toThrow(
      "vocabulary has 5 tokens, the policy's 8",
    );
  });

  test("refuses what cannot be", async () => {
    const run = (more: Partial<PolicySettings>, rest: Partial<PolicyOptions<string>> = {}) =>
      trainPolicy(options({ settings: settings(more), ...rest }));
    await expect(run({ method: "rloo", groupSize: 1 })).rejects.toThrow("groupSize: expected at least 2 for rloo");
    await expect(run({ minibatches: 3 })).rejects.toThrow("minibatches: expected a divisor of the 16 rollouts");
    await expect(run({ temperature: 0 })).rejects.toThrow("temperature: expected a number above 0, got 0");
    await expect(run({ maxTokens: 15 })).rejects.toThrow("prompts[0]: 2 tokens and a response of 15 do not fit");
    await expect(run({}, { prompts: prompts.slice(0, 3) })).rejects.toThrow("3 prompts, fewer than the 4 of an update");
    await expect(run({}, { reward: () => [1] })).rejects.toThrow("reward: expected 16 numbers, got 1");
  });
});

suite("a training that was stopped", () => {
  test.each([
    { method: "ppo", minibatches: 2 },
    { method: "grpo", minibatches: 1 },
  ] as const)("$method goes on bit for bit", async ({ method, minibatches }) => {
    const run = (dir: string, more: Partial<PolicyOptions<string>> = {}) =>
      trainPolicy(
        options({
          settings: settings({ method, minibatches, updates: 5 }),
          checkpointDir: join(folder, dir),
          checkpointEvery: 2,
          ...more,
        }),
      );
    const straight = await run(`straight-${method}`);
    const dir = `cut-${method}`;
    // Killed in the middle of update 4: what is newest on the disk then is the checkpoint after update 2.
    await run("other", {
      onUpdate: ({ update }) => update === 3 && cpSync(join(folder, "other"), join(folder, dir), { recursive: true }),
    });
    await rm(join(folder, "other"), { recursive: true });
    expect(await readFile(join(folder, dir, "latest"), "utf8")).toBe("step-00000002\n");
    const updates: number[] = [];
    const controller = new AbortController();
    const cut = await run(dir, {
      signal: controller.signal,
      onUpdate({ update }) {
        updates.push(update);
        if (update === 3) controller.abort();
      },
    });
    expect([cut.update, cut.stopped, cut.alarm]).toEqual([3, true, undefined]);
    const resumed = await run(dir, { onUpdate: ({ update }) => updates.push(update) });
    expect(updates).toEqual([3, 4, 5]);
    expect(resumed.stopped).toBe(false);
    expect(await numbersOf(resumed.params)).toEqual(await numbersOf(straight.params));
    expect(resumed.seconds.update).toBeGreaterThan(cut.seconds.update);
    const again = await run(dir, { onUpdate: () => expect.unreachable() });
    expect(await numbersOf(again.params)).toEqual(await numbersOf(straight.params));
  });

  test("a reward function that fails loses no update", async () => {
    const dir = join(folder, "failed");
    const reward: Reward<string> = (rollouts, { update }) => {
      if (update === 3) throw new Error("no server");
      return countY(rollouts, { update });
    };
    const run = (how: Reward<string>) =>
      trainPolicy(options({ settings: settings({ method: "rloo" }), checkpointDir: dir, reward: how }));
    await expect(run(reward)).rejects.toThrow("no server");
    expect(await readFile(join(dir, "latest"), "utf8")).toBe("step-00000002\n");
    expect((await run(countY)).update).toBe(4);
  });

  test("a stop before anything leaves the policy as it was", async () => {
    const dir = join(folder, "never");
    const result = await trainPolicy(options({ signal: AbortSignal.abort(), checkpointDir: dir }));
    expect([result.update, result.stopped]).toEqual([0, true]);
    expect(await numbersOf(result.params)).toEqual(await numbersOf(freshPolicy()));
    expect(existsSync(join(dir, "latest"))).toBe(false);
  });
});

suite("alarms", () => {
  /** What came out, and parameters by update as the evaluation saw them. */
  async function run(more: Partial<PolicyOptions<string>>, updates = 12) {
    const after = new Map<number, number[]>([[0, await numbersOf(freshPolicy())]]);
    const result = await trainPolicy(
      options({
        settings: settings({ method: "rloo", updates }),
        evaluateEvery: 1,
        async evaluate(params, update) {
          after.set(update, await numbersOf(params));
          return {};
        },
        ...more,
      }),
    );
    return { result, after };
  }

  test("equal rewards, three updates running, and not when there is no more to gain", async () => {
    const same: Reward<string> = (rollouts) => rollouts.map(() => 0.1);
    const { result, after } = await run({ reward: same });
    expect(result.alarm).toMatchObject({ name: "equal rewards", update: 3 });
    expect(result.alarm!.message).toContain("all 16 rewards are 0.1, in 3 updates running");
    // Back to the newest policy before it.
    expect([result.update, result.stopped]).toEqual([1, true]);
    expect(await numbersOf(result.params)).toEqual(after.get(1));
    expect((await run({ reward: same, bestReward: 0.1 }, 4)).result.alarm).toBeUndefined();
    const now: Reward<string> = (rollouts, { update }) => rollouts.map((_, i) => (update % 3 === 0 ? i : 0));
    expect((await run({ reward: now }, 6)).result.alarm).toBeUndefined();
  });

  test("KL above its limit", async () => {
    const { result, after } = await run({ limits: { kl: 0.3, entropyShare: 0 } });
    expect(result.alarm).toMatchObject({ name: "kl", advice: expect.stringContaining("raise beta") });
    expect(result.update).toBe(result.alarm!.update - 2); // the policy before the one whose rollouts showed it
    expect(await numbersOf(result.params)).toEqual(after.get(result.update));
  });

  test("entropy collapse", async () => {
    const { result } = await run({ limits: { kl: 100, entropyShare: 0.8 } });
    expect(result.alarm).toMatchObject({ name: "entropy", message: expect.stringContaining("below 80 %") });
  });

  test("rewards, losses and parameters that are no numbers", async () => {
    const bad: Reward<string> = (rollouts, { update }) => rollouts.map((_, i) => (update === 3 && i === 4 ? NaN : i));
    const rewards = await run({ reward: bad });
    expect(rewards.result.alarm).toMatchObject({ name: "not a number", update: 3, advice: "mend the reward function" });
    expect(rewards.result.alarm!.message).toContain("the reward of rollout 5 is NaN");

    const dir = join(folder, "blown");
    const blown = await run({
      schedule: () => (update) => (update === 1 ? 1e38 : 0.01),
      checkpointDir: dir,
      checkpointEvery: 1,
    });
    expect(await readFile(join(dir, "latest"), "utf8")).toBe("step-00000001\n");
    expect(blown.result.alarm).toMatchObject({
      name: "not a number",
      advice: expect.stringContaining("learning rate"),
    });
    expect([blown.result.update, blown.result.alarm!.update]).toEqual([1, 2]);
    expect((await numbersOf(blown.result.params)).every(Number.isFinite)).toBe(true);
  });

  test("a watcher of the caller's", async () => {
    const seen: number[] = [];
    const { result } = await run({
      async watch({ update, rollouts, rewards }) {
        seen.push(update);
        expect(rewards).toHaveLength(rollouts.length);
        return update === 3 ? { name: "mine", message: "it smells", advice: "look" } : null;
      },
    });
    expect(seen).toEqual([1, 2, 3]);
    expect(result.alarm).toEqual({ name: "mine", update: 3, message: "it smells", advice: "look" });
    expect(result.update).toBe(1);
  });

  test("keep their checkpoint, and stand when the training is begun again", async () => {
    const dir = join(folder, "alarm");
    const watch: PolicyOptions<string>["watch"] = async ({ update }) =>
      update === 4 ? { name: "mine", message: "m", advice: "a" } : null;
    const { result } = await run({ checkpointDir: dir, checkpointEvery: 1, watch });
    expect(result.update).toBe(2);
    expect((await readdir(dir)).sort()).toEqual([
      "good-2.safetensors",
      "latest",
      "rl.json",
      "step-00000002",
      "step-00000003",
    ]);
    const again = await run({ checkpointDir: dir, watch: () => expect.unreachable() });
    expect(again.result.alarm).toEqual(result.alarm);
    expect(await numbersOf(again.result.params)).toEqual(await numbersOf(result.params));
  });
});
