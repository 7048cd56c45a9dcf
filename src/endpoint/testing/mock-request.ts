/** A request as the mock's scripts see it. */
import { createHash } from "node:crypto";
import { z } from "zod";

const ChatMessage = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))]),
  prefix: z.boolean().optional(),
});

export type MockBody = z.output<typeof MockBody>;
export const MockBody = z.looseObject({
  model: z.string(),
  messages: z.array(ChatMessage).min(1).optional(),
  prompt: z.string().optional(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  n: z.int().min(1).max(128).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  logprobs: z.union([z.boolean(), z.int().min(0)]).nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  seed: z.int().nullish(),
  priority: z.unknown().optional(),
  response_format: z.looseObject({ type: z.string() }).nullish(),
  continue_final_message: z.boolean().nullish(),
  add_generation_prompt: z.boolean().nullish(),
});

export interface MockRequest {
  kind: "chat" | "completion";
  body: MockBody;
  headers: Record<string, string | string[] | undefined>;
  /** The text of the last message that is not a prefill, or the prompt. */
  prompt: string;
  /** The begun answer, when the mock was told to know the dialect it came in. */
  prefill: string | undefined;
  /** Which of the `n` choices is wanted. */
  choice: number;
  /** Names the content: equal for the same request, streamed or not. */
  key: string;
  /** How often this content came, from 1. */
  attempt: number;
  /** Fires when the client goes away. */
  signal: AbortSignal;
}

/** Names a request by its content. */
export function requestKey({ stream: _, stream_options: __, ...body }: MockBody): string {
  return createHash("sha256").update(JSON.stringify(body)).digest("hex").slice(0, 16);
}

export function textOf(content: string | readonly { text?: string }[]): string {
  return typeof content === "string" ? content : content.map(({ text = "" }) => text).join("");
}
