/** From options to a task: the questions, the program and its settings, the policy, and how the model is asked. */
import { UsageError } from "../../../core/errors.ts";
import { Random } from "../../../core/random.ts";
import type { Endpoint } from "../../../endpoint/endpoint.ts";
import type { EndpointOptions } from "../../../language/endpoint-options.ts";
import { type Dataset, readQuestions } from "../datasets.ts";
import { presets } from "../probe/index.ts";
import {
  chainOfThought,
  mathsVerdict,
  mcts,
  type Program,
  type Prompting,
  type RewardModel,
  rebase,
  type Sampling,
  type StepSettings,
  selfConsistency,
  type VerdictOptions,
  verdictReward,
} from "../programs/index.ts";
import { defaultStep } from "../programs/tree.ts";
import type { Policy } from "../schemas.ts";
import {
  chainsProbe,
  chainsPrompting,
  chainsStep,
  chainsTask,
  chainsVerdict,
  sampleMixed,
  sampleQuestions,
} from "../world.ts";
import type { SolveOptions } from "./options.ts";
import { type ChosenPolicy, choosePolicy } from "./policies.ts";
import { chatPrompting, choosePrompting } from "./prompts.ts";

/** The model that answers its own world when no other is chosen. */
export const worldModel = "chains";

export interface SolveSetup {
  dataset: Dataset;
  /** The questions are those of the embedded model's world. */
  isWorld: boolean;
  program: Program<any>;
  chosen: ChosenPolicy;
  sampling: Sampling;
  reward: RewardModel | undefined;
  /** What the program ran with, for fingerprints. */
  settings: Record<string, unknown>;
  /** Calls that a program makes at once. */
  width: number;
  /** Calls at once. */
  concurrency: number;
}

/** Everything but the model itself. @throws UsageError, DataError, ConfigError */
export async function prepare(file: string | undefined, options: SolveOptions): Promise<SolveSetup> {
  const place = placeOf(options);
  const isWorld =
    place.endpoint === `embedded:${worldModel}` || (place.endpoint === undefined && place.model === worldModel);
  const dataset = await chooseQuestions(file, options, isWorld);
  const isChain = options.program === "chain-of-thought";
  const maxTokens = options.maxTokens ?? (isWorld ? (isChain ? 160 : 64) : isChain ? 16_384 : 4096);
  const interval = options.interval ?? usualInterval(options.policy, isWorld);
  const chosen = await choosePolicy(options.policy, {
    program: options.program,
    cap: options.cap,
    ...(isChain && { usualCap: Math.ceil(maxTokens / interval) }),
    minTokens: options.minTokens,
  });
  const sampling: Sampling = {
    maxTokens,
    temperature: options.temperature ?? (isWorld ? 1 : 0.7),
    ...(options.topP !== undefined && { topP: options.topP }),
  };
  const { program, settings, verdict } = chooseProgram(options, { isWorld, interval, chosen });
  return {
    dataset,
    isWorld,
    program,
    chosen,
    sampling,
    reward: verdict && verdictReward(verdict),
    settings: { ...sampling, ...settings },
    width: isChain ? 1 : options.program === "mcts" ? 4 : chosen.policy.detectAt,
    concurrency: options.concurrency ?? (isHere(place) ? 64 : 8),
  };
}

/** A preset has its own; that of the embedded model's world fits its short chains. */
function usualInterval(policy: string | undefined, isWorld: boolean): number {
  if (isWorld) return chainsProbe.interval;
  return policy !== undefined && Object.hasOwn(presets, policy) ? presets[policy as keyof typeof presets].interval : 64;
}

/** Without an address and a name: the embedded model that has a world of questions. */
export function placeOf({ endpoint, model, apiKeyEnv }: EndpointOptions): EndpointOptions {
  const isOpen = endpoint === undefined && model === undefined;
  return { endpoint: isOpen ? `embedded:${worldModel}` : endpoint, model, apiKeyEnv };
}

/** Our engine computes many calls as one batch; a server has limits of its own. */
export const isHere = ({ endpoint }: EndpointOptions) => endpoint === undefined || /^(local|embedded):/.test(endpoint);

/** @throws UnsupportedError when the endpoint cannot do what the program needs */
export async function promptingFor(
  endpoint: Endpoint,
  { isWorld, chosen }: SolveSetup,
  options: SolveOptions,
): Promise<Prompting> {
  if (isWorld) return chainsPrompting;
  const isTree = options.program === "rebase" || options.program === "mcts";
  const needs = {
    prefill: options.program !== "self-consistency",
    logprobs: isTree || chosen.policy.thresholds.probability !== undefined,
  };
  // Whole questions can be asked everywhere: nothing has to be found out first.
  if (!needs.prefill && options.prompting === "chat") return chatPrompting;
  return choosePrompting(endpoint, options.prompting, needs);
}

async function chooseQuestions(file: string | undefined, options: SolveOptions, isWorld: boolean): Promise<Dataset> {
  if (file !== undefined) {
    if (!isWorld) return readQuestions(file, options);
    throw new UsageError(`The embedded model "${worldModel}" answers questions of its own world only, not ${file}`, {
      hint: "Give a model with --endpoint URL --model NAME; or leave the file out and say --count.",
    });
  }
  if (!isWorld) {
    throw new UsageError("There are no questions", {
      hint: "Name a file: polymath certaindex solve questions.jsonl ...",
    });
  }
  const mode = options.program === "chain-of-thought" ? "think" : "fast";
  const drawn = sampleQuestions(new Random(options.seed).split("solve"), options.count ?? 200, (rng) =>
    sampleMixed(rng, "test"),
  );
  const questions = drawn.map((question) => chainsTask(question, mode)).slice(0, options.limit);
  return { name: `digit chains, ${mode}`, questions, labelledCount: questions.length };
}

interface ChosenProgram {
  program: Program<any>;
  settings: Record<string, unknown>;
  verdict?: VerdictOptions;
}

function chooseProgram(
  options: SolveOptions,
  { isWorld, interval, chosen }: { isWorld: boolean; interval: number; chosen: ChosenPolicy },
): ChosenProgram {
  if (options.program === "self-consistency") return { program: selfConsistency(), settings: {} };
  if (options.program === "chain-of-thought") return chooseChain(options, { isWorld, interval, chosen });
  const step: StepSettings = {
    ...(isWorld ? chainsStep : defaultStep),
    ...(options.stepTokens !== undefined && { stepTokens: options.stepTokens }),
  };
  const standard = isWorld ? chainsVerdict : mathsVerdict;
  const verdict: VerdictOptions = {
    suffix: options.rewardSuffix ?? standard.suffix,
    yes: options.rewardYes === undefined ? standard.yes : [options.rewardYes],
    no: options.rewardNo === undefined ? standard.no : [options.rewardNo],
  };
  const program = options.program === "rebase" ? rebase(step) : mcts(step);
  return { program, settings: { ...step, verdict: verdict.suffix, firstGrant: chosen.policy.detectAt }, verdict };
}

function chooseChain(
  options: SolveOptions,
  { isWorld, interval, chosen: { policy, preset } }: { isWorld: boolean; interval: number; chosen: ChosenPolicy },
): ChosenProgram {
  const probe = {
    window: options.window ?? (preset && presets[preset].window) ?? calibratedWith(policy, "window") ?? 3,
    interval: options.interval ?? calibratedWith(policy, "interval") ?? interval,
    minTokens: policy.minTokens,
  };
  const withProbability = policy.thresholds.probability !== undefined;
  const program = chainOfThought({ ...(isWorld && chainsProbe), ...probe, withProbability });
  return { program, settings: probe };
}

/** A calibrated policy brings the settings that it was calibrated with. */
function calibratedWith({ calibration }: Policy, name: "window" | "interval"): number | undefined {
  const value = calibration?.settings[name];
  return typeof value === "number" ? value : undefined;
}
