/**
 * The run: problems in, a policy out that a verifier pays for right answers in the form (spec section 2.6). PPO, RLOO and
 * GRPO learn from the rollouts of each update, DPO from pairs of samples; all of them from the same reward.
 */
import { join } from "node:path";
import type { Outside } from "../../../compute/tensor.ts";
import type { CommandContext } from "../../../core/command.ts";
import type { DecoderParams } from "../../../language/decoder/index.ts";
import type { DecoderModel } from "../../../language/generate/index.ts";
import type { Tokenizer } from "../../../language/tokenizers/index.ts";
import {
  type Alarm,
  type AlarmLimits,
  type Collapse,
  copyParams,
  type PhaseSeconds,
  type PolicyMethod,
  type PolicyPrompt,
  type PolicySettings,
  type Reward,
  type SampledPairSettings,
  sampleRollouts,
  tinyPairs,
  tinySettings,
  trainOnSampledPairs,
  trainPolicy,
  type UpdateReport,
} from "../../../language/train/index.ts";
import { formRewards } from "../form.ts";
import { openHistory } from "./history.ts";
import { hackMonitor, type MonitorLook, type MonitorOptions } from "./monitor.ts";
import type { RlProblem } from "./problems.ts";
import { judgeRollouts, type RewardTally, type RewardVerifier, verifierReward } from "./reward.ts";

export type RlMethod = PolicyMethod | "dpo";
export const rlMethods = ["ppo", "rloo", "grpo", "dpo"] as const satisfies readonly RlMethod[];

export interface RlOptions {
  /** Borrowed: it is the frozen reference as well. */
  model: DecoderModel;
  tokenizer: Tokenizer;
  prompts: readonly PolicyPrompt<RlProblem>[];
  /** Answered before and after, and every `evaluateEvery` updates; never learned from. */
  heldOut?: readonly PolicyPrompt<RlProblem>[];
  verifier: RewardVerifier;
  /** Watches the first one. */
  monitor?: Omit<MonitorOptions, "seed" | "onLook">;
  method: RlMethod;
  /** What differs from the values for tiny models; for PPO, RLOO and GRPO. */
  settings?: Partial<Omit<PolicySettings, "method">>;
  /** The same for DPO. */
  pairSettings?: Partial<SampledPairSettings>;
  /** Limits of alarms that differ from the usual ones; not for DPO, whose guard is that of preference training. */
  limits?: Partial<AlarmLimits>;
  /** What PPO's value net begins as; default the policy. `firstLayers` of it are cheaper. */
  valueModel?: DecoderModel;
  evaluateEvery?: number;
  checkpointEvery?: number;
  seed: number;
}

export interface RlContext extends Partial<Pick<CommandContext, "signal">> {
  /** Where checkpoints and histories are kept; called again with it, the run goes on. */
  dir?: string;
  progress?: ReturnType<CommandContext["progress"]>;
  metric?(name: string, step: number, value: number): void;
}

export interface RlResult {
  params: Outside<DecoderParams>;
  /** Updates, or for DPO rounds, that are in the policy. */
  updates: number;
  /** `signal` ended it. */
  interrupted: boolean;
  alarm?: Alarm;
  collapse?: Collapse;
  /** Of held-out problems, answered greedily. */
  before?: HeldOutFigures;
  after?: HeldOutFigures;
  history: UpdateReport[];
  looks: MonitorLook[];
  /** Of all rollouts that were learned from, or sampled for pairs. */
  tally: RewardTally;
  seconds?: PhaseSeconds;
  /** DPO: of each round. */
  rounds: { pairCount: number; noneRight: number; noneWrong: number; reward: number }[];
}

export type HeldOutFigures = { accuracy: number; form: number; length: number };

/** Every problem is answered once, greedily; judged by the verifier of the run. */
export async function evaluateHeldOut(
  {
    model,
    tokenizer,
    verifier,
    maxTokens,
  }: Pick<RlOptions, "model" | "tokenizer" | "verifier"> & { maxTokens: number },
  prompts: readonly PolicyPrompt<RlProblem>[],
  signal?: AbortSignal,
): Promise<HeldOutFigures | undefined> {
  const asked = { ...model, tokenizer, prompts, groupSize: 1, maxTokens, temperature: 0, seed: 0 };
  const rollouts = await sampleRollouts({ ...asked, ...(signal && { signal }) });
  if (!rollouts) return undefined;
  const verdicts = await judgeRollouts(verifier, rollouts, signal);
  const share = (counts: (index: number) => boolean) =>
    rollouts.filter((_, index) => counts(index)).length / rollouts.length;
  return {
    accuracy: share((index) => verdicts[index] === true),
    form: share((index) => verdicts[index] !== undefined),
    length: rollouts.reduce((sum, { tokens }) => sum + tokens.length, 0) / rollouts.length,
  };
}

/** @throws as `trainPolicy` and `trainOnSampledPairs`, and what the verifier throws */
export async function trainOnVerifier(options: RlOptions, context: RlContext = {}): Promise<RlResult> {
  const { model, heldOut = [], method } = options;
  const { signal } = context;
  const ofPairs = { ...tinyPairs, ...options.pairSettings };
  const maxTokens = method === "dpo" ? ofPairs.maxTokens : settingsOf(method, options).maxTokens;
  const evaluate = async (params: Outside<DecoderParams>) =>
    heldOut.length === 0
      ? undefined
      : evaluateHeldOut({ ...options, model: { ...model, params }, maxTokens }, heldOut, signal);
  const before = await evaluate(model.params);
  const tallies = await openHistory<Tallied>(context.dir && join(context.dir, "verdicts.jsonl"));
  const reward = verifierReward(options.verifier, (update, tally) => tallies.add({ update, ...tally }));
  const learning = { ...context, reward, evaluate };
  const learned =
    method === "dpo"
      ? await learnFromPairs(options, ofPairs, learning)
      : await learnFromRollouts(options, settingsOf(method, options), learning);
  const after = signal?.aborted ? undefined : await evaluate(learned.params);
  const tally = sumOf(tallies.all());
  return { ...learned, tally, ...(before && { before }), ...(after && { after }) };
}

function settingsOf(method: PolicyMethod, { settings }: RlOptions): PolicySettings {
  return { ...tinySettings[method], ...settings, method };
}

type Tallied = RewardTally & { update: number };

function sumOf(tallies: readonly RewardTally[]): RewardTally {
  const sum = (name: keyof RewardTally) => tallies.reduce((total, tally) => total + tally[name], 0);
  return {
    rollouts: sum("rollouts"),
    noForm: sum("noForm"),
    right: sum("right"),
    wrong: sum("wrong"),
    unparsed: sum("unparsed"),
  };
}

interface Learning extends RlContext {
  reward: Reward<RlProblem>;
  evaluate(params: Outside<DecoderParams>): Promise<HeldOutFigures | undefined>;
}

type Learned = Omit<RlResult, "before" | "after" | "tally">;

async function learnFromRollouts(
  options: RlOptions,
  settings: PolicySettings,
  { dir, progress, metric, signal, reward, evaluate }: Learning,
): Promise<Learned> {
  const { model, tokenizer, prompts, seed, monitor } = options;
  const updates = await openHistory<UpdateReport>(dir && join(dir, "updates.jsonl"));
  const looks = await openHistory<MonitorLook>(dir && join(dir, "looks.jsonl"));
  const watch =
    monitor &&
    hackMonitor({
      ...monitor,
      seed,
      onLook(look) {
        looks.add(look);
        for (const name of ["first", "second"] as const) metric?.(`verifier/${name}`, look.update, look[name]);
      },
    });
  const result = await trainPolicy({
    config: model.config,
    params: await copyParams(model.params),
    tokenizer,
    prompts,
    reward,
    bestReward: formRewards.right,
    settings,
    seed,
    ...(options.limits && { limits: options.limits }),
    ...(options.valueModel && { valueModel: options.valueModel }),
    ...(watch && { watch }),
    ...(dir && { checkpointDir: join(dir, "train") }),
    ...(options.checkpointEvery && { checkpointEvery: options.checkpointEvery }),
    ...(options.evaluateEvery && { evaluateEvery: options.evaluateEvery }),
    evaluate: async (params) => (await evaluate(params)) ?? {},
    onUpdate(report) {
      updates.add(report);
      for (const [name, value] of metricsOf(report)) metric?.(name, report.update, value);
    },
    ...(progress && { progress }),
    ...(signal && { signal }),
  });
  return {
    params: result.params,
    updates: result.update,
    interrupted: result.stopped && !result.alarm,
    ...(result.alarm && { alarm: result.alarm }),
    seconds: result.seconds,
    history: updates.all(),
    looks: looks.all(),
    rounds: [],
  };
}

async function learnFromPairs(
  options: RlOptions,
  settings: SampledPairSettings,
  { dir, progress, metric, signal, reward }: Learning,
): Promise<Learned> {
  const { model, tokenizer, prompts, seed } = options;
  const rounds: RlResult["rounds"] = [];
  const result = await trainOnSampledPairs({
    config: model.config,
    params: await copyParams(model.params),
    tokenizer,
    prompts,
    reward,
    rightReward: formRewards.right,
    settings,
    seed,
    ...(dir && { dir: join(dir, "train") }),
    onRound(round, { pairCount, dropped, reward: mean }) {
      rounds[round - 1] = { pairCount, ...dropped, reward: mean };
      metric?.("reward", round, mean);
    },
    onStep(round, step, numbers) {
      for (const [name, value] of Object.entries(numbers)) metric?.(`round-${round}/${name}`, step, value);
    },
    ...(progress && { progress }),
    ...(signal && { signal }),
  });
  return {
    params: result.params,
    updates: result.rounds,
    interrupted: result.stopped && !result.collapse,
    ...(result.collapse && { collapse: result.collapse }),
    history: [],
    looks: [],
    rounds,
  };
}

function metricsOf({ reward, kl, entropy, length, cutOff, loss, metrics, evaluation }: UpdateReport) {
  const numbers = { reward: reward.mean, kl, entropy, length, cutOff, ...(loss !== null && { loss }), ...metrics };
  return Object.entries({ ...numbers, ...evaluation });
}
