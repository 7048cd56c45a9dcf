/** Answers of the mock: what it says by default, cut into tokens, with log-probabilities, in OpenAI's shapes. */
import { Random } from "../../core/random.ts";
import type { MockRequest } from "./mock-request.ts";

export interface MockAnswer {
  text: string;
  reasoning?: string;
  /** Default: "length" when cut by `max_tokens`, else "stop". */
  finishReason?: string;
}

export interface MockChoice {
  index: number;
  tokens: string[];
  reasoning: string[];
  finishReason: string;
  stopText: string | undefined;
}

/** One token per word, its space before it. */
export function tokenize(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

/** Cuts an answer by the request's stop texts and token limit. */
export function shapeChoice(answer: string | MockAnswer, { body, choice }: MockRequest): MockChoice {
  const { text, reasoning = "", finishReason } = typeof answer === "string" ? { text: answer } : answer;
  const stops = [body.stop ?? []].flat();
  const found = stops.map((stop) => ({ stop, at: text.indexOf(stop) })).filter(({ at }) => at !== -1);
  const first = found.sort((a, b) => a.at - b.at)[0];
  const thought = tokenize(reasoning);
  const all = tokenize(first ? text.slice(0, first.at) : text);
  const room = (body.max_tokens ?? body.max_completion_tokens ?? Number.POSITIVE_INFINITY) - thought.length;
  const isCut = all.length > room;
  return {
    index: choice,
    tokens: all.slice(0, Math.max(0, room)),
    reasoning: thought,
    finishReason: finishReason ?? (isCut ? "length" : "stop"),
    stopText: isCut ? undefined : first?.stop,
  };
}

/** Says words drawn by the prompt; counts when asked to, and fills schemas, as the probes expect of a model. */
export function defaultAnswer({ prompt, prefill, body, choice }: MockRequest): string {
  const format = body.response_format as { json_schema?: { schema?: unknown } } | null | undefined;
  if (format?.json_schema?.schema) return JSON.stringify(exampleOf(format.json_schema.schema));
  if (/^Count from 1/.test(prompt)) {
    const from = tokenize(prefill ?? "").length + 1;
    const numbers = Array.from({ length: 13 - from }, (_, i) => from + i).join(" ");
    return prefill ? ` ${numbers}` : numbers;
  }
  const random = new Random(0).split(`${prompt} ${prefill ?? ""} ${body.seed ?? ""} ${choice}`);
  const words = ["so", "the", "answer", "is", "seven", "hence", "we", "add", "and", "check", "once", "more"];
  return Array.from({ length: random.int(5, 15) }, () => random.choice(words)).join(" ");
}

function exampleOf(schema: any): unknown {
  if (schema.enum) return schema.enum[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.anyOf) return exampleOf(schema.anyOf[0]);
  switch (schema.type) {
    case "object":
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, exampleOf(inner)]),
      );
    case "array":
      return [exampleOf(schema.items ?? {})];
    case "boolean":
      return true;
    case "number":
    case "integer":
      return schema.minimum > 0 ? schema.minimum : 1;
    default:
      return "text";
  }
}

/** `logprobs` of some tokens, in the form of the request's kind; invented, but the same for the same token. */
export function logprobsOf(tokens: readonly string[], { kind, body }: MockRequest): unknown {
  if (body.logprobs == null || body.logprobs === false) return undefined;
  const topCount = kind === "chat" ? (body.top_logprobs ?? 0) : Number(body.logprobs);
  const scored = tokens.map((token) => ({ token, logprob: -new Random(0).split(token).next() }));
  const tops = scored.map(({ token, logprob }) =>
    Array.from({ length: topCount }, (_, i) => ({ token: i ? `${token}${i}` : token, logprob: logprob - 2 * i })),
  );
  if (kind === "chat") return { content: scored.map((entry, i) => ({ ...entry, bytes: null, top_logprobs: tops[i] })) };
  return {
    tokens: [...tokens],
    token_logprobs: scored.map(({ logprob }) => logprob),
    top_logprobs: tops.map((top) => Object.fromEntries(top.map(({ token, logprob }) => [token, logprob]))),
  };
}

/** `usage` of a reply: a word is a token. */
export function usageOf({ body, prompt }: MockRequest, choices: readonly MockChoice[]) {
  const promptTokens = tokenize(prompt).length + 4 * (body.messages?.length ?? 0);
  const completionTokens = choices.reduce((sum, { tokens, reasoning }) => sum + tokens.length + reasoning.length, 0);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: 0 },
  };
}
