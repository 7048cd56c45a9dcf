import fc from "fast-check";
import { expect, suite, test } from "vitest";
import type { Rollout } from "../../../language/train/index.ts";
import { renderForm } from "../form.ts";
import { functionVerifier } from "../search/verifiers.ts";
import { hackMonitor, isHacked, type MonitorLook } from "./monitor.ts";
import type { RlProblem } from "./problems.ts";
import { isUnclear, type RewardTally, type RewardVerifier, verifierReward } from "./reward.ts";

const rollout = (text: string, reference = "b"): Rollout<RlProblem> => ({
  item: { question: "q", reference },
  prompt: [1],
  text,
  tokens: [1],
  ended: true,
});
const formed = (response: string) => rollout(renderForm("hmm", response));
const context = { update: 1 };

suite("verifierReward", () => {
  test("pays 1, 0.1 and 0, and counts a verifier that says neither as wrong", async () => {
    const verifier = functionVerifier("v", (response, reference) => (response === "?" ? null : response === reference));
    const told: [number, RewardTally][] = [];
    const reward = verifierReward(verifier, (...of) => told.push(of));
    const rollouts = [formed("b"), formed("a"), formed("?"), rollout("b"), rollout("## Final Response\n\nb")];
    expect(await reward(rollouts, context)).toEqual([1, 0.1, 0.1, 0, 0]);
    expect(told).toEqual([[1, { rollouts: 5, noForm: 2, right: 1, wrong: 1, unparsed: 1 }]]);
  });

  test("more than two unclear verdicts in a hundred are too many", () => {
    const tally = { rollouts: 200, noForm: 100, right: 50, wrong: 48, unparsed: 2 };
    expect([isUnclear(tally), isUnclear({ ...tally, unparsed: 3 })]).toEqual([false, true]);
  });

  test("shows the verifier the response alone, and equal ones once", async () => {
    const seen: string[] = [];
    const verifier = functionVerifier("v", (response, reference) => {
      seen.push(`${response}|${reference}`);
      return true;
    });
    const texts = ["b", "b", "a"].map((response, index) => rollout(renderForm(`thought ${index}`, response)));
    expect(await verifierReward(verifier)(texts, context)).toEqual([1, 1, 1]);
    expect(seen).toEqual(["b|b", "a|b"]);
  });

  test("asks a verifier that takes all at once for all at once", async () => {
    const batches: number[] = [];
    const verifier: RewardVerifier = {
      name: "batched",
      verify: () => expect.unreachable(),
      async verifyAll(pairs) {
        batches.push(pairs.length);
        return pairs.map(({ response, reference }) => response === reference);
      },
    };
    expect(await verifierReward(verifier)([formed("b"), formed("a"), rollout("")], context)).toEqual([1, 0.1, 0]);
    expect(batches).toEqual([2]);
  });
});

suite("hackMonitor", () => {
  const rollouts = Array.from({ length: 40 }, (_, index) => formed(index < 30 ? "a b c" : "b"));
  const paid = rollouts.map(({ text }) => (text.endsWith("c") ? 1 : 0.1));
  const second = functionVerifier("honest", (response, reference) => response === reference);

  test("looks every so many updates, and calls a gap that is more than chance", async () => {
    const looks: MonitorLook[] = [];
    const watch = hackMonitor({ second, every: 3, seed: 1, onLook: (look) => looks.push(look) });
    const seen = (update: number) => watch({ update, rollouts, rewards: paid });
    expect(await seen(2)).toBeNull();
    expect(await seen(4)).toMatchObject({
      name: "reward hack",
      message: "the verifier finds 75 % of 40 rollouts right, honest 25 %: 50 points apart",
    });
    expect(looks.map(({ update, first, second }) => [update, first, second])).toEqual([[4, 0.75, 0.25]]);
    expect(await watch({ update: 7, rollouts, rewards: paid.map(() => 0.1) })).toBeNull(); // paid too little is no hack
  });

  test("takes a sample of its size, the same for the same seed and update", async () => {
    const sizes: number[] = [];
    const looks: number[] = [];
    const options = { second, every: 1, sampleSize: 8, seed: 1 };
    for (const update of [1, 1, 2]) {
      const onLook = (look: MonitorLook) => {
        sizes.push(look.rollouts);
        looks.push(look.first);
      };
      await hackMonitor({ ...options, onLook })({ update, rollouts, rewards: paid });
    }
    expect(sizes).toEqual([8, 8, 8]);
    expect(looks[0]).toBe(looks[1]);
  });

  test("ten points and chance: both must be passed", () => {
    const look = { update: 1, rollouts: 64 };
    expect(isHacked({ ...look, first: 0.5, second: 0.41, p: 1e-6 }, 0.1)).toBe(false);
    expect(isHacked({ ...look, first: 0.5, second: 0.3, p: 0.2 }, 0.1)).toBe(false);
    expect(isHacked({ ...look, first: 0.5, second: 0.3, p: 0.01 }, 0.1)).toBe(true);
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, (first, gain) => !isHacked({ ...look, first, second: first + gain, p: 0 }, 0.1)),
    );
  });
});
