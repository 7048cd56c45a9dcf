/** For tests only: a decoder of some hundred parameters that writes letters, and rewards for them. */
import type { Outside, Tensor } from "../../../compute/tensor.ts";
import { namedLeaves } from "../../../compute/tree.ts";
import { Random } from "../../../core/random.ts";
import { defineDecoder } from "../../decoder/config.ts";
import type { DecoderParams } from "../../decoder/decoder.ts";
import { initDecoder } from "../../decoder/init-decoder.ts";
import { closedVocabulary } from "../../tokenizers/index.ts";
import type { PolicyPrompt, Reward } from "./rollouts.ts";
import { type PolicySettings, tinySettings } from "./settings.ts";
import type { PolicyOptions } from "./train-policy.ts";

export const tokenizer = closedVocabulary([..."abcd:yn", "<end>"], { eos: "<end>" });

export const config = defineDecoder({
  vocabSize: tokenizer.vocabSize,
  hiddenSize: 16,
  layerCount: 1,
  headCount: 2,
  maxPositions: 16,
  eosTokenIds: [tokenizer.eosId!],
});

export const freshPolicy = (seed = 1): Outside<DecoderParams> => initDecoder(config, new Random(seed));

export const prompts: PolicyPrompt<string>[] = [..."abcd"].map((letter) => ({
  tokens: tokenizer.encode(`${letter}:`),
  item: letter,
}));

/** The share of an answer's first three letters that are y. */
export const countY: Reward<string> = (rollouts) =>
  rollouts.map(({ text }) => [...text.slice(0, 3)].filter((letter) => letter === "y").length / 3);

export const settings = (more: Partial<PolicySettings> = {}): PolicySettings => ({
  ...tinySettings[more.method ?? "ppo"],
  updates: 4,
  prompts: 4,
  groupSize: 4,
  maxTokens: 5,
  learningRate: 0.02,
  valueRate: 1,
  ...more,
});

export const options = (more: Partial<PolicyOptions<string>> = {}): PolicyOptions<string> => ({
  config,
  params: freshPolicy(),
  tokenizer,
  prompts,
  reward: countY,
  settings: settings(),
  seed: 7,
  limits: { entropyShare: 0, kl: 10 }, // a policy that says y and nothing else is what is wanted here
  ...more,
});

export async function numbersOf(params: object): Promise<number[]> {
  const all: number[] = [];
  for (const leaf of namedLeaves<Tensor>(params).values()) all.push(...(await leaf.data()));
  return all;
}
