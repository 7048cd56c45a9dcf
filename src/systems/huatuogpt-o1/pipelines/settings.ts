/**
 * What each pipeline is made from, as plain data: a worker on another machine makes the same pipeline of it.
 * Keys of accounts are not in it: every process reads its own from its environment.
 */
import { z } from "zod";
import { Strategies } from "../search/strategies.ts";

/** Which model, as on the command line. */
export type ModelPlace = z.output<typeof ModelPlace>;
export const ModelPlace = z.object({
  endpoint: z.string().optional(),
  model: z.string().optional(),
  apiKeyEnv: z.string().optional(),
});

const calls = {
  teacher: ModelPlace,
  /** Texts in place of our own, by name. */
  prompts: z.record(z.string(), z.string()),
  /** Per reply. */
  maxTokens: z.int(),
  /** For one attempt of a call. */
  timeoutMs: z.int().optional(),
  temperature: z.number().optional(),
};

const verifier = {
  /** `llm`, `exact`, or the folder of a trained one, which every process reads from the same place. */
  verifier: z.string(),
  /** The model that verifies; default the teacher. */
  judge: ModelPlace.optional(),
};

export type FactorySettings = z.output<typeof FactorySettings>;
export const FactorySettings = z.object({
  ...calls,
  weak: z.array(ModelPlace),
  minWords: z.int(),
  /** Files of evaluation data; every process reads them from the same place. */
  evaluationFiles: z.array(z.string()),
  /** Of what they held when the run began; empty without files. */
  evaluationHash: z.string(),
});

export type SearchSettings = z.output<typeof SearchSettings>;
export const SearchSettings = z.object({
  ...calls,
  ...verifier,
  /** Default: our four. */
  strategies: Strategies.optional(),
  depth: z.int(),
  attempts: z.int(),
  revealLabel: z.boolean(),
  seed: z.int(),
});

export type MergeSettings = z.output<typeof MergeSettings>;
export const MergeSettings = z.object({
  ...calls,
  ...verifier,
  minShare: z.number(),
  maxShare: z.number(),
});

/**
 * `NAME@URL`, `local:DIR` or `embedded:NAME`: a model in one word, for options that take several.
 * @param apiKeyEnv goes with servers only
 */
export function parseModelPlace(text: string, apiKeyEnv?: string): ModelPlace {
  const [, model, endpoint] = /^(.+)@((?:openai:)?https?:\/\/.+)$/.exec(text) ?? [];
  return model ? { endpoint, model, apiKeyEnv } : { endpoint: text };
}
