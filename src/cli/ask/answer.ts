/** One answer of any endpoint, told apart into thinking and answer while it comes. */
import type { ChatMessage, Endpoint, StreamEvent } from "../../endpoint/endpoint.ts";
import { UnsupportedError } from "../../endpoint/errors.ts";
import { type Piece, splitThinking } from "./think-splitter.ts";
import type { Voice } from "./voice.ts";

export interface Sampling {
  maxTokens: number;
  /** Default: the endpoint's. */
  temperature?: number | undefined;
  seed?: number | undefined;
}

export interface Answer {
  answer: string;
  thinking: string;
  tokens: number;
  tokensPerSecond: number;
  /** False when the token limit cut it. */
  finished: boolean;
  model: string;
}

/**
 * Lets the model answer a conversation while `voice` says it. A model without a chat template only goes on with a
 * text: it gets the last message as it stands.
 */
export async function answerChat(
  endpoint: Endpoint,
  messages: readonly ChatMessage[],
  { voice, signal, ...sampling }: Sampling & { voice: Voice; signal: AbortSignal },
): Promise<Answer> {
  const began = performance.now();
  const said = { thinking: "", answer: "" };
  const say = (pieces: Piece[]) => {
    for (const piece of pieces) {
      said[piece.kind] += piece.text;
      voice.say(piece);
    }
  };
  const splitter = splitThinking();
  for await (const event of openStream(endpoint, messages, sampling, signal)) {
    if (event.type === "delta") {
      if (event.reasoning) say([{ kind: "thinking", text: event.reasoning }]);
      if (event.text) say(splitter.push(event.text));
      continue;
    }
    say(splitter.end());
    const { model, choices, usage } = event.reply;
    return {
      answer: said.answer.trim(),
      thinking: said.thinking.trim(),
      tokens: usage.completionTokens,
      tokensPerSecond: Math.round(usage.completionTokens / ((performance.now() - began) / 1000)),
      finished: choices[0]!.finishReason !== "length",
      model,
    };
  }
  throw new Error("the endpoint's stream ended without its reply");
}

async function* openStream(
  endpoint: Endpoint,
  messages: readonly ChatMessage[],
  sampling: Sampling,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent> {
  const given = Object.fromEntries(Object.entries(sampling).filter(([, value]) => value !== undefined));
  try {
    yield* endpoint.streamChat({ messages, ...given }, { signal });
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    yield* endpoint.streamCompletion({ prompt: String(messages.at(-1)!.content), ...given }, { signal });
  }
}
