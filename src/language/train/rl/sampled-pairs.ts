/**
 * DPO on a model's own answers: several are sampled for each prompt, and one that is right and one that is wrong make a
 * pair. Source: papers/huatuogpt-o1 section 2.6 (Chen et al. 2024, appendix F), which does so once; more rounds are
 * iterative DPO (Pang et al. 2024, arXiv 2404.19733, section 2), whose reference is the policy of the round before.
 */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Outside } from "../../../compute/tensor.ts";
import { writeJsonAtomic } from "../../../core/atomic.ts";
import { DataError } from "../../../core/errors.ts";
import { readJson } from "../../../core/json.ts";
import type { Progress } from "../../../core/progress.ts";
import { Random } from "../../../core/random.ts";
import { mean } from "../../../core/statistics/index.ts";
import type { DecoderConfig } from "../../decoder/config.ts";
import type { DecoderParams } from "../../decoder/decoder.ts";
import type { Tokenizer } from "../../tokenizers/index.ts";
import type { Collapse } from "../collapse.ts";
import { copyParams } from "../good-checkpoint.ts";
import { trainPreference } from "../preference.ts";
import type { PreferencePair } from "../preference-pairs.ts";
import { exampleOf, type PolicyPrompt, type Reward, type Rollout, sampleRollouts } from "./rollouts.ts";
import type { SampledPairSettings } from "./settings.ts";

export interface PairSampling<Item> {
  config: DecoderConfig;
  /** Borrowed. */
  params: Outside<DecoderParams>;
  tokenizer: Tokenizer;
  prompts: readonly PolicyPrompt<Item>[];
  reward: Reward<Item>;
  settings: Pick<SampledPairSettings, "samples" | "maxTokens" | "temperature" | "topP">;
  /** What a right answer is paid at least; default the most that any answer was paid. */
  rightReward?: number;
  seed: number | string;
  /** Number of the round, from 1, as the reward function hears it. */
  round?: number;
  maxRows?: number;
  signal?: AbortSignal;
}

export interface SampledPairs {
  pairs: PreferencePair[];
  /** Prompts without a pair. */
  dropped: { noneRight: number; noneWrong: number };
  /** Of all answers. */
  reward: number;
  rolloutCount: number;
}

/** @returns null when `signal` came */
export async function samplePairs<Item>(options: PairSampling<Item>): Promise<SampledPairs | null> {
  const { settings, reward, signal, seed, round = 1 } = options;
  const rollouts = await sampleRollouts({ ...options, ...settings, groupSize: settings.samples });
  if (!rollouts) return null;
  const rewards = await reward(rollouts, { update: round, ...(signal && { signal }) });
  if (signal?.aborted) return null;
  const right = options.rightReward ?? Math.max(...rewards);
  const rng = new Random(seed).split("pairs");
  const dropped = { noneRight: 0, noneWrong: 0 };
  const pairs: PreferencePair[] = [];
  for (let prompt = 0; prompt < options.prompts.length; prompt++) {
    const group = Array.from({ length: settings.samples }, (_, sample) => prompt * settings.samples + sample);
    const good = group.filter((index) => rewards[index]! >= right);
    const bad = group.filter((index) => rewards[index]! < right);
    if (good.length === 0) dropped.noneRight++;
    else if (bad.length === 0) dropped.noneWrong++;
    else {
      const draw = rng.split(prompt);
      const pick = (from: number[]) => exampleOf(rollouts[draw.choice(from)] as Rollout<unknown>);
      pairs.push({ chosen: pick(good), rejected: pick(bad) });
    }
  }
  return { pairs, dropped, reward: mean(rewards), rolloutCount: rollouts.length };
}

export interface SampledPairOptions<Item> extends Omit<PairSampling<Item>, "params" | "settings" | "round"> {
  /** Spent: go on with the returned ones. On a resume too they are the policy before training. */
  params: Outside<DecoderParams>;
  settings: SampledPairSettings;
  /** Where pairs and checkpoints are kept, a folder per round. */
  dir?: string;
  onRound?(round: number, sampled: Omit<SampledPairs, "pairs"> & { pairCount: number }): void;
  /** @param step within the round, from 1 */
  onStep?(round: number, step: number, numbers: Record<string, number>): void;
  /** Counts rounds. */
  progress?: Progress;
}

export interface SampledPairResult {
  params: Outside<DecoderParams>;
  /** Rounds that were done. */
  rounds: number;
  stopped: boolean;
  /** Ended it; the parameters are the last good ones. */
  collapse?: Collapse;
}

const Example = z.object({ tokens: z.array(z.int()), trained: z.array(z.boolean()) });
const PairsFile = z.object({
  pairs: z.array(z.object({ chosen: Example, rejected: Example })),
  dropped: z.object({ noneRight: z.int(), noneWrong: z.int() }),
  reward: z.number(),
  rolloutCount: z.int(),
});

/** So many prompts tell the guard how the model answers now. */
const probedPromptCount = 64;

/** @throws DataError when no prompt has both a right and a wrong answer */
export async function trainOnSampledPairs<Item>(options: SampledPairOptions<Item>): Promise<SampledPairResult> {
  const { config, prompts, settings, seed, dir, signal } = options;
  let params = options.params;
  for (let round = 1; round <= settings.rounds; round++) {
    const folder = dir && join(dir, `round-${round}`);
    const sampled = await pairsOf({ ...options, params, seed: `${seed}/round/${round}`, round }, folder);
    if (!sampled) return { params, rounds: round - 1, stopped: true };
    const { pairs, ...figures } = sampled;
    options.onRound?.(round, { ...figures, pairCount: pairs.length });
    if (pairs.length === 0) throw noPairs(sampled);
    const batchSize = Math.min(settings.batchSize, pairs.length);
    const result = await trainPreference({
      config,
      params: await copyParams(params),
      pairs,
      loss: { method: "dpo", beta: settings.beta },
      sequenceLength: Math.max(...prompts.map(({ tokens }) => tokens.length)) + settings.maxTokens - 1,
      batchSize,
      epochs: settings.epochs,
      learningRate: settings.learningRate,
      seed: `${seed}/round/${round}`,
      ...(folder && { checkpointDir: join(folder, "train") }),
      guard: {
        async probe(now) {
          const asked = prompts.slice(0, probedPromptCount);
          const probed = { ...options, ...settings, params: now, prompts: asked, groupSize: 1, seed: `${seed}/probe` };
          return { answers: ((await sampleRollouts(probed)) ?? []).map(({ tokens }) => tokens) };
        },
      },
      onStep: ({ step, loss, metrics }) => options.onStep?.(round, step, { loss, ...metrics }),
      ...(signal && { signal }),
    });
    params = result.params;
    if (result.collapse) return { params, rounds: round, stopped: true, collapse: result.collapse };
    if (result.stopped) return { params, rounds: round - 1, stopped: true };
    options.progress?.update(round, { reward: figures.reward, pairs: pairs.length });
  }
  return { params, rounds: settings.rounds, stopped: false };
}

/** The pairs of a round; those that an earlier process made, where it did. */
async function pairsOf<Item>(options: PairSampling<Item>, folder: string | undefined): Promise<SampledPairs | null> {
  const file = folder && join(folder, "pairs.json");
  if (file && existsSync(file)) return readJson(file, PairsFile);
  const sampled = await samplePairs(options);
  if (!file || !sampled) return sampled;
  await mkdir(folder, { recursive: true });
  await writeJsonAtomic(file, sampled);
  return sampled;
}

function noPairs({ dropped, rolloutCount }: SampledPairs): DataError {
  return new DataError(
    `${rolloutCount} answers make no pair: ${dropped.noneRight} prompts have none that is right, ${dropped.noneWrong} none that is wrong`,
    { hint: "Sample more answers to each prompt, at a higher temperature, or take easier or harder prompts." },
  );
}
