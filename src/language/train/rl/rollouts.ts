/**
 * Sampling: the policy answers prompts, in groups where its answers to one prompt are to be compared. The engine reads
 * the prompt of a group once, and each rollout draws from a stream of its own, so what it says depends on the seed, the
 * update and its place alone.
 */
import type { Outside } from "../../../compute/tensor.ts";
import type { DecoderConfig } from "../../decoder/config.ts";
import type { DecoderParams } from "../../decoder/decoder.ts";
import { createGenerator } from "../../generate/generator.ts";
import type { Tokenizer } from "../../tokenizers/index.ts";
import type { TokenExample } from "../packing.ts";

/** Something to answer. */
export interface PolicyPrompt<Item> {
  tokens: readonly number[];
  /** What the reward function must know of it: the reference answer, for instance. */
  item: Item;
}

/** An answer that was drawn. */
export interface Rollout<Item> {
  item: Item;
  prompt: readonly number[];
  /** Without special tokens. */
  text: string;
  /** Of the response, the ending token included. */
  tokens: readonly number[];
  /** It ended by itself; otherwise it was cut off. */
  ended: boolean;
}

/** @returns one reward per rollout, in order */
export type Reward<Item> = (
  rollouts: readonly Rollout<Item>[],
  context: { update: number; signal?: AbortSignal },
) => Promise<readonly number[]> | readonly number[];

export interface SampleOptions<Item> {
  config: DecoderConfig;
  /** Borrowed. */
  params: Outside<DecoderParams>;
  tokenizer: Tokenizer;
  prompts: readonly PolicyPrompt<Item>[];
  /** Rollouts of each prompt; they follow each other. */
  groupSize: number;
  maxTokens: number;
  temperature: number;
  topP?: number;
  seed: number | string;
  /** Rows at a time; default 128. */
  maxRows?: number;
  signal?: AbortSignal;
}

/** @returns null when `signal` cut them off */
export async function sampleRollouts<Item>(options: SampleOptions<Item>): Promise<Rollout<Item>[] | null> {
  const { config, params, tokenizer, groupSize, maxTokens, temperature, topP, seed, signal } = options;
  const maxRows = options.maxRows ?? 128;
  const asked = options.prompts.flatMap((prompt) => Array.from({ length: groupSize }, () => prompt));
  // A new one each time: on native the weights are constants of its graph.
  const generator = createGenerator({ model: { config, params }, tokenizer, maxRows });
  try {
    const { completions } = await generator.generate({
      prompts: asked.map(({ tokens }) => tokens),
      maxTokens,
      temperature,
      topP,
      seed,
      maxBatch: maxRows,
      signal,
    });
    if (signal?.aborted) return null;
    return completions.map(({ text, tokens, finishReason }, index) => ({
      item: asked[index]!.item,
      prompt: asked[index]!.tokens,
      text,
      tokens,
      ended: finishReason === "stop",
    }));
  } finally {
    generator.dispose();
  }
}

/** The rollout as an example whose response is learned from. */
export function exampleOf({ prompt, tokens }: Rollout<unknown>): TokenExample {
  return {
    tokens: [...prompt, ...tokens],
    trained: [...prompt.map(() => false), ...tokens.map(() => true)],
  };
}
