/**
 * Training on rewards: PPO, RLOO or GRPO. An update samples rollouts from the policy as it is, has them scored, and
 * learns from them in a few steps. Not the loop of compute/train.ts, whose batches are known before the parameters are:
 * here they come from the parameters. Its parts are used: the step program, the checkpoints, the report of a step.
 * Prompts, rollouts and shuffles are functions of the seed and the update, and checkpoints lie between updates, so a
 * training that was killed goes on bit for bit (where the reward function gives the same text the same reward).
 */
import { adamw } from "../../../compute/optim/adamw.ts";
import type { Schedule } from "../../../compute/schedules.ts";
import type { Outside, TensorTree } from "../../../compute/tensor.ts";
import { openCheckpoints } from "../../../compute/training/checkpoint.ts";
import { createStepProgram, initialState } from "../../../compute/training/step-program.ts";
import { disposeTree } from "../../../compute/tree.ts";
import { ConfigError, DataError } from "../../../core/errors.ts";
import type { Progress } from "../../../core/progress.ts";
import { Random } from "../../../core/random.ts";
import type { DecoderConfig } from "../../decoder/config.ts";
import type { DecoderParams } from "../../decoder/decoder.ts";
import type { DecoderModel } from "../../engine/runner.ts";
import type { Tokenizer } from "../../tokenizers/index.ts";
import { copyParams } from "../good-checkpoint.ts";
import type { Alarm, AlarmLimits, Fault } from "./alarms.ts";
import { type PolicyConfigs, type PolicyParams, policyBatchLoss } from "./losses.ts";
import { createRolloutMeter } from "./measure-rollouts.ts";
import { withPartRates } from "./part-rates.ts";
import { openPolicyGuard, type PhaseSeconds } from "./policy-guard.ts";
import { createPolicyUpdater } from "./policy-updater.ts";
import type { PolicyPrompt, Reward, Rollout } from "./rollouts.ts";
import { checkPolicySettings, type PolicySettings } from "./settings.ts";
import type { UpdateReport } from "./update-report.ts";
import { initValueNet } from "./value-net.ts";

export interface PolicyOptions<Item> {
  config: DecoderConfig;
  /** Spent: go on with the returned ones. On a resume too they are the policy before training: the reference. */
  params: Outside<DecoderParams>;
  tokenizer: Tokenizer;
  prompts: readonly PolicyPrompt<Item>[];
  reward: Reward<Item>;
  settings: PolicySettings;
  seed: number | string;
  /** The most that a rollout can be paid: when all are, nothing is wrong. */
  bestReward?: number;
  /** What the value net's body begins as; default the policy's. Of the same vocabulary; borrowed. */
  valueModel?: DecoderModel;
  /** By update; default a straight line from `learningRate` to zero after the warm-up. */
  schedule?: (updates: number) => Schedule;
  /** Limits of the alarms that differ from the usual ones. */
  limits?: Partial<AlarmLimits>;
  /** Looks at an update's rollouts before they are learned from, and may end the training. */
  watch?(seen: WatchedUpdate<Item>): Promise<Fault | null>;
  /** Rollouts that are sampled at a time; default 128. */
  maxRows?: number;
  /** Largest norm of the gradients; default 1. */
  clipNorm?: number;

  /** Where checkpoints and the guard's files are kept. Training goes on from the latest. */
  checkpointDir?: string;
  /** Updates between checkpoints; default 20. There is always one at the end and at a stop. */
  checkpointEvery?: number;
  onUpdate?(report: UpdateReport): void;
  /** Its numbers become the report's `evaluation`; the parameters are borrowed. */
  evaluate?(params: Outside<DecoderParams>, update: number): Promise<Record<string, number>>;
  /** Updates between evaluations; default 20. There is always one at the end. */
  evaluateEvery?: number;
  /** Counts updates. */
  progress?: Progress;
  /** Stops with a checkpoint: at once while rollouts are drawn, else after the update at hand. */
  signal?: AbortSignal;
}

export interface WatchedUpdate<Item> {
  /** From 1; the rollouts are those of the policy before it. */
  update: number;
  rollouts: readonly Rollout<Item>[];
  rewards: readonly number[];
  signal?: AbortSignal;
}

export interface PolicyResult {
  /** With an alarm those of the newest policy whose rollouts were well. */
  params: Outside<DecoderParams>;
  /** Updates done; with an alarm those of that policy. */
  update: number;
  /** True when `signal` or an alarm ended it before the last update. */
  stopped: boolean;
  alarm?: Alarm;
  /** Of all processes together, by what it was spent on. */
  seconds: PhaseSeconds;
}

/**
 * @throws ConfigError for settings that cannot be; DataError for a prompt that leaves no room for a response; what the
 * reward function throws
 */
export async function trainPolicy<Item>(options: PolicyOptions<Item>): Promise<PolicyResult> {
  const { settings, seed, checkpointDir, clipNorm = 1, signal } = options;
  checkOptions(options);
  const reference = await copyParams(options.params);
  const { configs, params } = await withValueNet(options);
  const optimizer = withPartRates(
    adamw({ beta2: 0.999, weightDecay: 0 }), // as transformers' trainer, on which TRL's stands
    { policy: 1, value: settings.valueRate },
  );
  const identity = { seed, optimizer: `${optimizer.name}, ${settings.method}`, accumulate: 1 };
  const checkpoints = checkpointDir === undefined ? null : await openCheckpoints(checkpointDir, identity, 2);
  const fresh = await initialState(params as TensorTree, optimizer, undefined);
  const resumed = await checkpoints?.load(fresh);
  const done = resumed?.position.step ?? 0;
  const { limits, bestReward } = options;
  const guard = await openPolicyGuard(reference, { dir: checkpointDir, limits, bestReward, resumedAt: done });
  const meter = createRolloutMeter(configs, reference, settings.temperature);
  const program = createStepProgram({
    loss: (inside, batch) => policyBatchLoss(inside, configs, batch, settings),
    optimizer,
    clipNorm,
  });
  const state = resumed?.state ?? fresh;
  const updater = createPolicyUpdater({ ...options, clipNorm }, { state, done, guard, meter, program, checkpoints });
  try {
    while (updater.done < settings.updates && !guard.alarm && !signal?.aborted) await updater.update();
    if (!guard.alarm) await updater.save();
  } finally {
    program.dispose();
    meter.dispose();
  }
  const { policy, ...rest } = updater.state.params as Outside<PolicyParams>;
  disposeTree([rest, updater.state.optimizer]);
  const { alarm, good, seconds } = guard;
  if (!alarm) return { params: policy, update: updater.done, stopped: updater.done < settings.updates, seconds };
  disposeTree(policy);
  return { params: good.params, update: good.step, stopped: true, alarm, seconds };
}

/** The policy alone, or with a value net that can read as well as it, or as another model. */
async function withValueNet<Item>({ config, params, settings, seed, valueModel }: PolicyOptions<Item>) {
  const configs: PolicyConfigs = { policy: config, value: valueModel?.config ?? config };
  if (settings.method !== "ppo") return { configs, params: { policy: params } };
  const rng = new Random(seed).split("value net");
  const value = await initValueNet(configs.value, valueModel?.params ?? params, rng);
  return { configs, params: { policy: params, value } };
}

function checkOptions<Item>({ config, settings, prompts, valueModel }: PolicyOptions<Item>): void {
  checkPolicySettings(settings);
  if (prompts.length < settings.prompts) {
    throw new ConfigError(`trainPolicy: ${prompts.length} prompts, fewer than the ${settings.prompts} of an update`, {
      hint: "Give more prompts, or take fewer per update.",
    });
  }
  if (valueModel && valueModel.config.vocabSize !== config.vocabSize) {
    throw new ConfigError(
      `trainPolicy: the value model's vocabulary has ${valueModel.config.vocabSize} tokens, the policy's ${config.vocabSize}`,
      { hint: "Start the value net from a model with the policy's tokenizer, or from the policy." },
    );
  }
  const { maxTokens } = settings;
  for (const [index, { tokens }] of prompts.entries()) {
    if (tokens.length > 0 && tokens.length + maxTokens <= config.maxPositions) continue;
    throw new DataError(
      `prompts[${index}]: ${tokens.length} tokens and a response of ${maxTokens} do not fit the model's ${config.maxPositions} positions`,
      { hint: "Leave the prompt out, or lower maxTokens." },
    );
  }
}
