/** Which model a command talks to: the options every such command has, and the endpoint they mean. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UsageError } from "../core/errors.ts";
import type { Endpoint, LedgerOptions } from "../endpoint/index.ts";
import { modelsRoot } from "./models-root.ts";

/** To be spread into a command's `options`. */
export const endpointOptions = {
  endpoint: z
    .string()
    .optional()
    .meta({ label: "url" })
    .describe("base URL of an OpenAI-compatible server, or local:DIR; default: a model of this machine"),
  model: z
    .string()
    .optional()
    .meta({ label: "name" })
    .describe("name of the server's model; without --endpoint a Llama or Qwen2 folder, or a model that ships"),
  apiKeyEnv: z
    .string()
    .optional()
    .meta({ label: "variable" })
    .describe("environment variable with the server's key; default POLYMATH_API_KEY, for OpenAI OPENAI_API_KEY"),
};

export interface EndpointOptions {
  endpoint?: string | undefined;
  model?: string | undefined;
  apiKeyEnv?: string | undefined;
}

/** Where the options point to. */
export type Place =
  | { kind: "openai"; url: string; model: string | undefined }
  | { kind: "local"; dir: string }
  | { kind: "embedded"; name: string };

/** The model that ships with Polymath and answers when nothing is chosen. */
export const defaultModel = "reasoner";

/** @throws UsageError for what is no address, no folder and no model */
export function findPlace({ endpoint, model }: EndpointOptions): Place {
  if (endpoint === undefined) return model === undefined ? { kind: "embedded", name: defaultModel } : findModel(model);
  const [, kind, rest] = /^(openai|local|embedded):(.*)$/.exec(endpoint) ?? [];
  const url = kind === "openai" ? rest! : endpoint;
  if (/^https?:\/\/./.test(url) && URL.canParse(url)) return { kind: "openai", url, model };
  if (kind === "local" || kind === "embedded") {
    if (model !== undefined) {
      throw new UsageError(`--model ${model} does not go with --endpoint ${endpoint}`, {
        hint: "Such an endpoint has one model: leave --model out.",
      });
    }
    return kind === "local" ? { kind, dir: expectFolder(rest!) } : findModel(rest!);
  }
  throw new UsageError(`--endpoint ${endpoint} is no address`, {
    hint: existsSync(endpoint) ? `For the folder, write local:${endpoint}` : "Write it like http://127.0.0.1:8000/v1",
  });
}

function findModel(name: string): Place {
  const isShipped = /^[\w.-]+$/.test(name) && existsSync(join(modelsRoot(), name, "config.json"));
  return isShipped && !isFolder(name) ? { kind: "embedded", name } : { kind: "local", dir: expectFolder(name) };
}

const isFolder = (dir: string) => existsSync(join(dir, "config.json"));

function expectFolder(dir: string): string {
  if (isFolder(dir)) return dir;
  throw new UsageError(`${dir} is no model folder: it has no config.json`, {
    hint: "Give the folder of a Llama or Qwen2 model in Hugging Face format, downloaded whole.",
  });
}

/**
 * The endpoint that the options mean, to be closed by the caller.
 * @param account ledger, budget and cache of a command that has a run; without it calls are only retried
 * @throws UsageError for options that fit no model; EndpointError when a server has to be asked and does not answer
 */
export async function openEndpoint(options: EndpointOptions, account?: LedgerOptions): Promise<Endpoint> {
  const place = findPlace(options);
  const endpoint = place.kind === "openai" ? await openServer(place, options.apiKeyEnv) : await openLocal(place);
  if (account) return (await import("../endpoint/with-ledger.ts")).withLedger(endpoint, account);
  return place.kind === "openai" ? (await import("../endpoint/retries.ts")).withRetries(endpoint) : endpoint;
}

// Imports stand inside: a command that talks to a server needs no engine, and one that does not needs no client.

async function openServer({ url, model }: Place & { kind: "openai" }, apiKeyEnv?: string): Promise<Endpoint> {
  const { listModels, openAiEndpoint, readApiKey } = await import("../endpoint/index.ts");
  const apiKey = readApiKey(url, apiKeyEnv);
  if (model !== undefined) return openAiEndpoint({ url, apiKey, model });
  const models = await listModels({ url, apiKey });
  if (models.length === 1) return openAiEndpoint({ url, apiKey, model: models[0]! });
  const names = models.slice(0, 12).join(", ") + (models.length > 12 ? ` and ${models.length - 12} more` : "");
  throw new UsageError(`${url} has ${models.length} models: choose one with --model`, {
    hint: models.length > 0 ? `There are: ${names}` : undefined,
  });
}

async function openLocal(place: Exclude<Place, { kind: "openai" }>): Promise<Endpoint> {
  const { embeddedEndpoint, localEndpoint } = await import("./endpoint.ts");
  return place.kind === "local" ? localEndpoint({ dir: place.dir }) : embeddedEndpoint(place.name);
}
