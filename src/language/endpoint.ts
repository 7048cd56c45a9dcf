/**
 * `local:` a Hugging Face folder, and `embedded` a checkpoint of models/: our own engine behind the contract that
 * every system talks to. A chat goes through the folder's chat template; what a model writes between <think> and
 * </think> is its reasoning.
 */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { ConfigError, DataError, MissingError, PolymathError, UsageError } from "../core/errors.ts";
import { createAssembler } from "../endpoint/assemble.ts";
import type {
  CallOptions,
  Capabilities,
  Capability,
  ChatMessage,
  ChatRequest,
  CompletionRequest,
  Endpoint,
  FinishReason,
  GenerationRequest,
  Reply,
  StreamDelta,
  StreamEvent,
  TokenLogprob,
  Usage,
} from "../endpoint/endpoint.ts";
import {
  ContextTooLongError,
  type EndpointError,
  ModelNotFoundError,
  OverloadedError,
  RefusedError,
  UnreachableError,
  UnsupportedError,
} from "../endpoint/errors.ts";
import { createDeadline } from "../endpoint/openai/deadline.ts";
import { createEngine, type Engine, type EngineOptions } from "./engine/engine.ts";
import type { EngineHandle, EngineRequest, TokenEvent } from "./engine/request.ts";
import { loadModel } from "./hugging-face.ts";
import { modelsRoot } from "./models-root.ts";
import { splitReasoning } from "./reasoning-splitter.ts";
import { ChatTemplate, loadTokenizer, type TemplateMessage, type Tokenizer } from "./tokenizers/index.ts";

/** An endpoint with its engine in the open, for servers and schedulers: forks, statistics, the order of requests. */
export interface LocalEndpoint extends Endpoint {
  readonly engine: Engine;
}

export type LocalOptions = Omit<EngineOptions, "model" | "tokenizer">;

const defaultTimeoutMs = 600_000;

/**
 * Opens a model folder: Llama, Qwen2 or Qwen3 in Hugging Face format. The field `program` of a request's `extra` names
 * the program it belongs to; other unknown fields are ignored.
 * @throws UsageError when `dir` is no model folder; what `loadModel` and `loadTokenizer` throw
 */
export async function localEndpoint({ dir, ...options }: { dir: string } & LocalOptions): Promise<LocalEndpoint> {
  if (!existsSync(join(dir, "config.json"))) {
    throw new UsageError(`${dir} is no model folder: it has no config.json`, {
      hint: "Give the folder of a Llama or Qwen model in Hugging Face format, downloaded whole.",
    });
  }
  return openFolder(dir, `local:${dir}`, basename(resolve(dir)), options);
}

/**
 * Opens a checkpoint that ships with the package.
 * @throws MissingError when there is none of that name
 */
export async function embeddedEndpoint(name = "reasoner", options: LocalOptions = {}): Promise<LocalEndpoint> {
  const root = modelsRoot();
  const names = (await readdir(root).catch(() => [])).filter((entry) => existsSync(join(root, entry, "config.json")));
  if (names.includes(name)) return openFolder(join(root, name), `embedded:${name}`, name, options);
  throw new MissingError(`There is no model "${name}" in ${root}`, {
    hint: names.length > 0 ? `There are: ${names.sort().join(", ")}.` : "`polymath train reasoner` makes one.",
  });
}

async function openFolder(dir: string, url: string, name: string, options: LocalOptions): Promise<LocalEndpoint> {
  const [model, tokenizer, template] = await Promise.all([loadModel(dir), loadTokenizer(dir), ChatTemplate.load(dir)]);
  const engine = await createEngine({ ...options, model, tokenizer });
  const endIds = new Set([...model.config.eosTokenIds, ...tokenizer.stopIds]);
  return engineEndpoint({ engine, template, url, name, endIds });
}

interface Served {
  engine: Engine;
  template: ChatTemplate | undefined;
  url: string;
  name: string;
  /** Tokens that end an answer and are no part of its text. */
  endIds: ReadonlySet<number>;
}

/** Any engine as an endpoint, which owns it from then on. */
export function engineEndpoint(served: Served): LocalEndpoint {
  const { engine, url, name, template } = served;
  const closing = new AbortController();

  async function* stream(
    prompt: Prompt,
    request: GenerationRequest,
    options: CallOptions,
  ): AsyncGenerator<StreamEvent> {
    const begun = performance.now();
    if (closing.signal.aborted) throw new UnreachableError(`${url} was closed`);
    const deadline = createDeadline(options, closing.signal, defaultTimeoutMs);
    try {
      options.signal?.throwIfAborted();
      const handle = submit(served, prompt, request, deadline.signal);
      for await (const event of deadline.watch(answer(served, handle, prompt, request))) {
        yield "reply" in event ? { ...event, reply: { ...event.reply, latencyMs: performance.now() - begun } } : event;
      }
    } catch (error) {
      deadline.rethrow(url);
      throw translate(error, url);
    } finally {
      deadline.stop(); // also ends the generation when the caller left early
    }
  }

  /** The whole reply; its deadline is one for all of it. */
  async function reply(prompt: Prompt, request: GenerationRequest, options: CallOptions): Promise<Reply> {
    const begun = performance.now();
    if (closing.signal.aborted) throw new UnreachableError(`${url} was closed`);
    const deadline = createDeadline(options, closing.signal, defaultTimeoutMs);
    try {
      options.signal?.throwIfAborted();
      const handle = submit(served, prompt, request, deadline.signal);
      let last: Reply | undefined;
      for await (const event of answer(served, handle, prompt, request)) if (event.type === "reply") last = event.reply;
      deadline.rethrow(url);
      return { ...last!, latencyMs: performance.now() - begun };
    } catch (error) {
      deadline.rethrow(url);
      throw translate(error, url);
    } finally {
      deadline.stop();
    }
  }

  return {
    url,
    model: name,
    engine,
    chat: async (request, options = {}) => reply(renderChat(served, request), request, options),
    complete: async (request, options = {}) => reply(asPrompt(request), request, options),
    async *streamChat(request, options = {}) {
      yield* stream(renderChat(served, request), request, options);
    },
    streamCompletion: (request, options = {}) => stream(asPrompt(request), request, options),
    capabilities: async () => capabilitiesOf(template !== undefined),
    async close() {
      closing.abort(new UnreachableError(`${url} was closed`));
      await engine.dispose();
    },
  };
}

interface Prompt {
  text: string;
  isChat: boolean;
}

const asPrompt = ({ prompt }: CompletionRequest): Prompt => ({ text: prompt, isChat: false });

function renderChat({ template, url }: Served, { messages, prefill = "" }: ChatRequest): Prompt {
  if (!template) {
    throw new UnsupportedError(`${url} has no chat template: it is a base model, which only goes on with a text`, {
      hint: "Use `complete`, or a model that was trained for chats.",
    });
  }
  try {
    const text = template.render(
      messages.map((message) => plainMessage(message, url)),
      { addGenerationPrompt: true },
    );
    return { text: text + prefill, isChat: true };
  } catch (error) {
    throw translate(error, url);
  }
}

function plainMessage({ role, content, name }: ChatMessage, url: string): TemplateMessage {
  const parts = typeof content === "string" ? [{ type: "text" as const, text: content }] : content;
  const texts = parts.map((part) => {
    if (part.type === "text") return part.text;
    throw new UnsupportedError(`${url} reads text only, not ${part.type}`);
  });
  return { role: role === "developer" ? "system" : role, content: texts.join(""), ...(name !== undefined && { name }) };
}

function submit(
  { engine, url, name }: Served,
  prompt: Prompt,
  request: GenerationRequest,
  signal: AbortSignal,
): EngineHandle {
  if (request.model !== undefined && request.model !== name) {
    throw new ModelNotFoundError(`${url} has no model "${request.model}"`, {
      models: [name],
      hint: `It has: ${name}.`,
    });
  }
  if (request.responseFormat) {
    throw new UnsupportedError(`${url} cannot force an answer into a schema`, { hint: "`askJson` works everywhere." });
  }
  const { tokenizer, contextLength } = engine;
  const tokens = tokenizer.encode(prompt.text, { special: !prompt.isChat }); // a template writes its own
  if (tokens.length >= contextLength) {
    throw new ContextTooLongError(`${url}: ${tokens.length} tokens leave no room in a context of ${contextLength}`, {
      hint: "Shorten the prompt, or give the engine more memory if the model itself has a longer context.",
    });
  }
  const { maxTokens, temperature, topP, topK, minP, repetitionPenalty, n, stop, seed, logprobs, topLogprobs } = request;
  const { program } = request.extra ?? {};
  const asked: EngineRequest = {
    prompt: tokens,
    maxTokens,
    temperature,
    topP: topP === 0 ? Number.MIN_VALUE : topP, // OpenAI allows 0: the likeliest alone
    topK: topK === undefined || topK < 1 ? undefined : topK, // 0 and -1 mean all, as in vLLM
    minP,
    repetitionPenalty,
    n,
    stop,
    seed,
    logprobs,
    topLogprobs,
    priority: request.priority,
    program: typeof program === "string" ? program : undefined,
    skipSpecial: !(prompt.isChat && hasSpecialTags(tokenizer)),
    signal,
  };
  return engine.submit(asked);
}

/** Where the tags of reasoning are special tokens, leaving these out would hide them. */
function hasSpecialTags(tokenizer: Tokenizer): boolean {
  const id = tokenizer.tokenId("<think>");
  return id !== undefined && tokenizer.isSpecial(id);
}

/** The events of a handle as those of an endpoint. */
async function* answer(
  { engine, name, endIds }: Served,
  handle: EngineHandle,
  prompt: Prompt,
  { n = 1, logprobs, topLogprobs }: GenerationRequest,
): AsyncGenerator<StreamEvent> {
  const isOpen = prompt.text.lastIndexOf("<think>") > prompt.text.lastIndexOf("</think>");
  const splitters = Array.from({ length: n }, () => splitReasoning(isOpen));
  const assembler = createAssembler();
  const usage: Usage & { reasoningTokens: number } = {
    promptTokens: handle.promptTokenCount,
    completionTokens: 0,
    reasoningTokens: 0,
  };
  function* say(delta: StreamDelta): Generator<StreamDelta> {
    assembler.add(delta);
    if (delta.text || delta.reasoning || delta.logprobs) yield delta;
  }
  for await (const event of handle) {
    const index = event.branch;
    const splitter = splitters[index]!;
    if (event.type === "finish") {
      const { finishReason, stop } = event.completion;
      if (prompt.isChat)
        for (const piece of splitter.end()) yield* say({ type: "delta", index, [piece.kind]: piece.text });
      assembler.finish(index, finishReasons[finishReason], stop);
      continue;
    }
    usage.completionTokens++;
    const before = splitter.kind;
    const pieces = prompt.isChat ? splitter.push(event.text) : [{ kind: "text" as const, text: event.text }];
    const isReasoning = prompt.isChat && (before === "reasoning" || splitter.kind === "reasoning");
    if (isReasoning) usage.reasoningTokens++;
    const delta: StreamDelta = { type: "delta", index };
    for (const { kind, text } of pieces) delta[kind] = (delta[kind] ?? "") + text;
    const wantsLogprobs = logprobs || topLogprobs !== undefined;
    if (wantsLogprobs && !isReasoning && !endIds.has(event.id))
      delta.logprobs = [tokenLogprob(event, engine.tokenizer)];
    yield* say(delta);
  }
  const { reasoningTokens, ...rest } = usage;
  yield {
    type: "reply",
    reply: {
      model: name,
      choices: assembler.choices(),
      usage: { ...rest, cachedTokens: handle.cachedTokenCount, ...(reasoningTokens > 0 && { reasoningTokens }) },
      latencyMs: 0,
    },
  };
}

const finishReasons = { stop: "stop", length: "length", aborted: "abort" } as const satisfies Record<
  string,
  FinishReason
>;

function tokenLogprob({ id, logprob, top = [] }: TokenEvent, tokenizer: Tokenizer): TokenLogprob {
  const spell = (token: number) => tokenizer.decode([token]);
  return {
    token: spell(id),
    logprob: logprob!,
    top: top.map((choice) => ({ token: spell(choice.id), logprob: choice.logprob })),
  };
}

function translate(error: unknown, url: string): unknown {
  if (!(error instanceof PolymathError) || error.code.startsWith("ENDPOINT_")) return error;
  const details = { hint: error.hint, cause: error };
  const translated: EndpointError =
    error instanceof DataError || error instanceof ConfigError
      ? new RefusedError(`${url}: ${error.message}`, details)
      : new OverloadedError(`${url}: ${error.message}`, details);
  return translated;
}

function capabilitiesOf(hasTemplate: boolean): Capabilities {
  const works = (why: string, how?: string): Capability => ({ status: "works", why, ...(how && { how }) });
  const missing = (why: string): Capability => ({ status: "missing", why });
  const chat = hasTemplate ? undefined : missing("the folder has no chat template");
  return {
    chat: chat ?? works("the folder has a chat template"),
    completions: works("our engine"),
    streaming: works("our engine"),
    n: works("branches share the prompt"),
    logprobs: works("of each token, with alternatives"),
    prefill: chat ?? works("the answer goes on after it", "template"),
    priority: works("lower is served earlier"),
    structuredOutput: missing("our engine samples without a grammar"),
    models: missing("a folder holds one model"),
  };
}
