/**
 * How a policy is trained on rewards: every number in one place, by the paper and for tiny models.
 * Sources: papers/huatuogpt-o1 section 2.6 (Chen et al. 2024, arXiv 2412.18925, section 3.2 and appendix F, and the
 * published command); RLOO by Ahmadian et al. 2024, arXiv 2402.14740, as in TRL 0.13; GRPO by Shao et al. 2024, arXiv
 * 2402.03300, with TRL's values, for the paper has none.
 */
import { ConfigError } from "../../../core/errors.ts";

export type PolicyMethod = (typeof policyMethods)[number];
export const policyMethods = ["ppo", "rloo", "grpo"] as const;

export interface PolicySettings {
  method: PolicyMethod;
  /** Rounds of sampling and learning. */
  updates: number;
  /** Prompts per update. */
  prompts: number;
  /** Rollouts of each prompt; from 2 on for RLOO and GRPO, which compare them. */
  groupSize: number;
  /** Per rollout, the ending token included. */
  maxTokens: number;
  /** Of sampling, and of all log-probabilities, which are those of logits / temperature. */
  temperature: number;
  topP: number;
  /** Weight of the KL divergence from the reference: per token inside the reward, for GRPO inside the loss. */
  beta: number;
  /** Discount of later rewards; PPO. */
  gamma: number;
  /** Of generalised advantage estimation: 0 trusts the value net, 1 the rewards; PPO. */
  lambda: number;
  /** How far from 1 the ratio of new to old probability still counts. */
  clip: number;
  /** How far a value may move from the old one in an update and still count; PPO. */
  valueClip: number;
  /** Weight of the value loss; PPO. */
  valueWeight: number;
  /** Passes over the rollouts of an update. */
  epochs: number;
  /** Steps per pass. */
  minibatches: number;
  /** The highest rate: a straight line to zero after the warm-up, one place per update. */
  learningRate: number;
  /** The value net learns so many times as fast. */
  valueRate: number;
  /** Share of the updates. */
  warmup: number;
  /** Taken off the reward of a rollout that does not end by itself; default none. */
  missingEosPenalty?: number;
  /** Rewards of PPO's tokens are divided by their deviation. */
  whitenRewards: boolean;
}

/** The paper's: for billions of parameters, to be exported rather than run here. 20,000 episodes make 157 updates. */
const paperPpo: PolicySettings = {
  method: "ppo",
  updates: 157,
  prompts: 128,
  groupSize: 1,
  maxTokens: 1300,
  temperature: 0.5,
  topP: 1,
  beta: 0.03,
  gamma: 1,
  lambda: 0.95,
  clip: 0.2,
  valueClip: 0.2,
  valueWeight: 1, // the published command leaves it at TRL's 0.1
  epochs: 3,
  minibatches: 1,
  learningRate: 5e-7,
  valueRate: 1,
  warmup: 0.05,
  whitenRewards: false,
};

export const paperSettings: Readonly<Record<PolicyMethod, PolicySettings>> = {
  ppo: paperPpo,
  rloo: { ...paperPpo, method: "rloo", prompts: 64, groupSize: 2 },
  grpo: { ...paperPpo, method: "grpo", prompts: 16, groupSize: 8, epochs: 1, beta: 0.04, learningRate: 1e-6 },
};

/**
 * A tiny model explores more than the paper's, and its value net has further to go (spec section 6). That net knows nothing
 * at first, and with lambda 0.95 the reward reaches the beginning of a chain of 80 tokens through it alone: the first
 * updates then teach noise, and chains get longer and worse. With 1 the reward arrives whole (Yuan et al. 2025, arXiv
 * 2503.01491, find the same in large models).
 */
const tiny = {
  ...{ updates: 150, maxTokens: 70, temperature: 0.7, lambda: 1 },
  ...{ learningRate: 1e-4, valueWeight: 0.1, valueRate: 10 },
};

/** For models of up to a million parameters: 64 rollouts an update. */
export const tinySettings: Readonly<Record<PolicyMethod, PolicySettings>> = {
  ppo: { ...paperSettings.ppo, ...tiny, prompts: 64 },
  rloo: { ...paperSettings.rloo, ...tiny, prompts: 32 },
  grpo: { ...paperSettings.grpo, ...tiny, prompts: 8, epochs: 3, beta: 0.03 },
};

/** Preference pairs from one's own samples: one right and one wrong answer of each prompt's. */
export interface SampledPairSettings {
  /** Answers per prompt. */
  samples: number;
  maxTokens: number;
  temperature: number;
  topP: number;
  /** Of DPO. */
  beta: number;
  learningRate: number;
  /** Pairs per step. */
  batchSize: number;
  epochs: number;
  /** Times to sample and to learn, each from the policy that the last one left, which is its reference as well. 1 is offline. */
  rounds: number;
}

/** Appendix F of the paper. */
export const paperPairs: Readonly<SampledPairSettings> = {
  samples: 5,
  maxTokens: 1300,
  temperature: 0.5,
  topP: 1,
  beta: 1,
  learningRate: 1e-6,
  batchSize: 128,
  epochs: 1,
  rounds: 1,
};

export const tinyPairs: Readonly<SampledPairSettings> = {
  ...paperPairs,
  maxTokens: 70,
  temperature: 1,
  learningRate: 3e-5,
  batchSize: 32,
};

/** @throws ConfigError naming the field and its range */
export function checkPolicySettings(settings: PolicySettings): void {
  const refuse = (name: keyof PolicySettings, range: string) => {
    throw new ConfigError(`${name}: expected ${range}, got ${settings[name]}`);
  };
  const isWhole = (value: number) => Number.isInteger(value) && value >= 1;
  for (const name of ["updates", "prompts", "groupSize", "maxTokens", "epochs", "minibatches"] as const)
    if (!isWhole(settings[name])) refuse(name, "a whole number from 1");
  for (const name of ["gamma", "lambda", "warmup"] as const)
    if (!(settings[name] >= 0 && settings[name] <= 1)) refuse(name, "a number from 0 to 1");
  for (const name of ["temperature", "clip", "valueClip", "learningRate"] as const)
    if (!(settings[name] > 0 && settings[name] < Infinity)) refuse(name, "a number above 0");
  for (const name of ["beta", "valueWeight", "valueRate"] as const)
    if (!(settings[name] >= 0 && settings[name] < Infinity)) refuse(name, "a number from 0");
  if (!(settings.topP > 0 && settings.topP <= 1)) refuse("topP", "a number above 0 and up to 1");
  if (settings.method !== "ppo" && settings.groupSize < 2)
    refuse("groupSize", `at least 2 for ${settings.method}, which compares the rollouts of a prompt`);
  const rollouts = settings.prompts * settings.groupSize;
  if (rollouts % settings.minibatches !== 0)
    refuse("minibatches", `a divisor of the ${rollouts} rollouts of an update`);
}
