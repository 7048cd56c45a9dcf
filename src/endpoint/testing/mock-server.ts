/**
 * An OpenAI-compatible server for tests, on a free port of this machine: says what a function makes of each request,
 * fails by script or by seeded rates, and counts what it served. The same seed and requests give the same answers and
 * faults in any order.
 *
 *   const server = await startMockServer({ faults: faultsBySeed(7, { rateLimit: 0.1, die: 0.05 }) });
 *   onTestFinished(() => server.close());
 *   const endpoint = openAiEndpoint({ url: server.url, model: "mock" });
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, FaultScript } from "./faults.ts";
import { defaultAnswer, logprobsOf, type MockAnswer, type MockChoice, shapeChoice, usageOf } from "./mock-answer.ts";
import { MockBody, type MockRequest, requestKey, textOf } from "./mock-request.ts";

/** What the mock does not know it ignores, as servers do, except a route, which is not found. */
export type MockSkill = "completions" | "models" | "n" | "logprobs" | "priority" | "json_schema" | MockDialect;
export type MockDialect = "continue_final_message" | "prefix" | "assistant";

export interface MockOptions {
  /** Default ["mock"]. */
  models?: readonly string[];
  /** Called once per choice. Default: words drawn by the prompt. */
  answer?: (request: MockRequest) => string | MockAnswer | Promise<string | MockAnswer>;
  /** Default: no faults. */
  faults?: FaultScript;
  /** Before the first byte of an answer; default 0. */
  delayMs?: number | ((request: MockRequest) => number);
  /** Between the tokens of a stream; default 0. */
  tokenDelayMs?: number;
  /** When set, other keys are refused with 401. */
  apiKey?: string;
  /** Default: all but "prefix" and "assistant". */
  skills?: readonly MockSkill[];
  /** Under which name reasoning is sent; default "reasoning_content". */
  reasoningField?: "reasoning_content" | "reasoning";
  /** False: no `usage` in replies. Default true. */
  usage?: boolean;
}

export interface MockCounts {
  /** All POSTs that came. */
  requestCount: number;
  /** Those answered whole, to the last byte: what a client pays for. */
  servedCount: number;
  /** By kind; "status" by its number. */
  faults: Record<string, number>;
  /** Clients that went away before their answer was whole. */
  disconnectCount: number;
  /** Being answered now. */
  openCount: number;
  /** The most at once. */
  peakCount: number;
  /** Tokens of the answers served whole. */
  completionTokens: number;
}

export interface MockServer {
  /** Base URL, ending in /v1. */
  readonly url: string;
  readonly counts: MockCounts;
  /** Bodies as they came, in order. */
  readonly bodies: readonly MockBody[];
  /** How often each content was served whole, by its key; more than 1 was paid for twice. */
  readonly servedByKey: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

const allSkills: MockSkill[] = [
  "completions",
  "models",
  "n",
  "logprobs",
  "priority",
  "json_schema",
  "continue_final_message",
];

/** Listens on a free port of 127.0.0.1 until `close`. */
export async function startMockServer(options: MockOptions = {}): Promise<MockServer> {
  const { models = ["mock"], answer = defaultAnswer, faults = () => undefined, tokenDelayMs = 0 } = options;
  const skills = new Set(options.skills ?? allSkills);
  const counts: MockCounts = {
    requestCount: 0,
    servedCount: 0,
    faults: {},
    disconnectCount: 0,
    openCount: 0,
    peakCount: 0,
    completionTokens: 0,
  };
  const bodies: MockBody[] = [];
  const servedByKey = new Map<string, number>();
  const attempts = new Map<string, number>();

  async function handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(message.url ?? "/", "http://mock").pathname;
    const key = message.headers.authorization?.replace(/^Bearer /, "");
    if (options.apiKey && key !== options.apiKey) {
      return sendError(response, {
        status: 401,
        message: `Incorrect API key provided: ${key}`,
        code: "invalid_api_key",
      });
    }
    if (message.method === "GET" && path === "/v1/models" && skills.has("models")) {
      const data = models.map((id) => ({ id, object: "model", created: 0, owned_by: "mock" }));
      return sendJson(response, 200, { object: "list", data });
    }
    const kind = path === "/v1/chat/completions" ? "chat" : path === "/v1/completions" ? "completion" : undefined;
    if (message.method !== "POST" || !kind || (kind === "completion" && !skills.has("completions"))) {
      return sendError(response, { status: 404, message: `No route ${message.method} ${path}` });
    }
    await handleCall(kind, message, response);
  }

  async function handleCall(
    kind: MockRequest["kind"],
    message: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const gone = new AbortController();
    const request = readRequest(kind, await readBody(message), message.headers, gone.signal);
    if ("problem" in request) return sendError(response, { status: 400, message: request.problem });
    counts.requestCount++;
    counts.openCount++;
    counts.peakCount = Math.max(counts.peakCount, counts.openCount);
    bodies.push(request.body);
    let isServed = false;
    response.on("close", () => {
      counts.openCount--;
      if (isServed && response.writableFinished) {
        counts.servedCount++;
        servedByKey.set(request.key, (servedByKey.get(request.key) ?? 0) + 1);
      } else if (!response.writableEnded && !response.errored && !isBroken.has(response)) counts.disconnectCount++;
      gone.abort(new Error("the client went away"));
    });
    if (!models.includes(request.body.model)) {
      const text = `The model "${request.body.model}" does not exist`;
      return sendError(response, { status: 404, message: text, code: "model_not_found" });
    }
    const fault = faults(request);
    if (fault) {
      const name = fault.kind === "status" ? String(fault.status) : fault.kind;
      counts.faults[name] = (counts.faults[name] ?? 0) + 1;
    }
    const wait = typeof options.delayMs === "function" ? options.delayMs(request) : (options.delayMs ?? 0);
    if (wait > 0) await sleep(wait, undefined, { signal: gone.signal });
    if (fault && failAtOnce(response, fault)) return;
    const count = skills.has("n") ? (request.body.n ?? 1) : 1;
    const indices = Array.from({ length: count }, (_, choice) => choice);
    const choices = await Promise.all(
      indices.map(async (choice) => shapeChoice(await answer({ ...request, choice }), { ...request, choice })),
    );
    isServed = request.body.stream
      ? await sendStream(response, request, choices, fault)
      : await sendReply(response, request, choices, fault);
    if (isServed) counts.completionTokens += usageOf(request, choices).completion_tokens;
  }

  function readRequest(
    kind: MockRequest["kind"],
    text: string,
    headers: MockRequest["headers"],
    signal: AbortSignal,
  ): (Omit<MockRequest, "choice"> & { choice: 0 }) | { problem: string } {
    const parsed = MockBody.safeParse(parseJson(text));
    if (!parsed.success) return { problem: parsed.error.issues[0]!.message };
    const body = parsed.data;
    if (body.priority !== undefined && skills.has("priority") && typeof body.priority !== "number") {
      return { problem: "priority: expected a number" };
    }
    if (!skills.has("logprobs")) delete body.logprobs;
    if (!skills.has("json_schema")) delete body.response_format;
    const key = requestKey(body);
    const messages = body.messages ?? [];
    if (kind === "chat" ? messages.length === 0 : body.prompt === undefined) return { problem: "nothing to answer" };
    if (skills.has("continue_final_message") && body.continue_final_message && body.add_generation_prompt !== false) {
      return { problem: "Cannot set both add_generation_prompt and continue_final_message to True" };
    }
    const last = messages.at(-1);
    const continues =
      last?.role === "assistant" &&
      ((skills.has("continue_final_message") && body.continue_final_message) ||
        (skills.has("prefix") && last.prefix) ||
        skills.has("assistant"));
    const asked = messages.findLast(({ role }) => role !== "assistant") ?? last;
    const attempt = (attempts.get(key) ?? 0) + 1;
    attempts.set(key, attempt);
    return {
      kind,
      body,
      headers,
      prompt: body.prompt ?? textOf(asked?.content ?? ""),
      prefill: continues ? textOf(last.content) : undefined,
      choice: 0,
      key,
      attempt,
      signal,
    };
  }

  /** @returns whether it was sent whole */
  async function sendReply(response: ServerResponse, request: MockRequest, choices: MockChoice[], fault?: Fault) {
    if (fault?.kind === "slow") await pause(fault.tokenDelayMs * (choices[0]?.tokens.length ?? 0), request.signal);
    const content = choices.map((choice) => ({
      index: choice.index,
      finish_reason: choice.finishReason,
      stop_reason: choice.stopText ?? null,
      logprobs: logprobsOf(choice.tokens, request) ?? null,
      ...messageOf(request, choice.tokens, choice.reasoning, "message"),
    }));
    const empty = fault?.kind === "empty-choices";
    const body = envelope(
      request,
      empty ? [] : content,
      options.usage === false ? undefined : usageOf(request, choices),
    );
    const text = JSON.stringify(body);
    if (fault?.kind === "die" || fault?.kind === "malformed") {
      response.writeHead(200, { "content-type": "application/json" });
      const half = text.slice(0, text.length / 2);
      if (fault.kind === "malformed") response.end(half);
      else response.write(half, () => breakOff(response));
      return false;
    }
    sendJson(response, 200, body);
    return !empty;
  }

  /** @returns whether it was sent whole */
  async function sendStream(response: ServerResponse, request: MockRequest, choices: MockChoice[], fault?: Fault) {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    const send = (value: unknown) => response.write(`data: ${JSON.stringify(value)}\n\n`);
    const delayMs = fault?.kind === "slow" ? fault.tokenDelayMs : tokenDelayMs;
    const failAfter = fault?.kind === "die" || fault?.kind === "malformed" ? (fault.afterTokens ?? 1) : undefined;
    const pieces = interleave(choices);
    if (fault?.kind === "empty-choices") pieces.length = 0;
    for (const [sentCount, { index, token, isReasoning }] of pieces.entries()) {
      if (sentCount === failAfter) break;
      if (delayMs > 0) await pause(delayMs, request.signal);
      if (request.signal.aborted) return false;
      const text = isReasoning ? [] : [token];
      const delta = messageOf(request, text, isReasoning ? [token] : [], "delta");
      send(envelope(request, [{ index, finish_reason: null, logprobs: logprobsOf(text, request) ?? null, ...delta }]));
    }
    if (fault?.kind === "die") {
      response.write(": breaking off\n\n", () => breakOff(response));
      return false;
    }
    if (fault?.kind === "malformed") {
      response.end('data: {"choices": [{"delta"\n\n');
      return false;
    }
    if (fault?.kind !== "empty-choices") {
      const ends = choices.map(({ index, finishReason, stopText }) => ({
        index,
        finish_reason: finishReason,
        stop_reason: stopText ?? null,
        ...messageOf(request, [], [], "delta"),
      }));
      send(envelope(request, ends));
    }
    if (request.body.stream_options?.include_usage && options.usage !== false) {
      send(envelope(request, [], usageOf(request, choices)));
    }
    response.end("data: [DONE]\n\n");
    return fault?.kind !== "empty-choices";
  }

  function messageOf(request: MockRequest, text: string[], reasoning: string[], field: "message" | "delta") {
    if (request.kind === "completion") return { text: text.join("") };
    const thought = reasoning.join("");
    const name = options.reasoningField ?? "reasoning_content";
    return { [field]: { role: "assistant", content: text.join(""), ...(thought && { [name]: thought }) } };
  }

  const server = createServer((message, response) => {
    handle(message, response).catch((error) => {
      if (!response.destroyed && !response.headersSent) sendError(response, { status: 500, message: String(error) });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    counts,
    bodies,
    servedByKey,
    close,
  };
}

/** Broken by us, not left by the client. */
const isBroken = new WeakSet<ServerResponse>();

function breakOff(response: ServerResponse): void {
  isBroken.add(response);
  response.destroy();
}

/** Faults that come instead of an answer. */
function failAtOnce(response: ServerResponse, fault: Fault): boolean {
  switch (fault.kind) {
    case "status":
      sendError(response, fault);
      return true;
    case "hang":
      return true;
    case "html":
      response.writeHead(fault.status ?? 502, { "content-type": "text/html" });
      response.end("<!DOCTYPE html><html><body><h1>Bad gateway</h1></body></html>");
      return true;
    case "wrong-json":
      response.writeHead(200, { "content-type": fault.text === undefined ? "application/json" : "text/plain" });
      response.end(fault.text ?? '{"result": "ok"}');
      return true;
    default:
      return false;
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

type ErrorFields = { status: number; message?: string; code?: string; headers?: Record<string, string> };

function sendError(
  response: ServerResponse,
  { status, message = "A scripted fault", code, headers }: ErrorFields,
): void {
  sendJson(response, status, { error: { message, type: "mock_error", param: null, code: code ?? null } }, headers);
}

function envelope({ kind, body }: MockRequest, choices: unknown[], usage?: unknown) {
  const object = kind === "completion" ? "text_completion" : body.stream ? "chat.completion.chunk" : "chat.completion";
  return { id: "mock-1", object, created: 0, model: body.model, choices, ...(usage !== undefined && { usage }) };
}

/** Token by token, the choices in turn; reasoning before the answer. */
function interleave(choices: readonly MockChoice[]): { index: number; token: string; isReasoning: boolean }[] {
  const queues = choices.map(({ index, tokens, reasoning }) => [
    ...reasoning.map((token) => ({ index, token, isReasoning: true })),
    ...tokens.map((token) => ({ index, token, isReasoning: false })),
  ]);
  const longest = Math.max(0, ...queues.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => queues.flatMap((queue) => queue[i] ?? [])).flat();
}

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Ends at once, without an error, when the client goes away. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
