/**
 * What the upstream can do, found out at the start by asking for a token or two. Only what needs a missing part is
 * turned off, and the report says which and why.
 */
import { UsageError } from "../../core/errors.ts";
import type { Capabilities, CapabilityName } from "../../endpoint/endpoint.ts";
import { ModelNotFoundError } from "../../endpoint/errors.ts";
import { listModels, openAiEndpoint, type RenderChat } from "../../endpoint/index.ts";
import type { ChatTemplate, TemplateMessage } from "../../language/index.ts";
import { createSplitter } from "./events.ts";
import { isEventStream } from "./pass.ts";
import type { Upstream } from "./upstream.ts";
import type { ProbeWay } from "./ways.ts";

export interface Findings {
  /** The model that was tested. */
  model: string;
  /** How chats are probed; undefined: they are not, for the reason in `chatOff`. */
  chatWay: ProbeWay | undefined;
  chatOff: string | undefined;
  /** Why completions are not probed. */
  completionOff: string | undefined;
  /** The signal `probability` can be had. */
  logprobs: boolean;
  /** What is to be asked for with a stream, so that its tokens are counted by the server. */
  streamOptions: Readonly<Record<string, boolean>> | undefined;
  /** In words, for whoever started the server. */
  lines: readonly string[];
}

export interface SelfTestOptions {
  upstream: Upstream;
  apiKey?: string | undefined;
  /** Default: the first that the server lists. */
  model?: string | undefined;
  template?: ChatTemplate | undefined;
  /** Known beforehand, of a server of ours: nothing is asked. */
  capabilities?: Capabilities | undefined;
  signal: AbortSignal;
}

/** @throws EndpointError when the server does not answer, does not know the model or wants another key */
export async function testUpstream(options: SelfTestOptions): Promise<Findings> {
  const { upstream, apiKey, template, signal } = options;
  const url = upstream.url;
  const key = apiKey === undefined ? {} : { apiKey };
  const model = options.model ?? (await listModels({ url, ...key }, { signal }))[0];
  if (model === undefined) throw new ModelNotFoundError(`${url} lists no model`, { hint: "Name one with --model." });
  const asked = { url, model, ...key, template, signal };
  const { chat, completions, logprobs, prefill } = options.capabilities ?? (await askCapabilities(asked));
  if (chat.status !== "works" && completions.status !== "works") {
    const hint = "Is the address that of the API, mostly ending in /v1?";
    throw new UsageError(`${url} does not answer: ${chat.why}`, { hint });
  }
  const path = chat.status === "works" ? "/chat/completions" : "/completions";
  const streamOptions = options.capabilities
    ? { include_usage: true }
    : await findStreamOptions(upstream, path, { model, apiKey, signal });
  const hasTexts = completions.status === "works";
  const chatWay: ProbeWay | undefined =
    template && hasTexts
      ? "template"
      : prefill.status === "works" && prefill.how !== "completions"
        ? (prefill.how as ProbeWay)
        : undefined;
  const chatOff =
    chatWay === undefined ? whyNoChat({ hasTexts, completions: completions.why, prefill: prefill.why }) : undefined;
  const completionOff = hasTexts ? undefined : `the server has no /completions (${completions.why})`;
  const counted =
    streamOptions === undefined
      ? "tokens are estimated unless the template's folder has a tokenizer: the server tells no usage in streams"
      : streamOptions.continuous_usage_stats
        ? "tokens are counted by the server as they come"
        : "tokens are counted by the server at the end";
  const lines = [
    chatOff === undefined ? `chats are probed: ${describeWay(chatWay!)}` : `chats are not probed: ${chatOff}`,
    completionOff === undefined
      ? "completions are probed: the server goes on from their text"
      : `completions are not probed: ${completionOff}`,
    logprobs.status === "works" ? "the signal probability can be had" : `no signal probability: ${logprobs.why}`,
    counted,
  ];
  return {
    model,
    chatWay,
    chatOff,
    completionOff,
    logprobs: logprobs.status === "works",
    streamOptions,
    lines,
  };
}

async function askCapabilities({
  url,
  model,
  apiKey,
  template,
  signal,
}: {
  url: string;
  model: string;
  apiKey?: string;
  template: ChatTemplate | undefined;
  signal: AbortSignal;
}): Promise<Capabilities> {
  const renderChat: RenderChat | undefined =
    template &&
    ((messages) => template.render(messages as unknown as TemplateMessage[], { addGenerationPrompt: true }));
  const key = apiKey === undefined ? {} : { apiKey };
  const endpoint = openAiEndpoint({ url, model, ...key, ...(renderChat && { renderChat }) });
  try {
    const only: CapabilityName[] = ["chat", "completions", "logprobs", "prefill"];
    return await endpoint.capabilities({ only, signal });
  } finally {
    await endpoint.close();
  }
}

function describeWay(way: ProbeWay): string {
  return way === "template"
    ? "the chat template is known and the server goes on from texts"
    : `the server goes on with a begun answer (${way})`;
}

function whyNoChat({
  hasTexts,
  completions,
  prefill,
}: {
  hasTexts: boolean;
  completions: string;
  prefill: string;
}): string {
  return hasTexts
    ? `the model's chat template is not known (give its folder with --template), and a begun answer is not continued (${prefill})`
    : `the server neither goes on from texts (${completions}) nor with a begun answer (${prefill})`;
}

/** Usage in each chunk where the server knows that (vLLM), else in the last, else not at all. */
async function findStreamOptions(
  upstream: Upstream,
  path: string,
  { model, apiKey, signal }: { model: string; apiKey: string | undefined; signal: AbortSignal },
): Promise<Findings["streamOptions"]> {
  const question =
    path === "/completions" ? { prompt: "1 2 3" } : { messages: [{ role: "user", content: "Say hello." }] };
  const candidates: Record<string, boolean>[] = [
    { include_usage: true, continuous_usage_stats: true },
    { include_usage: true },
  ];
  for (const streamOptions of candidates) {
    const response = await upstream.sendPatiently({
      method: "POST",
      path,
      headers: {
        "content-type": "application/json",
        ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
      },
      body: JSON.stringify({ model, ...question, max_tokens: 4, stream: true, stream_options: streamOptions }),
      signal,
    });
    if (response.statusCode !== 200 || !isEventStream(response)) {
      response.resume();
      continue;
    }
    let [hasUsage, isContinuous] = [false, false];
    const split = createSplitter();
    for (const { data } of (await Array.fromAsync<Buffer>(response)).flatMap(split)) {
      const chunk = data?.startsWith("{") ? JSON.parse(data) : {};
      if (!chunk.usage) continue;
      hasUsage = true;
      if (chunk.choices?.some((choice: { finish_reason?: string | null }) => !choice.finish_reason))
        isContinuous = true;
    }
    if (isContinuous) return streamOptions;
    if (hasUsage) return { include_usage: true };
  }
  return undefined;
}
