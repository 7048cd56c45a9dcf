/**
 * What must end a training on rewards early: by name, with what was seen and what to turn.
 * Source: papers/huatuogpt-o1 section 8. A policy that is paid by a verifier sooner or later finds what pays and is not
 * meant; none of these says that it has, each says that what goes on from here teaches nothing good.
 */
import { z } from "zod";
import { formatNumber } from "../../../core/format.ts";

export type Alarm = z.output<typeof Alarm>;
export const Alarm = z.object({
  /** `equal rewards`, `kl`, `entropy`, `not a number`, or the name that a watcher of the caller's gives. */
  name: z.string(),
  /** The update whose rollouts showed it, from 1. */
  update: z.int(),
  message: z.string(),
  advice: z.string(),
});

export interface AlarmLimits {
  /** Mean KL divergence from the reference, nats per token; default 0.5. */
  kl: number;
  /** Entropy per token as a share of that of the first update; default 0.1, 0 for no limit. */
  entropyShare: number;
  /** Updates in a row with rewards that are all the same; default 3. */
  equalBatches: number;
}

export const usualAlarmLimits: AlarmLimits = { kl: 0.5, entropyShare: 0.1, equalBatches: 3 };

export interface RolloutVitals {
  rewards: readonly number[];
  /** Means over tokens, nats. */
  kl: number;
  entropy: number;
}

export interface AlarmContext {
  limits: AlarmLimits;
  /** Of the first update's rollouts. */
  firstEntropy: number;
  /** Updates in a row whose rewards were all the same, this one included. */
  equalCount: number;
}

/** An alarm before it is known when. */
export type Fault = Omit<Alarm, "update">;

/** Whether all rewards are the same and something is left to gain. @param best the most that a rollout can be paid */
export function areEqual(rewards: readonly number[], best: number | undefined): boolean {
  return rewards[0] !== best && rewards.every((reward) => reward === rewards[0]);
}

/** @returns what is wrong, or null */
export function judgeRollouts(
  { rewards, kl, entropy }: RolloutVitals,
  { limits, firstEntropy, equalCount }: AlarmContext,
): Fault | null {
  const bad = rewards.findIndex((reward) => !Number.isFinite(reward));
  if (bad !== -1)
    return { ...notANumber(`the reward of rollout ${bad + 1} is ${rewards[bad]}`), advice: "mend the reward function" };
  if (!(Number.isFinite(kl) && Number.isFinite(entropy))) return notANumber(`KL is ${kl} and the entropy ${entropy}`);
  if (kl > limits.kl) {
    return {
      name: "kl",
      message: `the policy is ${formatNumber(kl)} nats per token from the reference (limit ${formatNumber(limits.kl)})`,
      advice: "raise beta or lower the learning rate; look whether the rewards that rose are deserved",
    };
  }
  if (entropy < limits.entropyShare * firstEntropy) {
    return {
      name: "entropy",
      message: `the entropy is ${formatNumber(entropy)} nats per token, below ${formatNumber(100 * limits.entropyShare)} % of the ${formatNumber(firstEntropy)} at first: hardly anything else is tried`,
      advice: "raise beta or the temperature, lower the learning rate, or train for fewer updates",
    };
  }
  if (equalCount >= limits.equalBatches) {
    return {
      name: "equal rewards",
      message: `all ${rewards.length} rewards are ${formatNumber(rewards[0]!)}, in ${equalCount} updates running: nothing tells a better answer from a worse one`,
      advice:
        "take easier prompts or more rollouts, train longer on demonstrations first, or see why the verifier says the same of everything",
    };
  }
  return null;
}

export function notANumber(message: string): Fault {
  return { name: "not a number", message, advice: "lower the learning rate, warm up longer, or clip gradients harder" };
}
