/**
 * The verifier's reward: 1 for a right answer in the form, 0.1 for a wrong one, 0 without the form (spec section 2.6).
 * Only the response is judged, never the thinking before it. A verifier that says neither is paid as wrong, and counted.
 */
import type { Reward, Rollout } from "../../../language/train/index.ts";
import { formReward, formRewards, parseForm } from "../form.ts";
import { unparsedLimit } from "../search/statistics.ts";
import type { Verdict, Verifier } from "../search/verifiers.ts";
import type { RlProblem } from "./problems.ts";

export interface Judged {
  response: string;
  reference: string;
}

/** A verifier of the search, or anything like it. */
export interface RewardVerifier extends Pick<Verifier, "verify"> {
  name: string;
  /** All at once, where that is faster: a model of this process takes them as one batch. */
  verifyAll?(pairs: readonly Judged[], options: { signal?: AbortSignal }): Promise<Verdict[]>;
}

/** What became of rollouts. */
export interface RewardTally {
  rollouts: number;
  noForm: number;
  right: number;
  wrong: number;
  /** The verifier said neither. */
  unparsed: number;
}

/** @param onVerdicts told of each update (for DPO, round) when its verdicts are complete */
export function verifierReward(
  verifier: RewardVerifier,
  onVerdicts?: (update: number, tally: RewardTally) => void,
): Reward<RlProblem> {
  return async (rollouts, { update, signal }) => {
    const verdicts = await judgeRollouts(verifier, rollouts, signal);
    if (signal?.aborted) return rollouts.map(() => 0); // not used
    const count = (wanted: Verdict | undefined) => verdicts.filter((verdict) => verdict === wanted).length;
    onVerdicts?.(update, {
      rollouts: rollouts.length,
      noForm: count(undefined),
      right: count(true),
      wrong: count(false),
      unparsed: count(null),
    });
    return rollouts.map(({ text }, index) => formReward(text, () => verdicts[index] === true));
  };
}

/** Of each rollout the verdict, or undefined where it has not the form. Equal pairs are judged once. */
export async function judgeRollouts(
  verifier: RewardVerifier,
  rollouts: readonly Rollout<RlProblem>[],
  signal?: AbortSignal,
): Promise<(Verdict | undefined)[]> {
  const pairs = new Map<string, Judged>();
  const keys = rollouts.map(({ text, item: { reference } }) => {
    const parts = parseForm(text);
    if (!parts) return undefined;
    const key = JSON.stringify([parts.response, reference]);
    pairs.set(key, { response: parts.response, reference });
    return key;
  });
  const asked = [...pairs.values()];
  const options = signal ? { signal } : {};
  const answers = await (verifier.verifyAll?.(asked, options) ??
    Promise.all(asked.map(({ response, reference }) => verifier.verify(response, reference, options))));
  const verdictOf = new Map([...pairs.keys()].map((key, index) => [key, answers[index]!]));
  return keys.map((key) => (key === undefined ? undefined : verdictOf.get(key)!));
}

/** Whether a rollout was paid as right. */
export const wasRight = (reward: number): boolean => reward >= formRewards.right;

/** More unclear verdicts than a fitting verifier gives (spec section 8). */
export function isUnclear({ right, wrong, unparsed }: RewardTally): boolean {
  return unparsed > unparsedLimit * (right + wrong + unparsed);
}
