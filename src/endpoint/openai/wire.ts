/**
 * What OpenAI-compatible servers send: the fields we read, and no complaint about others. Servers leave out or null
 * much that the reference promises, so everything a reply can do without is optional.
 */
import { z } from "zod";

const ChatLogprobs = z.looseObject({
  content: z
    .array(
      z.looseObject({
        token: z.string(),
        logprob: z.number(),
        top_logprobs: z.array(z.looseObject({ token: z.string(), logprob: z.number() })).nullish(),
      }),
    )
    .nullish(),
});

/** The older form: parallel lists. */
const CompletionLogprobs = z.looseObject({
  tokens: z.array(z.string()).nullish(),
  token_logprobs: z.array(z.number().nullable()).nullish(),
  top_logprobs: z.array(z.record(z.string(), z.number()).nullable()).nullish(),
});

export type WireUsage = z.output<typeof WireUsage>;
export const WireUsage = z.looseObject({
  prompt_tokens: z.number(),
  completion_tokens: z.number().nullish(),
  prompt_tokens_details: z.looseObject({ cached_tokens: z.number().nullish() }).nullish(),
  completion_tokens_details: z.looseObject({ reasoning_tokens: z.number().nullish() }).nullish(),
  prompt_cache_hit_tokens: z.number().nullish(), // DeepSeek's name for cached tokens
});

/** `reasoning_content` is DeepSeek's, vLLM's and llama.cpp's name; `reasoning` is OpenRouter's, Ollama's and newer vLLM's. */
const Message = z.looseObject({
  content: z.string().nullish(),
  refusal: z.string().nullish(),
  reasoning_content: z.string().nullish(),
  reasoning: z.string().nullish(),
});

const choiceFields = {
  index: z.number().nullish(),
  finish_reason: z.string().nullish(),
  stop_reason: z.union([z.string(), z.number()]).nullish(), // vLLM: the stop text, or the id of a stop token
};

export type WireChoice = z.output<typeof WireChoice>;
/** A choice of all four kinds of reply: chat or completion, whole or a chunk. */
export const WireChoice = z.looseObject({
  ...choiceFields,
  message: Message.nullish(),
  delta: Message.nullish(),
  text: z.string().nullish(),
  logprobs: z.union([ChatLogprobs, CompletionLogprobs]).nullish(),
});

export type WireReply = z.output<typeof WireReply>;
export const WireReply = z.looseObject({
  model: z.string().nullish(),
  choices: z.array(WireChoice),
  usage: WireUsage.nullish(),
});

export const WireModels = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })) });

/** `{"error": {"message": ...}}`, `{"error": "..."}` or, from FastAPI, `{"detail": ...}` and `{"message": ...}`. */
export const WireError = z.looseObject({
  message: z.string().nullish(),
  code: z.union([z.string(), z.number()]).nullish(),
  type: z.string().nullish(),
  param: z.string().nullish(),
});
