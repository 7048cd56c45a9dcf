import { expect, test } from "vitest";
import type { Rollout } from "./rollouts.ts";
import { reportRollouts } from "./update-report.ts";

const rollout = (length: number, ended: boolean): Rollout<null> => ({
  item: null,
  prompt: [1],
  text: "",
  tokens: Array(length).fill(1),
  ended,
});

test("rewards, lengths, KL and entropy of an update, by hand", () => {
  const rollouts = [rollout(2, true), rollout(1, true), rollout(3, false), rollout(2, true)];
  const measures = {
    logprobs: [[-1, -2], [-1], [-1, -1, -1], [-1, -1]],
    reference: [[-2, -2], [-1], [-1, -1, -1], [-1, -0.5]],
    entropies: [[1, 1], [2], [0, 0, 0], [2, 2]],
  };
  const report = reportRollouts(rollouts, [1, 0.1, 0.1, 0.1], measures, { groupSize: 2 });
  expect(report.reward).toEqual({ mean: 0.325, deviation: expect.closeTo(0.45, 9), least: 0.1, most: 1 });
  expect(report.unequalGroups).toBe(0.5); // the second group teaches nothing
  expect([report.length, report.cutOff]).toEqual([2, 0.25]);
  expect(report.kl).toBeCloseTo((1 - 0.5) / 8, 9);
  expect(report.rolloutKl).toBeCloseTo((1 - 0.5) / 4, 9);
  expect(report.entropy).toBe(1);
  const single = reportRollouts(rollouts, [1, Number.NaN, 0, 0], measures, { groupSize: 1 });
  expect([single.unequalGroups, single.reward.mean]).toEqual([1, Number.NaN]);
});
