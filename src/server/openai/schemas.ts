/**
 * Requests of OpenAI's API as this server reads them: known fields are checked, unknown ones tolerated and handed on.
 * Null means left out, as many clients send it. Fields beyond OpenAI's (top_k, min_p, ...) are named as in vLLM.
 */
import { z } from "zod";

const Part = z.union([
  z.looseObject({ type: z.literal("text"), text: z.string() }),
  z.looseObject({ type: z.literal("image_url"), image_url: z.looseObject({ url: z.string() }) }),
  z.looseObject({ type: z.literal("video_url"), video_url: z.looseObject({ url: z.string() }) }),
  z.looseObject({
    type: z.literal("input_audio"),
    input_audio: z.looseObject({ data: z.string(), format: z.enum(["wav", "mp3"]) }),
  }),
]);

export const WireMessage = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool"]),
  content: z.union([z.string(), z.array(Part)]).nullish(),
  name: z.string().nullish(),
  /** DeepSeek's and Mistral's mark of a message to be continued. */
  prefix: z.boolean().nullish(),
});

const Stop = z.union([z.string().min(1), z.array(z.string().min(1)).max(64)]);

/** What both kinds of request share. */
const common = {
  model: z.string().nullish(),
  max_tokens: z.int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(-1).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  repetition_penalty: z.number().gt(0).nullish(),
  n: z.int().min(1).max(128).nullish(),
  stop: Stop.nullish(),
  seed: z.int().nullish(),
  priority: z.int().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
};

const ResponseFormat = z.union([
  z.looseObject({ type: z.enum(["text", "json_object"]) }),
  z.looseObject({
    type: z.literal("json_schema"),
    json_schema: z.looseObject({ name: z.string(), schema: z.record(z.string(), z.unknown()) }),
  }),
]);

export type WireChat = z.output<typeof WireChat>;
export const WireChat = z.looseObject({
  ...common,
  messages: z.array(WireMessage).min(1),
  max_completion_tokens: z.int().min(1).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  response_format: ResponseFormat.nullish(),
  continue_final_message: z.boolean().nullish(),
  add_generation_prompt: z.boolean().nullish(),
});

export type WireCompletion = z.output<typeof WireCompletion>;
export const WireCompletion = z.looseObject({
  ...common,
  prompt: z.union([z.string(), z.array(z.string()).min(1).max(128)]),
  /** Here it is the number of alternatives per token. */
  logprobs: z.int().min(0).max(20).nullish(),
  echo: z.boolean().nullish(),
});
