/**
 * A model that is asked by the texts of prompts/. What a model may do wrong on one question (an answer that cannot be
 * read, a refusal) is a value here, to be recorded; what concerns all questions (no connection, no budget) is thrown.
 * Source of the call's shape: spec section 2.1: one user message, temperature left to the server.
 */
import type { z } from "zod";
import { contentHash } from "../../core/canonical.ts";
import {
  askJson,
  type ChatMessage,
  ContextTooLongError,
  type Endpoint,
  RefusedError,
  StructuredOutputError,
} from "../../endpoint/index.ts";
import type { PromptName } from "./prompts/defaults.ts";
import type { Prompts } from "./prompts/prompts.ts";

export interface Teacher {
  endpoint: Endpoint;
  prompts: Prompts;
  /** Per reply. */
  maxTokens: number;
  /** For one attempt of a call; default the endpoint's. */
  timeoutMs?: number;
  /** Default: the server's. */
  temperature?: number;
}

export interface AskOptions {
  signal?: AbortSignal;
  /** Tells draws of the same question apart, and makes them repeatable where the server keeps that promise. */
  seed?: number;
}

/** A value, or why there is none; with what was asked and what came. */
export type Answer<T> = { query: string; reply: string } & (
  | { value: T }
  | { fault: "parse_error" | "refused"; detail: string }
);

/** What a stage's results depend on beside its items. */
export function teacherSettings({ endpoint, prompts, maxTokens, temperature }: Teacher, ...names: PromptName[]) {
  const { url, model } = endpoint;
  return { url, model, maxTokens, temperature, prompts: contentHash(names.map((name) => prompts[name])) };
}

/** A JSON value of the schema; one that does not fit is asked for once more, with what is wrong. @throws EndpointError */
export function askForJson<S extends z.ZodType>(
  teacher: Teacher,
  query: string,
  schema: S,
  options: AskOptions = {},
): Promise<Answer<z.output<S>>> {
  return guard<z.output<S>>(query, async () => {
    const { value, reply } = await askJson(
      refusing(teacher.endpoint),
      requestOf(teacher, [user(query)], options),
      schema,
      {
        mode: "instructions", // the prompts say the form as well, and finding out what a server can would cost calls
        ...callOptions(teacher, options),
      },
    );
    const { text, finishReason } = reply.choices[0]!;
    // A missing bracket at the end is mended elsewhere: here it would pass half a text for a whole one.
    if (finishReason === "length") return { query, reply: text, fault: "parse_error", detail: "cut short" };
    return { query, reply: text, value };
  });
}

/**
 * What `parse` makes of the reply; where that is a problem, it is asked once more and told so.
 * @throws EndpointError
 */
export function askForText<T>(
  teacher: Teacher,
  query: string,
  parse: (text: string) => { value: T } | { problem: string },
  options: AskOptions = {},
): Promise<Answer<T>> {
  return guard<T>(query, async () => {
    const messages = [user(query)];
    for (let askCount = 1; ; askCount++) {
      const { choices } = await refusing(teacher.endpoint).chat(
        requestOf(teacher, messages, options),
        callOptions(teacher, options),
      );
      const { text } = choices[0]!;
      const parsed = parse(visible(text));
      if ("value" in parsed) return { query, reply: text, value: parsed.value };
      if (askCount === 2) return { query, reply: text, fault: "parse_error", detail: parsed.problem };
      messages.push({ role: "assistant", content: text }, user(`That does not fit: ${parsed.problem}. Answer again.`));
    }
  });
}

/** The same endpoint; a reply that its filter cut off is a refusal, which asking again would not change. */
function refusing(endpoint: Endpoint): Endpoint {
  return {
    ...endpoint,
    async chat(request, options) {
      const reply = await endpoint.chat(request, options);
      if (reply.choices[0]!.finishReason === "content_filter") throw new RefusedError(`${endpoint.model}: filtered`);
      return reply;
    },
  };
}

/** Without what the model thought aloud before it. */
const visible = (text: string) => text.replace(/^[\s\S]*<\/think>/, "").trim();

const user = (content: string): ChatMessage => ({ role: "user", content });

function requestOf({ maxTokens, temperature }: Teacher, messages: readonly ChatMessage[], { seed }: AskOptions) {
  return {
    messages: [...messages],
    maxTokens,
    ...(temperature !== undefined && { temperature }),
    ...(seed !== undefined && { seed }),
  };
}

const callOptions = ({ timeoutMs }: Teacher, { signal }: AskOptions) => ({
  ...(signal && { signal }),
  ...(timeoutMs !== undefined && { timeoutMs }),
});

async function guard<T>(query: string, ask: () => Promise<Answer<T>>): Promise<Answer<T>> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof StructuredOutputError) {
      return { query, reply: error.text, fault: "parse_error", detail: error.message };
    }
    if (error instanceof RefusedError || error instanceof ContextTooLongError) {
      return { query, reply: "", fault: "refused", detail: error.message };
    }
    throw error;
  }
}
