/** Options that the commands of this system share. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { UsageError } from "../../../core/errors.ts";
import { endpointOptions } from "../../../language/endpoint-options.ts";
import { type ModelPlace, parseModelPlace } from "../pipelines/settings.ts";
import { readPromptFolder } from "../prompts/prompts.ts";

export const accountOptions = {
  concurrency: z
    .number()
    .int()
    .min(0)
    .max(256)
    .default(8)
    .describe("rows under way at a time; 0 leaves all work to `polymath worker` processes"),
  maxTokensTotal: z.number().int().min(1).optional().describe("budget of this process"),
  prices: z.string().optional().meta({ label: "file" }).describe("price table, to know what it costs"),
  cache: z
    .string()
    .optional()
    .meta({ label: "folder" })
    .describe("answers of models, shared by runs; default the run's own"),
};

export interface AccountOptions {
  concurrency: number;
  maxTokensTotal?: number | undefined;
  prices?: string | undefined;
  cache?: string | undefined;
}

export const callOptions = {
  ...endpointOptions,
  prompts: z
    .string()
    .optional()
    .meta({ label: "folder" })
    .describe("texts of yours in place of ours; `polymath huatuo prompts` writes them to be edited"),
  maxTokens: z.number().int().min(16).default(8192).describe("per reply"),
  temperature: z.number().min(0).optional().describe("default the server's, as in the published code"),
  timeout: z.number().min(1).default(600).meta({ label: "seconds" }).describe("for one attempt of a call"),
  count: z.number().int().min(1).optional().describe("take only the first so many rows"),
};

export interface CallOptions extends ModelPlace {
  prompts?: string | undefined;
  maxTokens: number;
  temperature?: number | undefined;
  timeout: number;
}

export const verifierOptions = {
  verifier: z
    .string()
    .default("llm")
    .describe("who says whether an answer is right: llm, exact, or the folder of a trained verifier"),
  judge: z
    .string()
    .optional()
    .meta({ label: "model" })
    .describe("model that verifies, as NAME@URL, local:DIR or embedded:NAME; default the teacher"),
};

/** The part of a pipeline's settings that says how models are called. */
export async function callSettings({ endpoint, model, apiKeyEnv, ...options }: CallOptions) {
  const { prompts, maxTokens, temperature, timeout } = options;
  return {
    teacher: { endpoint, model, apiKeyEnv },
    prompts: prompts === undefined ? {} : await readPromptFolder(prompts),
    maxTokens,
    temperature,
    timeoutMs: 1000 * timeout,
  };
}

/** @throws UsageError for a verifier that is neither of the two nor a folder */
export function verifierSettings(
  { verifier, judge }: { verifier: string; judge?: string | undefined },
  apiKeyEnv: string | undefined,
) {
  return {
    verifier: verifier === "llm" || verifier === "exact" ? verifier : expectVerifier(verifier),
    judge: judge === undefined ? undefined : parseModelPlace(judge, apiKeyEnv),
  };
}

function expectVerifier(folder: string): string {
  if (existsSync(join(folder, "config.json"))) return resolve(folder);
  throw new UsageError(`--verifier ${folder}: expected llm, exact, or the folder of a trained verifier`, {
    hint: "`polymath huatuo verifier train` makes such a folder.",
  });
}
