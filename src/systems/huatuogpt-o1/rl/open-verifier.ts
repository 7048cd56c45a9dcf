/** A verifier by its name on the command line: `exact`, `llm` with a judge, or the folder of a trained one. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { UsageError } from "../../../core/errors.ts";
import type { LedgerOptions } from "../../../endpoint/index.ts";
import { openEndpoint } from "../../../language/endpoint-options.ts";
import { parseModelPlace } from "../pipelines/settings.ts";
import { withOverrides } from "../prompts/prompts.ts";
import { exactMatchVerifier, llmVerifier } from "../search/verifiers.ts";
import type { RewardVerifier } from "./reward.ts";

export interface VerifierOptions {
  /** For `llm`, as NAME@URL, local:DIR or embedded:NAME. */
  judge?: string | undefined;
  apiKeyEnv?: string | undefined;
  /** Per reply of the judge. */
  maxTokens: number;
  account: LedgerOptions;
}

export interface OpenedVerifier {
  verifier: RewardVerifier;
  close(): Promise<void>;
}

/** @throws UsageError for a name that is neither of the two nor a folder, or `llm` without a judge */
export async function openVerifier(name: string, options: VerifierOptions): Promise<OpenedVerifier> {
  if (name === "exact") return { verifier: exactMatchVerifier, close: async () => {} };
  if (name === "llm") return openJudge(options);
  if (existsSync(join(name, "config.json"))) return openTrained(name);
  throw new UsageError(`--verifier ${name}: expected exact, llm, or the folder of a trained verifier`, {
    hint: "`polymath huatuo verifier train` makes such a folder.",
  });
}

async function openJudge({ judge, apiKeyEnv, maxTokens, account }: VerifierOptions): Promise<OpenedVerifier> {
  if (judge === undefined) {
    throw new UsageError("--verifier llm needs --judge: the model that verifies", {
      hint: "Write it as NAME@URL, e.g. Qwen2.5-7B@http://127.0.0.1:8001/v1.",
    });
  }
  const endpoint = await openEndpoint(parseModelPlace(judge, apiKeyEnv), account);
  return { verifier: llmVerifier({ endpoint, prompts: withOverrides({}), maxTokens }), close: () => endpoint.close() };
}

async function openTrained(folder: string): Promise<OpenedVerifier> {
  const [{ loadVerifier }, { trainedVerifier }] = await Promise.all([
    import("../verifier/folder.ts"),
    import("../verifier/trained.ts"),
  ]);
  const verifier = trainedVerifier(await loadVerifier(folder), basename(folder));
  return { verifier, close: async () => verifier.dispose() };
}
