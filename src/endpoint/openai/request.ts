/** Our requests as bodies of `/chat/completions` and `/completions`. */
import type { ChatRequest, CompletionRequest, GenerationRequest } from "../endpoint.ts";

export type Body = Record<string, unknown>;

/** How a server is told to go on with a message; see `prefill.ts`. */
export type ChatDialect = "continue_final_message" | "prefix" | "assistant";

/** @param dialect how to send the prefill, if there is one */
export function chatBody(request: ChatRequest, model: string, dialect?: ChatDialect): Body {
  const { messages, prefill, logprobs, topLogprobs, maxTokens } = request;
  return compact({
    ...commonFields(request, model),
    messages: prefill ? [...messages, prefillMessage(prefill, dialect)] : messages,
    ...(prefill && dialect === "continue_final_message" && continueFields),
    ...tokenLimit(maxTokens, model),
    logprobs: logprobs || topLogprobs !== undefined || undefined,
    top_logprobs: topLogprobs,
    ...request.extra,
  });
}

export function completionBody(request: CompletionRequest, model: string): Body {
  const { prompt, logprobs, topLogprobs, maxTokens } = request;
  return compact({
    ...commonFields(request, model),
    prompt,
    max_tokens: maxTokens,
    logprobs: topLogprobs ?? (logprobs ? 0 : undefined), // here it is the number of alternatives
    ...request.extra,
  });
}

/** vLLM and SGLang: render the last message open-ended and no new turn after it. */
export const continueFields = { continue_final_message: true, add_generation_prompt: false };

function prefillMessage(prefill: string, dialect: ChatDialect | undefined): Body {
  // DeepSeek (beta) and Mistral mark the message itself.
  return { role: "assistant", content: prefill, ...(dialect === "prefix" && { prefix: true }) };
}

function commonFields(request: GenerationRequest, model: string): Body {
  return {
    model,
    temperature: request.temperature,
    top_p: request.topP,
    top_k: request.topK,
    min_p: request.minP,
    repetition_penalty: request.repetitionPenalty,
    n: request.n,
    stop: request.stop?.length ? request.stop : undefined,
    seed: request.seed,
    priority: request.priority,
    response_format: responseFormat(request.responseFormat),
  };
}

/** OpenAI's reasoning models refuse `max_tokens`; most other servers know no other name. */
function tokenLimit(maxTokens: number | undefined, model: string): Body {
  return /^(o\d|gpt-5)/.test(model) ? { max_completion_tokens: maxTokens } : { max_tokens: maxTokens };
}

function responseFormat(format: GenerationRequest["responseFormat"]): Body | undefined {
  if (format?.type !== "json_schema") return format;
  const { name, schema } = format;
  return { type: "json_schema", json_schema: { name, schema, strict: isStrict(schema) } };
}

/** OpenAI's strict mode wants every property required and none besides, at every level. */
function isStrict(schema: unknown): boolean {
  if (typeof schema !== "object" || schema === null) return true;
  const { type, properties, required, additionalProperties } = schema as Record<string, any>;
  if (type === "object") {
    const names = Object.keys(properties ?? {});
    if (additionalProperties !== false || names.some((name) => !required?.includes(name))) return false;
  }
  return Object.values(schema).every(isStrict);
}

function compact(body: Body): Body {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}
