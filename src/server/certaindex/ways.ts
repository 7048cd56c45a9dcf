/**
 * The ways to probe: how this server can be asked to go on from the middle of a chain, and how the chain's prompt reads
 * as text. Which of them works is found out by the self-test.
 *   template     a chat's messages are rendered by the model's own template, and /completions goes on after them
 *   completions  the client's request is a completion: its prompt is text already
 *   the others   the chat goes on with a begun answer, in the dialect that the server knows
 */
import { WireReply } from "../../endpoint/openai/wire.ts";
import type { ChatTemplate, TemplateMessage } from "../../language/index.ts";
import type { AskPiece, AskProbe, ProbePiece, ProbeSettings } from "../../systems/certaindex/index.ts";
import type { Upstream } from "./upstream.ts";

export type ProbeWay = "template" | "completions" | "continue_final_message" | "prefix" | "assistant";

type Body = Readonly<Record<string, unknown>>;

export interface AskOptions {
  upstream: Upstream;
  way: ProbeWay;
  /** The client's request. */
  body: Body;
  /** Its prompt as text, for the ways that need one. */
  prompt: string;
  headers: Record<string, string | string[] | undefined>;
  settings: ProbeSettings;
  signal: AbortSignal;
  timeoutMs: number;
  /** The policy goes by the probability of the trial answer. */
  wantsLogprobs: boolean;
  /** Called for each call's answer with the tokens that the server read for it. */
  onPrompt(promptTokens: number): void;
}

/**
 * Asks on after `begun`, what the chain has written so far; not streamed.
 * @throws Error for an answer that is none, a status, a time-out: the caller counts it as an uncertain probe
 */
export function createAsk(options: AskOptions, begun: string): AskProbe {
  const { upstream, way, body, settings, signal, timeoutMs, wantsLogprobs, onPrompt } = options;
  return async ({ suffix, maxTokens, stop }: AskPiece): Promise<ProbePiece> => {
    const isCompletion = way === "template" || way === "completions";
    const asked = {
      model: body.model,
      ...(isCompletion ? { prompt: options.prompt + begun + suffix } : continued(body, way, begun + suffix)),
      max_tokens: maxTokens,
      temperature: settings.temperature,
      top_p: settings.topP,
      stop,
      ...(body.priority !== undefined && { priority: body.priority }),
      ...(wantsLogprobs && (isCompletion ? { logprobs: 1 } : { logprobs: true })),
    };
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const response = await upstream.send({
      method: "POST",
      path: isCompletion ? "/completions" : "/chat/completions",
      headers: { ...options.headers, accept: "application/json" },
      body: JSON.stringify(asked),
      signal: limit,
    });
    const text = Buffer.concat(await Array.fromAsync<Buffer>(response)).toString("utf8");
    if (response.statusCode !== 200) throw new Error(describeRefusal(response.statusCode!, text));
    const reply = WireReply.parse(JSON.parse(text));
    const choice = reply.choices[0];
    if (!choice) throw new Error("the server's answer has no choices");
    if (reply.usage) onPrompt(reply.usage.prompt_tokens);
    const said =
      choice.text ??
      `${choice.message?.reasoning_content ?? choice.message?.reasoning ?? ""}${choice.message?.content ?? ""}`;
    const scores = choice.logprobs as
      | { content?: { logprob: number }[] | null; token_logprobs?: (number | null)[] | null }
      | null
      | undefined;
    return {
      text: said,
      finishReason: choice.finish_reason ?? "stop",
      stopText:
        choice.stop_reason === undefined
          ? undefined
          : typeof choice.stop_reason === "string"
            ? choice.stop_reason
            : null,
      tokens: reply.usage?.completion_tokens ?? Math.ceil(said.length / 4),
      logprobs:
        scores?.content?.map(({ logprob }) => logprob) ??
        scores?.token_logprobs?.filter((score) => score !== null) ??
        undefined,
    };
  };
}

/** Without the server's own words, in which it may repeat a key. */
function describeRefusal(status: number, text: string): string {
  const code = /"code":\s*"([\w-]{1,60})"/.exec(text)?.[1];
  return `the server answered ${status}${code ? ` (${code})` : ""}`;
}

function continued({ messages, chat_template_kwargs }: Body, way: ProbeWay, text: string): object {
  const begun = { role: "assistant", content: text, ...(way === "prefix" && { prefix: true }) };
  return {
    messages: [...(messages as object[]), begun],
    ...(chat_template_kwargs !== undefined && { chat_template_kwargs }),
    ...(way === "continue_final_message" && { continue_final_message: true, add_generation_prompt: false }),
  };
}

/**
 * A chat as the text that the model goes on from.
 * @throws DataError when the template refuses the messages; Error for parts that are no text
 */
export function renderPrompt({ messages, chat_template_kwargs }: Body, template: ChatTemplate): string {
  const plain = (messages as TemplateMessage[]).map((message) => ({
    ...message,
    role: message.role === "developer" ? "system" : message.role,
    content: textOf(message.content),
  }));
  const variables = chat_template_kwargs as Record<string, unknown> | undefined;
  return template.render(plain, { addGenerationPrompt: true, ...(variables && { variables }) });
}

/** @throws Error for parts that are no text */
function textOf(content: TemplateMessage["content"]): string {
  if (typeof content === "string") return content;
  const parts = (content ?? []) as readonly { type?: string; text?: string }[];
  return parts
    .map(({ type, text }) => {
      if (type === "text" && text !== undefined) return text;
      throw new Error(`a message has a part of type ${type}, of which the template knows nothing`);
    })
    .join("");
}
