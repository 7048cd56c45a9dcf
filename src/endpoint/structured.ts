/** Answers as checked values: a zod schema goes in, a value of its type comes out. */
import { jsonrepair } from "jsonrepair";
import { z } from "zod";
import { PolymathError } from "../core/errors.ts";
import { validate } from "../core/schema.ts";
import type { CallOptions, ChatMessage, ChatRequest, Endpoint, Reply } from "./endpoint.ts";

export interface AskJsonOptions extends CallOptions {
  /** Names the schema to the server; default "answer". */
  name?: string;
  /**
   * schema        the server is made to keep to the schema (`response_format`)
   * instructions  the schema is told in words
   * auto          by what the endpoint can (default)
   */
  mode?: "auto" | "schema" | "instructions";
}

export interface JsonAnswer<T> {
  value: T;
  /** The reply it came from: the second, if the first had to be asked again. */
  reply: Reply;
  /** Requests made: 1 or 2. */
  askCount: number;
}

/** Twice the model's answer did not fit the schema. */
export class StructuredOutputError extends PolymathError {
  /** The last answer as it came. */
  readonly text: string;
  constructor(message: string, { text, hint }: { text: string; hint?: string }) {
    super("STRUCTURED_OUTPUT", message, { hint });
    this.text = text;
  }
}

/**
 * Asks for a JSON value of a schema; an answer that does not fit is shown to the model once, with what is wrong.
 * @throws StructuredOutputError when the second does not fit either; EndpointError as `chat`
 */
export async function askJson<S extends z.ZodType>(
  endpoint: Endpoint,
  request: ChatRequest,
  schema: S,
  { name = "answer", mode = "auto", ...options }: AskJsonOptions = {},
): Promise<JsonAnswer<z.output<S>>> {
  const jsonSchema = toAnswerSchema(schema);
  const first: ChatRequest = (await usesSchema(endpoint, mode, options))
    ? { ...request, responseFormat: { type: "json_schema", name, schema: jsonSchema } }
    : { ...request, messages: withInstructions(request.messages, jsonSchema) };
  const reply = await endpoint.chat(first, options);
  const text = reply.choices[0]!.text;
  const result = parseAnswer(schema, text);
  if ("value" in result) return { value: result.value, reply, askCount: 1 };

  const correction: ChatMessage[] = [
    { role: "assistant", content: text },
    { role: "user", content: `That does not fit: ${result.problem}. Answer again with the corrected JSON value only.` },
  ];
  const second = await endpoint.chat({ ...first, messages: [...first.messages, ...correction] }, options);
  const secondText = second.choices[0]!.text;
  const secondResult = parseAnswer(schema, secondText);
  if ("value" in secondResult) return { value: secondResult.value, reply: second, askCount: 2 };
  const isCut = second.choices[0]!.finishReason === "length";
  throw new StructuredOutputError(`The answer of ${endpoint.model} does not fit the schema: ${secondResult.problem}`, {
    text: secondText,
    hint: isCut ? "It was cut short: raise maxTokens." : "The answer is kept in the field `text` of the error.",
  });
}

/** What the model should write: the schema's input form, and no properties besides (strict servers insist on that). */
function toAnswerSchema(schema: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(schema, {
    io: "input",
    override({ jsonSchema }) {
      if (jsonSchema.type === "object" && jsonSchema.properties) jsonSchema.additionalProperties ??= false;
    },
  }) as Record<string, unknown>;
}

async function usesSchema(endpoint: Endpoint, mode: AskJsonOptions["mode"], { signal }: CallOptions): Promise<boolean> {
  if (mode !== "auto") return mode === "schema";
  const { structuredOutput } = await endpoint.capabilities({ signal, only: ["structuredOutput"] });
  return structuredOutput.status === "works";
}

function withInstructions(messages: readonly ChatMessage[], schema: unknown): ChatMessage[] {
  const text = `Answer with one JSON value and nothing else. It must fit this JSON schema:\n${JSON.stringify(schema)}`;
  const [first, ...rest] = messages;
  // One system message: many templates refuse a second.
  if (first?.role === "system" && typeof first.content === "string") {
    return [{ ...first, content: `${first.content}\n\n${text}` }, ...rest];
  }
  return [{ role: "system", content: text }, ...messages];
}

function parseAnswer<S extends z.ZodType>(schema: S, text: string): { value: z.output<S> } | { problem: string } {
  const candidates = [...extractJson(text)];
  if (candidates.length === 0) return { problem: "there is no JSON value in it" };
  let problem = "";
  for (const candidate of candidates) {
    const result = validate(schema, candidate);
    if ("value" in result) return result;
    problem ||= result.problem.message;
  }
  return { problem };
}

/**
 * JSON values in a text, likeliest first: the whole, fenced blocks, then each outermost bracket with what it closes.
 * What is not quite JSON (single quotes, trailing commas, a missing bracket at the end) is mended.
 */
export function* extractJson(text: string): Generator<unknown> {
  const answer = text.replace(/^[\s\S]*<\/think>/, "").trim(); // values tried out while thinking are no answer
  const fenced = [...answer.matchAll(/```(?:json5?|javascript)?[^\S\n]*\n([\s\S]*?)(?:```|$)/gi)].map(([, inner]) =>
    inner!.trim(),
  );
  const candidates = [answer, ...fenced, ...outermostBrackets(answer)];
  for (const candidate of candidates) {
    try {
      yield JSON.parse(candidate);
    } catch {
      // Tried again below, mended.
    }
  }
  for (const candidate of candidates) {
    if (!/^[[{]/.test(candidate)) continue; // jsonrepair makes a string of any words
    try {
      yield JSON.parse(jsonrepair(candidate));
    } catch {
      // Not JSON at all.
    }
  }
}

/** Each `{...}` or `[...]` that is not inside another; the last may be cut short. */
function outermostBrackets(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let start = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (quoted) {
      if (character === "\\") i++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = depth > 0;
    else if (character === "{" || character === "[") {
      if (depth++ === 0) start = i;
    } else if ((character === "}" || character === "]") && depth > 0 && --depth === 0) {
      found.push(text.slice(start, i + 1));
    }
  }
  return depth > 0 ? [...found, text.slice(start)] : found;
}
