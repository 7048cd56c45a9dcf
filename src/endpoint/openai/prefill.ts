/**
 * Continuing an answer that the caller has begun. There is no standard for it; servers know one of
 *   continue_final_message  vLLM, SGLang and `polymath serve`: two fields beside the messages
 *   prefix                  DeepSeek (beta) and Mistral: a field of the last message
 *   assistant               llama.cpp and Anthropic's models behind gateways: a last message of the assistant is continued
 *   completions             everywhere with /completions and a known chat template: the text is rendered here
 */
import type { ChatMessage, ChatRequest, CompletionRequest } from "../endpoint.ts";
import { UnsupportedError } from "../errors.ts";
import type { ChatDialect } from "./request.ts";

export type PrefillDialect = ChatDialect | "completions" | "none";

/** The prompt of a conversation up to where the assistant's answer begins. */
export type RenderChat = (messages: readonly ChatMessage[]) => string;

/** @throws UnsupportedError without a template */
export function asCompletion(request: ChatRequest, renderChat: RenderChat | undefined, url: string): CompletionRequest {
  const { messages, prefill = "", ...rest } = request;
  if (!renderChat) {
    throw new UnsupportedError(`${url}: a prefill through /completions needs the model's chat template`, {
      hint: "Give `renderChat`, e.g. from the model's tokenizer_config.json.",
    });
  }
  return { ...rest, prompt: renderChat(messages) + prefill };
}
