/**
 * From rewards to advantages, in float64 on the host: an update has some thousand tokens, and nothing here is worth a
 * compiled program. Lists are by rollout, inner lists by token of the response.
 * Sources: papers/huatuogpt-o1 section 2.6; Schulman et al. 2016, arXiv 1506.02438, eq. 16 (GAE); Ahmadian et al. 2024,
 * arXiv 2402.14740, eq. 9 (RLOO); Shao et al. 2024, arXiv 2402.03300, section 4.1.2 (GRPO).
 */
import { mean } from "../../../core/statistics/index.ts";

export type TokenLists = readonly ArrayLike<number>[];

/** log π - log π_ref of each token: an estimate of the KL divergence whose mean is right, but not its sign. */
export function tokenKl(logprobs: TokenLists, reference: TokenLists): number[][] {
  return logprobs.map((own, index) => Array.from(own, (logprob, at) => logprob - reference[index]![at]!));
}

/** -beta · KL at each token, and the reward of the whole at the last one. */
export function tokenRewards(kl: TokenLists, rewards: readonly number[], beta: number): number[][] {
  return kl.map((own, index) => {
    const tokens = Array.from(own, (divergence) => -beta * divergence);
    tokens[tokens.length - 1]! += rewards[index]!;
    return tokens;
  });
}

/**
 * Generalised advantage estimation of one rollout:
 *   delta_t = r_t + gamma V_{t+1} - V_t,  A_t = delta_t + gamma lambda A_{t+1};  the value after the end is 0.
 * @returns returns are A + V, what the value net should have said
 */
export function gae(
  rewards: ArrayLike<number>,
  values: ArrayLike<number>,
  { gamma, lambda }: { gamma: number; lambda: number },
): { advantages: number[]; returns: number[] } {
  const advantages = new Array<number>(rewards.length);
  let [next, nextValue] = [0, 0];
  for (let at = rewards.length - 1; at >= 0; at--) {
    next = rewards[at]! + gamma * nextValue - values[at]! + gamma * lambda * next;
    nextValue = values[at]!;
    advantages[at] = next;
  }
  return { advantages, returns: advantages.map((advantage, at) => advantage + values[at]!) };
}

/** Divided by the deviation over all tokens (unbiased, as in TRL), after the mean was taken off; or put back with `keepMean`. */
export function whiten(lists: TokenLists, { keepMean = false } = {}): number[][] {
  const all = lists.flatMap((list) => Array.from(list));
  const centre = mean(all);
  const variance = all.reduce((sum, value) => sum + (value - centre) ** 2, 0) / Math.max(1, all.length - 1);
  const scale = 1 / Math.sqrt(variance + 1e-8);
  return lists.map((list) => Array.from(list, (value) => (value - centre) * scale + (keepMean ? centre : 0)));
}

/**
 * Each reward less the mean of the others of its group.
 * @param rewards groups one after the other
 */
export function leaveOneOut(rewards: readonly number[], groupSize: number): number[] {
  return byGroup(rewards, groupSize, (group) => {
    const total = group.reduce((sum, reward) => sum + reward, 0);
    return group.map((reward) => reward - (total - reward) / (groupSize - 1));
  });
}

/** Each reward less the mean of its group, by the group's deviation (unbiased, with 1e-4 added, as in TRL). */
export function groupNormalised(rewards: readonly number[], groupSize: number): number[] {
  return byGroup(rewards, groupSize, (group) => {
    const centre = mean(group);
    const deviation = Math.sqrt(group.reduce((sum, reward) => sum + (reward - centre) ** 2, 0) / (groupSize - 1));
    return group.map((reward) => (reward - centre) / (deviation + 1e-4));
  });
}

function byGroup(rewards: readonly number[], size: number, fn: (group: number[]) => number[]): number[] {
  return Array.from({ length: rewards.length / size }, (_, index) =>
    fn(rewards.slice(index * size, (index + 1) * size)),
  ).flat();
}
