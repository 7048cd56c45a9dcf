/** `openai:` any server that speaks OpenAI's API, through the official client; retries are ours (`withRetries`). */
import OpenAI, { APIError } from "openai";
import { createAssembler, estimateUsage } from "../assemble.ts";
import type { CallOptions, Capabilities, ChatRequest, Endpoint, Reply, StreamEvent } from "../endpoint.ts";
import { type EndpointError, MalformedReplyError, NotAnEndpointError, UnsupportedError } from "../errors.ts";
import type { Call } from "../layer.ts";
import { type CapabilityStore, createProber } from "./capabilities.ts";
import { createDeadline } from "./deadline.ts";
import { asCompletion, type PrefillDialect, type RenderChat } from "./prefill.ts";
import { parseReply, parseStream } from "./reply.ts";
import { type Body, chatBody, completionBody } from "./request.ts";
import { translateError } from "./translate-error.ts";
import { WireModels } from "./wire.ts";

export interface OpenAiOptions {
  /** Base URL of the API, mostly ending in `/v1`. */
  url: string;
  /** Name of the model; `listModels` says which there are. */
  model: string;
  /** Sent as a bearer token; without it no Authorization header is sent. Never written anywhere. */
  apiKey?: string;
  /** Further headers, e.g. those of a gateway. */
  headers?: Readonly<Record<string, string>>;
  /** How this server continues a begun answer; default: found out by `capabilities`. */
  prefill?: PrefillDialect;
  /** The model's chat template, for prefill through /completions. */
  renderChat?: RenderChat;
  /** Where capabilities are remembered; default in memory. */
  capabilityStore?: CapabilityStore;
}

const defaultTimeoutMs = 600_000;

/** Opens nothing yet: the first call connects. */
export function openAiEndpoint(options: OpenAiOptions): Endpoint {
  const { model, apiKey, renderChat } = options;
  const url = options.url.replace(/\/+$/, "");
  const client = createClient({ ...options, url });
  const closing = new AbortController();
  const scrub = (text: string) => (apiKey ? text.replaceAll(apiKey, "[redacted]") : text);
  let wantsStreamUsage = true; // until the server refuses the field

  const translate = (error: unknown, asked: string) =>
    translateError(error, {
      url,
      model: asked,
      scrub,
      listModels: () => listModels({ ...options, url }).catch(() => []),
    });

  /** One POST. The deadline covers it all; for a stream it starts anew with each chunk. */
  async function send(path: string, body: Body, call: Call, callOptions: CallOptions): Promise<Reply> {
    const started = performance.now();
    const deadline = createDeadline(callOptions, closing.signal, defaultTimeoutMs);
    try {
      const sent = client.post<unknown>(path, { body, signal: deadline.signal });
      const { data, response } = await sent.withResponse();
      expectApi(data, response, url);
      return parseReply(data, call, String(body.model), started);
    } catch (error) {
      deadline.rethrow(url);
      throw await translate(error, String(body.model));
    } finally {
      deadline.stop();
    }
  }

  async function* sendStream(
    path: string,
    body: Body,
    call: Call,
    callOptions: CallOptions,
  ): AsyncGenerator<StreamEvent> {
    const started = performance.now();
    const deadline = createDeadline(callOptions, closing.signal, defaultTimeoutMs);
    const received = createAssembler();
    try {
      const chunks = await openStream(path, body, deadline.signal);
      for await (const event of parseStream(deadline.watch(chunks), call, String(body.model), started)) {
        if (event.type === "delta") received.add(event);
        yield event;
      }
    } catch (error) {
      // What had arrived was probably paid for.
      const choices = received.choices();
      const spent = choices.length > 0 ? estimateUsage(call, choices) : undefined;
      deadline.rethrow(url, spent);
      const translated = await translate(error, String(body.model));
      translated.spent ??= spent;
      throw translated;
    } finally {
      deadline.stop(); // also ends the request when the caller left early
    }
  }

  async function openStream(path: string, body: Body, signal: AbortSignal): Promise<AsyncIterable<unknown>> {
    const streamed = { ...body, stream: true, ...(wantsStreamUsage && { stream_options: { include_usage: true } }) };
    try {
      const sent = client.post<AsyncIterable<unknown>>(path, { body: streamed, signal, stream: true });
      const { data, response } = await sent.withResponse();
      await expectEvents(response, url);
      return data;
    } catch (error) {
      const refused = error instanceof APIError && error.status === 400 && /stream_options/.test(error.message);
      if (!refused || !wantsStreamUsage) throw error;
      wantsStreamUsage = false;
      return openStream(path, body, signal);
    }
  }

  /** The route and body of a call; a prefill goes the way this server knows. */
  async function route(call: Call, callOptions: CallOptions): Promise<[path: string, body: Body]> {
    const { request } = call;
    const asked = request.model ?? model;
    if (call.kind === "completion") return ["/completions", completionBody(call.request, asked)];
    if (!call.request.prefill) return ["/chat/completions", chatBody(call.request, asked)];
    const dialect = options.prefill ?? (await foundDialect(callOptions));
    if (dialect !== "completions")
      return ["/chat/completions", chatBody(call.request, asked, expectDialect(dialect, url))];
    return ["/completions", completionBody(asCompletion(call.request, renderChat, url), asked)];
  }

  async function foundDialect({ signal }: CallOptions): Promise<PrefillDialect> {
    const { prefill } = await capabilities({ signal, only: ["prefill"] });
    if (prefill.status === "works") return prefill.how as PrefillDialect;
    if (renderChat) return "completions";
    throw new UnsupportedError(`${url} does not continue a begun answer: ${prefill.why}`, {
      hint: "Name its dialect with the option `prefill`, or give `renderChat` to use /completions.",
    });
  }

  const reply = async (call: Call, callOptions: CallOptions = {}): Promise<Reply> =>
    send(...(await route(call, callOptions)), call, callOptions);
  async function* stream(call: Call, callOptions: CallOptions = {}): AsyncGenerator<StreamEvent> {
    yield* sendStream(...(await route(call, callOptions)), call, callOptions);
  }

  const prober = createProber({
    url,
    model,
    store: options.capabilityStore,
    canRender: renderChat !== undefined,
    post: (path, body, { signal } = {}) => send(path, body, probeCall(body), { signal, timeoutMs: 60_000 }),
    stream: (path, body, { signal } = {}) => sendStream(path, body, probeCall(body), { signal, timeoutMs: 60_000 }),
    listModels: () => listModels({ ...options, url }),
  });
  const capabilities = (probeOptions = {}): Promise<Capabilities> => prober(probeOptions);

  return {
    url,
    model,
    chat: (request, callOptions) => reply({ kind: "chat", request }, callOptions),
    complete: (request, callOptions) => reply({ kind: "completion", request }, callOptions),
    streamChat: (request, callOptions) => stream({ kind: "chat", request }, callOptions),
    streamCompletion: (request, callOptions) => stream({ kind: "completion", request }, callOptions),
    capabilities,
    close: async () => closing.abort(new Error(`The endpoint ${url} was closed`)),
  };
}

/** The names of the models a server has. @throws EndpointError */
export async function listModels(
  options: Omit<OpenAiOptions, "model">,
  { signal }: CallOptions = {},
): Promise<string[]> {
  const url = options.url.replace(/\/+$/, "");
  const { apiKey } = options;
  const deadline = createDeadline({ signal, timeoutMs: 20_000 }, undefined, 20_000);
  try {
    const body = await createClient({ ...options, url }).get<unknown>("/models", { signal: deadline.signal });
    const models = WireModels.safeParse(body);
    if (!models.success) throw new MalformedReplyError(`${url}/models does not list models`);
    return models.data.data.map(({ id }) => id).sort();
  } catch (error) {
    deadline.rethrow(url);
    const scrub = (text: string) => (apiKey ? text.replaceAll(apiKey, "[redacted]") : text);
    throw await translateError(error, { url, model: "", scrub, listModels: async () => [] });
  } finally {
    deadline.stop();
  }
}

function createClient({ url, apiKey, headers }: Omit<OpenAiOptions, "model">): OpenAI {
  return new OpenAI({
    baseURL: url,
    apiKey: apiKey || "none", // the client wants one
    maxRetries: 0,
    timeout: 2 ** 31 - 1, // our deadline counts
    logLevel: "off", // errors are thrown, not printed
    // Not from the environment: what belongs to OpenAI must not go to another server.
    ...(!isOpenAi(url) && { organization: null, project: null }),
    defaultHeaders: { ...(!apiKey && { Authorization: null }), ...headers },
  });
}

function isOpenAi(url: string): boolean {
  return /^https:\/\/([\w-]+\.)*openai\.com\//.test(`${url}/`);
}

/** A 200 may still be a web page, or an error in the body. */
function expectApi(data: unknown, response: Response, url: string): void {
  const type = response.headers.get("content-type") ?? "nothing";
  if (typeof data === "string") throw wrongType(type, url, /^\s*</.test(data));
  const error = (data as { error?: object | null } | null | undefined)?.error;
  if (error) throw new APIError(undefined, error, undefined, response.headers);
}

async function expectEvents(response: Response, url: string): Promise<void> {
  const type = response.headers.get("content-type") ?? "nothing";
  if (/text\/event-stream/i.test(type)) return;
  const text = await response.text().catch(() => "");
  if (/json/i.test(type) && /"error"/.test(text)) {
    throw new APIError(undefined, safeJson(text)?.error, text, response.headers);
  }
  throw wrongType(type, url, /^\s*</.test(text));
}

function wrongType(type: string, url: string, isPage: boolean): EndpointError {
  if (!isPage) return new MalformedReplyError(`${url} answered with ${type} where JSON or events were due`);
  return new NotAnEndpointError(`${url} answered with a web page`, {
    hint: "The address should be that of the API, mostly ending in /v1.",
  });
}

function safeJson(text: string): { error?: object } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function expectDialect(dialect: PrefillDialect, url: string) {
  if (dialect !== "none" && dialect !== "completions") return dialect;
  throw new UnsupportedError(`${url} is set not to continue a begun answer (prefill: "none")`);
}

/** What `parseReply` must know about a probe: how many choices to expect. */
function probeCall({ n }: Body): Call {
  const request: ChatRequest = { messages: [], n: typeof n === "number" ? n : 1 };
  return { kind: "chat", request };
}
