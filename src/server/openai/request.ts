/** Bodies of the API as requests to an endpoint, or an error that names the field. */
import type { z } from "zod";
import { describePath, explainIssue } from "../../core/schema.ts";
import type { ChatMessage, ChatRequest, CompletionRequest, GenerationRequest } from "../../endpoint/endpoint.ts";
import { ApiError } from "../api-error.ts";
import { WireChat, WireCompletion } from "./schemas.ts";

/** Everything about one HTTP request that the answer depends on. */
export interface Order {
  kind: "chat" | "completion";
  /** As asked for. */
  model: string | null | undefined;
  /** One per prompt. */
  requests: ChatRequest[] | CompletionRequest[];
  /** Choices per prompt. */
  n: number;
  priority: number;
  isStream: boolean;
  includeUsage: boolean;
  /** Completions: the prompt comes back before the answer. */
  echo: boolean;
}

/** Deeper bodies are no requests but attempts to overflow a stack further on. */
const maxDepth = 64;

/** @throws ApiError 400 */
export function readChat(body: unknown): Order {
  const wire = check(WireChat, body);
  if (wire.top_logprobs != null && !wire.logprobs) {
    throw invalid("top_logprobs", "only allowed when logprobs is true");
  }
  const { messages, prefill } = splitPrefill(wire);
  const maxTokens = wire.max_completion_tokens ?? wire.max_tokens;
  const request: ChatRequest = compact({
    ...commonFields(wire),
    messages,
    prefill,
    maxTokens,
    logprobs: wire.logprobs || undefined,
    topLogprobs: wire.top_logprobs,
    responseFormat: responseFormat(wire.response_format),
    extra: extraOf(WireChat, body, ["add_generation_prompt"]),
  });
  return { ...orderFields(wire), kind: "chat", requests: [request], echo: false };
}

/** @throws ApiError 400 */
export function readCompletion(body: unknown): Order {
  const wire = check(WireCompletion, body);
  if (wire.echo && wire.logprobs != null) {
    throw invalid("echo", "not possible together with logprobs: those of the prompt are not known");
  }
  const requests = [wire.prompt].flat().map(
    (prompt): CompletionRequest =>
      compact({
        ...commonFields(wire),
        prompt,
        maxTokens: wire.max_tokens,
        logprobs: wire.logprobs != null || undefined,
        topLogprobs: wire.logprobs || undefined,
        extra: extraOf(WireCompletion, body),
      }),
  );
  return { ...orderFields(wire), kind: "completion", requests, echo: wire.echo ?? false };
}

/** @throws ApiError 400 naming the field */
export function check<S extends z.ZodObject>(schema: S, body: unknown): z.output<S> {
  if (isDeeper(body, maxDepth)) {
    throw new ApiError(400, "invalid_request", `The body is nested more than ${maxDepth} levels deep`);
  }
  const result = schema.safeParse(body, { reportInput: true });
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const { message, hint } = explainIssue(schema, body, issue);
  const named = issue.path.length > 0 ? message : `The body: ${message}`;
  throw new ApiError(400, "invalid_value", named, { hint, param: describePath(issue.path) || undefined });
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

function invalid(param: string, problem: string): ApiError {
  return new ApiError(400, "invalid_value", `${param}: ${problem}`, { param });
}

function orderFields(wire: WireChat | WireCompletion) {
  if (wire.stream_options && !wire.stream) throw invalid("stream_options", "only allowed when stream is true");
  return {
    model: wire.model,
    n: wire.n ?? 1,
    priority: wire.priority ?? 0,
    isStream: wire.stream ?? false,
    includeUsage: wire.stream_options?.include_usage ?? false,
  };
}

function commonFields(wire: WireChat | WireCompletion): GenerationRequest {
  return {
    temperature: wire.temperature ?? undefined,
    topP: wire.top_p ?? undefined,
    topK: wire.top_k && wire.top_k > 0 ? wire.top_k : undefined, // 0 and -1 turn it off
    minP: wire.min_p ?? undefined,
    repetitionPenalty: wire.repetition_penalty ?? undefined,
    n: wire.n ?? undefined,
    stop: wire.stop == null ? undefined : [wire.stop].flat(),
    seed: wire.seed ?? undefined,
    priority: wire.priority ?? undefined,
  };
}

/** A last message of the assistant that is marked as begun becomes the prefill. */
function splitPrefill(wire: WireChat): { messages: ChatMessage[]; prefill?: string } {
  // The endpoint sees messages as they came, with fields that only its chat template knows.
  const messages = wire.messages.map((message) => ({ ...message, content: message.content ?? "" })) as ChatMessage[];
  const last = wire.messages.at(-1)!;
  if (!wire.continue_final_message && !last.prefix) return { messages };
  if (wire.add_generation_prompt) {
    throw invalid("continue_final_message", "not possible together with add_generation_prompt");
  }
  if (last.role !== "assistant" || typeof last.content !== "string") {
    const param = last.prefix ? `messages[${messages.length - 1}].prefix` : "continue_final_message";
    throw invalid(param, "the last message must be the assistant's, with text as its content");
  }
  return { messages: messages.slice(0, -1), prefill: last.content };
}

function responseFormat(wire: WireChat["response_format"]): GenerationRequest["responseFormat"] {
  if (wire?.type === "json_object") return { type: "json_object" };
  if (wire?.type !== "json_schema") return undefined;
  const { name, schema } = wire.json_schema as { name: string; schema: Record<string, unknown> };
  return { type: "json_schema", name, schema };
}

/** Fields the schema does not know, and those that it checks but that only the endpoint can follow. */
function extraOf(schema: z.ZodObject, body: unknown, also: readonly string[] = []) {
  const own = Object.entries(body as object).filter(
    ([name, value]) => value !== null && (!Object.hasOwn(schema.shape, name) || also.includes(name)),
  );
  return own.length > 0 ? Object.fromEntries(own) : undefined;
}

function compact<T extends object>(request: T): { [K in keyof T]: any } {
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value != null)) as T;
}
