/**
 * Layers around an endpoint: retries, cache, budget and ledger are each one function around a call, however the call
 * was made. `wrapEndpoint` gives the four methods of an `Endpoint` back.
 */
import type { CallOptions, ChatRequest, CompletionRequest, Endpoint, Reply, StreamEvent, Usage } from "./endpoint.ts";

export type Call = { kind: "chat"; request: ChatRequest } | { kind: "completion"; request: CompletionRequest };

/** What layers tell each other about one call, also when it ends without a reply. */
export interface Trace {
  /** Names the payment; a replay from the cache carries the id of the call that was paid for. */
  callId: string;
  /** Nothing was sent. */
  cacheHit: boolean;
  attemptCount: number;
  /** Of attempts that failed after the server had begun to answer. */
  lost: Usage[];
}

export interface LayerOptions extends CallOptions {
  trace?: Trace;
}

export interface Caller {
  reply(call: Call, options: LayerOptions): Promise<Reply>;
  stream(call: Call, options: LayerOptions): AsyncIterable<StreamEvent>;
}

/** @param next what the layer is around */
export interface Layer {
  reply(call: Call, options: LayerOptions, next: Caller): Promise<Reply>;
  stream(call: Call, options: LayerOptions, next: Caller): AsyncIterable<StreamEvent>;
}

/** The same endpoint with one more layer around it. */
export function wrapEndpoint(endpoint: Endpoint, layer: Layer): Endpoint {
  const next = callerOf(endpoint);
  return {
    url: endpoint.url,
    model: endpoint.model,
    chat: (request, options = {}) => layer.reply({ kind: "chat", request }, options, next),
    complete: (request, options = {}) => layer.reply({ kind: "completion", request }, options, next),
    streamChat: (request, options = {}) => layer.stream({ kind: "chat", request }, options, next),
    streamCompletion: (request, options = {}) => layer.stream({ kind: "completion", request }, options, next),
    capabilities: (options) => endpoint.capabilities(options),
    close: () => endpoint.close(),
  };
}

function callerOf(endpoint: Endpoint): Caller {
  return {
    reply: ({ kind, request }, options) =>
      kind === "chat" ? endpoint.chat(request, options) : endpoint.complete(request, options),
    stream: ({ kind, request }, options) =>
      kind === "chat" ? endpoint.streamChat(request, options) : endpoint.streamCompletion(request, options),
  };
}
