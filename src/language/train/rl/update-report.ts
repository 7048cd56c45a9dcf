/** What an update of a training on rewards has to say. */
import { mean, standardDeviation } from "../../../core/statistics/index.ts";
import { tokenKl } from "./advantages.ts";
import type { Alarm } from "./alarms.ts";
import type { RolloutMeasures } from "./measure-rollouts.ts";
import type { PhaseSeconds } from "./policy-guard.ts";
import type { Rollout } from "./rollouts.ts";
import type { PolicySettings } from "./settings.ts";

export interface RolloutReport {
  /** As the reward function gave them, before the penalty for a missing end. */
  reward: { mean: number; deviation: number; least: number; most: number };
  /** Share of groups whose rewards differ, and so teach RLOO and GRPO something; 1 for groups of one. */
  unequalGroups: number;
  /** Mean tokens of a response. */
  length: number;
  /** Share that was cut off before it ended. */
  cutOff: number;
  /** Means over tokens, nats. */
  kl: number;
  entropy: number;
  /** Mean over rollouts of the summed KL divergence, nats. */
  rolloutKl: number;
}

export interface UpdateReport extends RolloutReport {
  /** From 1; the rollouts are those of the policy before it. */
  update: number;
  /** Mean over the steps; null where an alarm came before them. */
  loss: number | null;
  /** The same of what `policyBatchLoss` reports; empty where an alarm came first. */
  metrics: Record<string, number>;
  /** Largest norm of the gradients before clipping; null where an alarm came first. */
  gradNorm: number | null;
  lr: number;
  /** Of this update. */
  seconds: PhaseSeconds;
  /** Response tokens. */
  tokenCount: number;
  /** Response tokens a second: of sampling alone, and of the whole update. */
  tokensPerSecond: { rollout: number; whole: number };
  evaluation?: Record<string, number>;
  /** What kept this update from learning. */
  alarm?: Alarm;
}

export function reportRollouts(
  rollouts: readonly Rollout<unknown>[],
  rewards: readonly number[],
  measures: RolloutMeasures,
  { groupSize }: Pick<PolicySettings, "groupSize">,
): RolloutReport {
  const kl = tokenKl(measures.logprobs, measures.reference);
  const unequal = Array.from({ length: rewards.length / groupSize }, (_, group) =>
    Number(new Set(rewards.slice(group * groupSize, (group + 1) * groupSize)).size > 1),
  );
  const areFinite = rewards.every(Number.isFinite);
  return {
    reward: {
      mean: areFinite ? mean(rewards) : Number.NaN,
      deviation: areFinite ? standardDeviation(rewards) : Number.NaN,
      least: Math.min(...rewards),
      most: Math.max(...rewards),
    },
    unequalGroups: groupSize === 1 ? 1 : mean(unequal),
    length: mean(rollouts.map(({ tokens }) => tokens.length)),
    cutOff: mean(rollouts.map(({ ended }) => Number(!ended))),
    kl: plainMean(kl.flat()),
    entropy: plainMean(measures.entropies.flat()),
    rolloutKl: plainMean(kl.map((own) => own.reduce((sum, value) => sum + value, 0))),
  };
}

/** NaN where one is: for the guard to see. */
function plainMean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
