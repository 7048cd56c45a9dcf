/**
 * What every system that needs a model talks to: `openai:` (any OpenAI-compatible server), `local:` (a Hugging Face
 * folder run by our engine) and `embedded` (a checkpoint that ships with the package) all have this one shape.
 * Field names are OpenAI's in camelCase; what is left out is left to the server's default.
 */

export interface Endpoint {
  /** Where it runs: `https://api.example.com/v1`, `local:DIR`, `embedded:NAME`. Never holds a key. */
  readonly url: string;
  /** The model used when a request names none. */
  readonly model: string;
  /**
   * Answers a conversation.
   * @throws EndpointError, one class per cause; the signal's reason when aborted
   */
  chat(request: ChatRequest, options?: CallOptions): Promise<Reply>;
  /** Continues a text as it stands, without a chat template. @throws as `chat` */
  complete(request: CompletionRequest, options?: CallOptions): Promise<Reply>;
  /**
   * As `chat`, piece by piece; the last event is the whole reply. Leaving the loop early ends the generation and frees
   * its place on the server. @throws as `chat`, also in mid-stream
   */
  streamChat(request: ChatRequest, options?: CallOptions): AsyncIterable<StreamEvent>;
  /** As `complete`, piece by piece. */
  streamCompletion(request: CompletionRequest, options?: CallOptions): AsyncIterable<StreamEvent>;
  /** What works here; found out once by cheap requests and remembered. */
  capabilities(options?: CapabilityOptions): Promise<Capabilities>;
  /** Gives back connections and memory; calls under way are aborted. */
  close(): Promise<void>;
}

/** What the model is asked for, however it is prompted. */
export interface GenerationRequest {
  /** Default: the endpoint's model. */
  model?: string;
  /** Tokens written per choice at most, reasoning included. Default: the server's, often the rest of its context. */
  maxTokens?: number;
  /** 0 is greedy; default the server's, mostly 1. */
  temperature?: number;
  /** Keep the likeliest tokens that together hold this probability, 0 to 1. */
  topP?: number;
  /** Keep so many of the likeliest tokens. Not every server knows it. */
  topK?: number;
  /** Keep tokens at least this likely relative to the likeliest, 0 to 1. Not every server knows it. */
  minP?: number;
  /** Above 1 makes tokens that have occurred less likely; 1 is off. Not every server knows it. */
  repetitionPenalty?: number;
  /** Independent answers to the one prompt; default 1. */
  n?: number;
  /** Texts that end an answer; they are not part of it. */
  stop?: readonly string[];
  /** The same seed and request give the same answer where the server keeps that promise. */
  seed?: number;
  /** Report the log-probability of each token written; default false. */
  logprobs?: boolean;
  /** With it so many alternatives per token, 0 to 20; implies `logprobs`. */
  topLogprobs?: number;
  /** Lower is served earlier, as in vLLM's priority policy; default 0. Endpoints without it ignore it. */
  priority?: number;
  /** Makes the answer a JSON value of this schema, where the server can; `askJson` works everywhere. */
  responseFormat?: ResponseFormat;
  /** Fields of the request's body that are not known here, by their name on the wire, e.g. `{ guided_regex }`. */
  extra?: Readonly<Record<string, unknown>>;
}

export interface ChatRequest extends GenerationRequest {
  messages: readonly ChatMessage[];
  /**
   * The first words of the answer, which the model continues; the reply's text starts after them.
   * @throws UnsupportedError where the server can neither continue a message nor complete a text
   */
  prefill?: string;
}

export interface CompletionRequest extends GenerationRequest {
  prompt: string;
}

export interface ChatMessage {
  role: "system" | "developer" | "user" | "assistant" | "tool";
  content: string | readonly ContentPart[];
  name?: string;
}

/** Parts as they go over the wire; a picture is a `data:` or `https:` URL. */
export type ContentPart =
  | { type: "text"; text: string }
  | { type: "image_url"; image_url: { url: string; detail?: "auto" | "low" | "high" } }
  | { type: "video_url"; video_url: { url: string } }
  | { type: "input_audio"; input_audio: { data: string; format: "wav" | "mp3" } };

export type ResponseFormat =
  | { type: "json_object" }
  | { type: "json_schema"; name: string; schema: Readonly<Record<string, unknown>> };

export interface CallOptions {
  /** Ends the call: the promise rejects (the stream throws) with the signal's reason. */
  signal?: AbortSignal;
  /** For one attempt to end, milliseconds; a stream must only not fall silent so long. Default 600 000. */
  timeoutMs?: number;
  /** Tells apart draws of one request from the cache: the same number gives the same answer again. Default 0. */
  sample?: number;
}

/** The whole answer; streams end with it too. */
export interface Reply {
  /** As the server names it; may be more exact than what was asked for. */
  model: string;
  /** In the order of their index; `n` of them. */
  choices: Choice[];
  usage: Usage;
  /** From the first attempt's start to the last byte; of the call that was paid for, when it comes from the cache. */
  latencyMs: number;
  /** Requests sent until one succeeded; default 1. */
  attemptCount?: number;
  /** True when nothing was paid for it. */
  cacheHit?: boolean;
}

export interface Choice {
  /** The answer without its reasoning; after the prefill, if there was one. */
  text: string;
  /** What the model thought before it, where the server tells it apart (`reasoning_content` or `reasoning`). */
  reasoning?: string;
  /** Why it ended: its own end or a stop text; `maxTokens`; a filter; the caller. */
  finishReason: FinishReason;
  /** The stop text that ended it, where the server says so. */
  stopText?: string;
  /** One per token of the text, when asked for. */
  logprobs?: TokenLogprob[];
}

export type FinishReason = "stop" | "length" | "content_filter" | "tool_calls" | "abort";

export interface TokenLogprob {
  token: string;
  /** Natural logarithm, at most 0. */
  logprob: number;
  /** The likeliest tokens at this place, likeliest first; empty unless `topLogprobs` asked for them. */
  top: { token: string; logprob: number }[];
}

export interface Usage {
  promptTokens: number;
  /** Over all choices, reasoning included. */
  completionTokens: number;
  /** Of the prompt's tokens those the server had in its cache, mostly at a lower price. */
  cachedTokens?: number;
  /** Of the completion's tokens those spent on reasoning, where the server tells. */
  reasoningTokens?: number;
  /** The server told nothing: counted as one token per four characters. */
  estimated?: true;
}

/** One or more `delta`, then exactly one `reply`. */
export type StreamEvent = StreamDelta | { type: "reply"; reply: Reply };

export interface StreamDelta {
  type: "delta";
  /** Which of the `n` choices goes on. */
  index: number;
  /** New characters of the answer. */
  text?: string;
  /** New characters of its reasoning. */
  reasoning?: string;
  /** Of the new tokens. */
  logprobs?: TokenLogprob[];
}

export type CapabilityName =
  | "chat"
  | "completions"
  | "streaming"
  | "n"
  | "logprobs"
  | "prefill"
  | "priority"
  | "structuredOutput"
  | "models";

export interface CapabilityOptions extends CallOptions {
  /** Find out only about these; the others may come back as "unknown". Default: all. */
  only?: readonly CapabilityName[];
}

export interface Capability {
  status: "works" | "missing" | "unknown";
  /** What was seen: "answered with 2 choices", "HTTP 400: unknown field". */
  why: string;
  /** Which of several dialects works, e.g. for prefill "continue_final_message" or "completions". */
  how?: string;
}

export type Capabilities = Record<CapabilityName, Capability>;
