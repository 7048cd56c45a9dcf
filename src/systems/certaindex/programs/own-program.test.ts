/** A program as a reader of program.ts would write it: its two functions, and everything else is the runtime's. */
import { expect, suite, test } from "vitest";
import type { Path, Program } from "./program.ts";
import { functionReward } from "./reward.ts";
import { policyOf, question, runtimeOf, scriptedEndpoint } from "./scripted.fixtures.ts";

const bestOf = (paths: readonly Path[]) =>
  paths.reduce<Path | null>((best, path) => (best && best.reward! >= path.reward! ? best : path), null);

const bestOfN: Program<Path[]> = {
  name: "best-of-n",
  updateCertaindex: (paths) => ({ rewardMax: Math.max(...paths.map(({ reward = 0 }) => reward)) }),
  async execute(context) {
    const paths: Path[] = [];
    for (let units = await context.grant(); units > 0; units = await context.grant()) {
      for (const path of await context.sample(units)) {
        if (path) paths.push(...(await context.reward([path])));
        await context.report(paths, { spent: [path], answer: bestOf(paths)?.answer ?? null });
      }
    }
  },
};

suite("a program of one's own", () => {
  const policy = policyOf({ algorithm: "single-step", detectAt: 1, cap: 10, thresholds: { rewardMax: 0.7 } });
  const reward = functionReward((_, texts) => texts.map((text) => Number(/\d+/.exec(text)![0]) / 10));

  test("stops at the first path that is good enough", async () => {
    const endpoint = scriptedEndpoint(({ count }) => `answer ${[3, 5, 8, 9][count - 1]}`);
    const run = await runtimeOf(endpoint, policy, { reward }).run(bestOfN, question("q1", "8"));
    expect(run).toMatchObject({ program: "best-of-n", answer: "8", correct: true, knob: 3, reason: "settled" });
    expect(run.steps.map(({ signals }) => signals.rewardMax)).toEqual([0.3, 0.5, 0.8]);
  });
});
