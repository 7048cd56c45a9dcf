import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { gae, groupNormalised, leaveOneOut, tokenKl, tokenRewards, whiten } from "./advantages.ts";

const expectClose = (found: readonly number[], wanted: readonly number[]) => {
  expect(found).toHaveLength(wanted.length);
  for (const [index, value] of wanted.entries()) expect(found[index]!, `[${index}]`).toBeCloseTo(value, 9);
};

suite("token rewards", () => {
  test("are -beta KL everywhere, and the reward at the last token", () => {
    const kl = tokenKl([[-1, -2], [-0.5]], [[-1.5, -1.8], [-0.5]]);
    expectClose(kl.flat(), [0.5, -0.2, 0]);
    const rewards = tokenRewards(kl, [1, 0.1], 0.03);
    expectClose(rewards[0]!, [-0.015, 0.006 + 1]);
    expectClose(rewards[1]!, [0.1]);
  });
});

suite("gae", () => {
  test("by hand, gamma 0.9 and lambda 0.5", () => {
    // delta: 0 + 0.9·2 - 1 = 0.8;  0 + 0.9·3 - 2 = 0.7;  1 + 0 - 3 = -2
    // A: -2;  0.7 + 0.45·(-2) = -0.2;  0.8 + 0.45·(-0.2) = 0.71
    const { advantages, returns } = gae([0, 0, 1], [1, 2, 3], { gamma: 0.9, lambda: 0.5 });
    expectClose(advantages, [0.71, -0.2, -2]);
    expectClose(returns, [1.71, 1.8, 1]);
  });

  const numbers = fc.array(
    fc.tuple(fc.double({ min: -3, max: 3, noNaN: true }), fc.double({ min: -3, max: 3, noNaN: true })),
    {
      minLength: 1,
      maxLength: 20,
    },
  );
  const share = fc.double({ min: 0, max: 1, noNaN: true });

  test("is the sum of discounted errors, term by term", () => {
    fc.assert(
      fc.property(numbers, share, share, (pairs, gamma, lambda) => {
        const [rewards, values] = [pairs.map(([reward]) => reward), pairs.map(([, value]) => value)];
        const delta = (t: number) => rewards[t]! + gamma * (values[t + 1] ?? 0) - values[t]!;
        const wanted = pairs.map((_, t) =>
          pairs.slice(t).reduce((sum, _, l) => sum + (gamma * lambda) ** l * delta(t + l), 0),
        );
        expectClose(gae(rewards, values, { gamma, lambda }).advantages, wanted);
      }),
    );
  });
  test("at lambda 1 the returns are those of the rewards alone", () => {
    fc.assert(
      fc.property(numbers, share, (pairs, gamma) => {
        const rewards = pairs.map(([reward]) => reward);
        const wanted = rewards.map((_, t) => rewards.slice(t).reduce((sum, reward, l) => sum + gamma ** l * reward, 0));
        const values = pairs.map(([, value]) => value);
        expectClose(gae(rewards, values, { gamma, lambda: 1 }).returns, wanted);
      }),
    );
  });
});

suite("whiten", () => {
  test("by hand, over all tokens of all rollouts", () => {
    // 1, 2, 3, 6: mean 3, variance (4 + 1 + 0 + 9) / 3 = 14/3
    const scale = 1 / Math.sqrt(14 / 3 + 1e-8);
    expectClose(
      whiten([
        [1, 2],
        [3, 6],
      ]).flat(),
      [-2 * scale, -scale, 0, 3 * scale],
    );
    expectClose(
      whiten(
        [
          [1, 2],
          [3, 6],
        ],
        { keepMean: true },
      ).flat(),
      [3 - 2 * scale, 3 - scale, 3, 3 + 3 * scale],
    );
  });
  test("leaves equal ones at zero, and a single one", () => {
    expect(whiten([[2], [2, 2]]).flat()).toEqual([0, 0, 0]);
    expect(whiten([[5]])).toEqual([[0]]);
  });
});

suite("groups", () => {
  test("RLOO: each less the mean of the others", () => {
    expectClose(leaveOneOut([1, 0, 0.1, 0.1], 2), [1, -1, 0, 0]);
    expectClose(leaveOneOut([1, 0.1, 0], 3), [0.95, 0.1 - 0.5, -0.55]);
  });
  test("GRPO: by mean and deviation of the group", () => {
    // 1, 0, 0, 0: mean 1/4, variance (9/16 + 3/16) / 3 = 1/4
    expectClose(groupNormalised([1, 0, 0, 0], 4), [0.75 / 0.5001, ...Array(3).fill(-0.25 / 0.5001)]);
    expect(groupNormalised([0.1, 0.1], 2)).toEqual([0, 0]);
  });
});
