/** The model that stands behind the proxy: a server that runs already, or one of ours, started inside. */
import { join, resolve } from "node:path";
import { UsageError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { Capabilities } from "../../endpoint/endpoint.ts";
import { estimateTokens } from "../../endpoint/index.ts";
import { findPlace, openEndpoint } from "../../language/endpoint-options.ts";
import { modelsRoot } from "../../language/models-root.ts";
import { ChatTemplate, loadTokenizer, type Tokenizer } from "../../language/tokenizers/index.ts"; // without an engine
import { chainsProbe, type ProbeSettings } from "../../systems/certaindex/index.ts";

export interface UpstreamOptions {
  /** A base URL, `local:DIR`, `embedded` or `embedded:NAME`. */
  upstream: string;
  model?: string | undefined;
  /** Folder with the model's chat template and, for exact counts, its tokenizer. */
  template?: string | undefined;
}

/** The model in which the paper's claims are tested; its vocabulary has a probe of its own. */
const miniature = "chains";

export interface OpenedUpstream {
  url: string;
  model: string | undefined;
  template: ChatTemplate | undefined;
  /** By the model's own tokenizer, where it is at hand. */
  countTokens: ((text: string) => number) | undefined;
  capabilities: Capabilities | undefined;
  /** How this model is probed, where it cannot read the usual text. */
  probe: Partial<ProbeSettings>;
  close(): Promise<void>;
}

/** @throws UsageError for what is no address and no model folder, and for a folder without a template */
export async function openUpstreamModel(
  { upstream, model, template: folder }: UpstreamOptions,
  log: Log,
): Promise<OpenedUpstream> {
  const place = findPlace({
    endpoint: upstream === "embedded" ? `embedded:${miniature}` : upstream,
    ...(isUrl(upstream) && { model }),
  });
  if (place.kind === "openai") {
    return { url: place.url, model, ...(await readFolder(folder)), ...unknown, close: async () => {} };
  }
  const { startServer } = await import("../../server/index.ts");
  const endpoint = await openEndpoint({
    endpoint: place.kind === "local" ? `local:${place.dir}` : `embedded:${place.name}`,
  });
  const dir = place.kind === "local" ? resolve(place.dir) : join(modelsRoot(), place.name);
  const id = model ?? endpoint.model;
  const server = await startServer({ models: [{ id, endpoint }], port: 0, log });
  return {
    url: server.url,
    model: id,
    ...(await readFolder(folder ?? dir, folder === undefined)),
    capabilities: await endpoint.capabilities(),
    probe: place.kind === "embedded" && place.name === miniature ? { ...chainsProbe, minTokens: 0 } : {},
    async close() {
      await server.close({ graceMs: 0 });
      await endpoint.close();
    },
  };
}

const unknown = { capabilities: undefined, probe: {} };

const isUrl = (upstream: string) => /^(openai:)?https?:/.test(upstream);

async function readFolder(folder: string | undefined, mayLack = false) {
  if (folder === undefined) return { template: undefined, countTokens: undefined };
  const template = await ChatTemplate.load(folder);
  if (!template && !mayLack) {
    throw new UsageError(`--template ${folder}: there is no chat template`, {
      hint: "Give the model's folder, with its tokenizer_config.json or chat_template.jinja.",
    });
  }
  // A template alone is enough to probe; without the tokenizer tokens are counted by the server.
  const tokenizer = await loadTokenizer(folder).catch(() => undefined);
  return { template, countTokens: tokenizer && ((text: string) => countTokens(tokenizer, text)) };
}

/** A closed vocabulary cannot spell every piece that a text is cut into. */
function countTokens(tokenizer: Tokenizer, text: string): number {
  try {
    return tokenizer.encode(text).length;
  } catch {
    return estimateTokens(text);
  }
}
