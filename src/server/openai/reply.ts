/** Replies of an endpoint as OpenAI's objects: whole answers and the chunks of a stream, of chats and completions. */
import { randomUUID } from "node:crypto";
import type { Choice, Reply, StreamDelta, Usage } from "../../endpoint/endpoint.ts";
import { chatLogprobs, completionLogprobs } from "./logprobs.ts";
import type { Order } from "./request.ts";

/** What all chunks of one answer have in common. */
export interface Head {
  id: string;
  object: string;
  created: number;
  model: string;
}

export function createHead({ kind, isStream }: Order, model: string): Head {
  const id = randomUUID().replaceAll("-", "");
  const created = Math.floor(Date.now() / 1000);
  if (kind === "completion") return { id: `cmpl-${id}`, object: "text_completion", created, model };
  return { id: `chatcmpl-${id}`, object: isStream ? "chat.completion.chunk" : "chat.completion", created, model };
}

/** @param replies one per prompt; their choices follow each other */
export function wholeReply(head: Head, order: Order, replies: readonly Reply[]) {
  const choices = replies.flatMap((reply, prompt) =>
    reply.choices.map((choice, index) => wholeChoice(order, prompt, prompt * order.n + index, choice)),
  );
  return { ...head, choices, usage: wireUsage(replies.map(({ usage }) => usage)) };
}

function wholeChoice(order: Order, prompt: number, index: number, choice: Choice) {
  const { text, reasoning, logprobs } = choice;
  const end = { index, ...endOf(choice) };
  if (order.kind === "chat") {
    const message = {
      role: "assistant",
      content: text,
      ...(reasoning && { reasoning_content: reasoning }),
      refusal: null,
    };
    return { ...end, message, logprobs: logprobs ? chatLogprobs(logprobs) : null };
  }
  const echoed = echoOf(order, prompt) + text;
  return { ...end, text: echoed, logprobs: logprobs ? completionLogprobs(logprobs, 0) : null };
}

/** `stop_reason` is vLLM's: the stop text that was met. */
function endOf({ finishReason, stopText }: Choice) {
  return { finish_reason: finishReason, ...(stopText !== undefined && { stop_reason: stopText }) };
}

function echoOf({ echo, requests }: Order, prompt: number): string {
  const request = requests[prompt]!;
  return echo && "prompt" in request ? request.prompt : "";
}

export function wireUsage(usages: readonly Usage[]) {
  const sum = (read: (usage: Usage) => number | undefined) =>
    usages.reduce((total, usage) => total + (read(usage) ?? 0), 0);
  const prompt = sum(({ promptTokens }) => promptTokens);
  const completion = sum(({ completionTokens }) => completionTokens);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: sum(({ cachedTokens }) => cachedTokens) },
    completion_tokens_details: { reasoning_tokens: sum(({ reasoningTokens }) => reasoningTokens) },
  };
}

/** Turns the events of one answer into chunks, in order. */
export interface Chunker {
  /** What a piece of choice `index` of a prompt adds. */
  delta(prompt: number, delta: StreamDelta): object[];
  /** The ends of a prompt's choices. */
  finish(prompt: number, reply: Reply): object[];
  /** The last chunk, when the client asked for usage. */
  usage(usages: readonly Usage[]): object;
}

export function createChunker(head: Head, order: Order): Chunker {
  const isChat = order.kind === "chat";
  const begun: number[] = []; // by choice: characters sent; absent before its first chunk
  // With include_usage every chunk has the field; it is null in all but the last.
  const chunk = (choice: object) => ({ ...head, choices: [choice], ...(order.includeUsage && { usage: null }) });
  const open = (prompt: number, index: number): object[] => {
    if (begun[index] !== undefined) return [];
    begun[index] = 0;
    if (isChat)
      return [chunk({ index, delta: { role: "assistant", content: "" }, logprobs: null, finish_reason: null })];
    const text = echoOf(order, prompt);
    return text ? [chunk({ index, text, logprobs: null, finish_reason: null })] : [];
  };
  return {
    delta(prompt, { index: choice, text, reasoning, logprobs }) {
      const index = prompt * order.n + choice;
      const first = open(prompt, index);
      const scored = logprobs?.length ? logprobs : undefined;
      if (isChat) {
        const delta = { ...(reasoning && { reasoning_content: reasoning }), ...(text && { content: text }) };
        const content = { index, delta, logprobs: scored ? chatLogprobs(scored) : null, finish_reason: null };
        return [...first, chunk(content)];
      }
      const offset = begun[index]!;
      begun[index] = offset + (text?.length ?? 0);
      const content = { index, text: text ?? "", logprobs: scored ? completionLogprobs(scored, offset) : null };
      return [...first, chunk({ ...content, finish_reason: null })];
    },
    finish(prompt, { choices }) {
      return choices.flatMap((choice, ordinal) => {
        const index = prompt * order.n + ordinal;
        const rest = isChat ? { delta: {} } : { text: "" };
        return [...open(prompt, index), chunk({ index, ...rest, logprobs: null, ...endOf(choice) })];
      });
    },
    usage: (usages) => ({ ...head, choices: [], usage: wireUsage(usages) }),
  };
}
