/**
 * How settled an answer is, as numbers from 0 to 1.
 * Source: Fu et al. 2024, arXiv 2412.20993, section on certaindex; token probabilities as in DEER (Yang et al. 2025).
 */
import { answersEqual } from "../../endpoint/answers/index.ts";
import { reaches } from "./entropy.ts";
import { SignalName, type Signals } from "./schemas.ts";

export { type AttainableValue, attainableValues, certaindex, describeThreshold } from "./entropy.ts";

/** To be shown wherever the number is. */
export const disclaimer =
  "It says how settled the answer is, not how likely it is to be right: a model can be sure and wrong.";

/**
 * C_k = (1/w) * #{j in k-w+1..k : y_j = y_k}, the share of the last w probes that say what the last one says.
 * @param answers one per probe; null for a probe that gave no answer or hesitated, which agrees with nothing
 * @param window w; a window of one probe says nothing
 * @returns undefined until w probes are there
 */
export function windowConsistency(
  answers: readonly (string | null)[],
  window: number,
  equal: (a: string, b: string) => boolean = (a, b) => answersEqual(a, b).equal,
): number | undefined {
  if (!Number.isInteger(window) || window < 1) throw new RangeError(`windowConsistency: a window of ${window} probes`);
  if (window < 2 || answers.length < window) return undefined;
  const last = answers.at(-1) ?? null;
  if (last === null) return 0;
  const agreeing = answers
    .slice(-window)
    .filter((answer) => answer !== null && (answer === last || equal(answer, last)));
  return agreeing.length / window;
}

/** Rewards of the finished paths, each from 0 to 1; nothing for none. */
export function rewardSignals(rewards: readonly number[]): Pick<Signals, "rewardMean" | "rewardMax"> {
  if (rewards.length === 0) return {};
  const bad = rewards.find((reward) => !(reward >= 0 && reward <= 1));
  if (bad !== undefined) throw new RangeError(`rewardSignals: a reward of ${bad}; rewards go from 0 to 1`);
  return {
    rewardMean: rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length,
    rewardMax: Math.max(...rewards),
  };
}

/**
 * Mean probability of the tokens of a trial answer.
 * @param logprobs natural logarithms, one per token
 * @param kind `geometric` (default) falls to 0 with one impossible token, `arithmetic` does not
 * @returns undefined for no tokens
 */
export function tokenProbability(
  logprobs: readonly number[],
  kind: "geometric" | "arithmetic" = "geometric",
): number | undefined {
  if (logprobs.length === 0) return undefined;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const probability = kind === "geometric" ? Math.exp(mean(logprobs)) : mean(logprobs.map(Math.exp));
  return Math.min(1, probability); // some servers report logarithms a little above 0
}

/**
 * Whether every threshold is reached; an absent signal reaches none.
 * @returns false without any threshold: nothing was asked, so nothing is met
 */
export function meetsAll(signals: Signals, thresholds: Signals): boolean {
  const named = SignalName.options.filter((name) => thresholds[name] !== undefined);
  return named.length > 0 && named.every((name) => reaches(signals[name], thresholds[name]!));
}
