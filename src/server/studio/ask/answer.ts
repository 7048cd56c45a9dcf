/**
 * One answer as it is written: thinking apart from the reply, and after each solution how settled its answer is.
 * It counts as settled when two solutions after one another agree, as in early exit (papers/overthinking section 5).
 */
import { extractAnswer } from "../../../endpoint/answers/index.ts";
import type { ChatMessage, Endpoint, StreamEvent } from "../../../endpoint/endpoint.ts";
import { UnsupportedError } from "../../../endpoint/errors.ts";
import { splitByTags } from "../../../language/tag-splitter.ts";
import { windowConsistency } from "../../../systems/certaindex/index.ts";
import { watchReasoning } from "../../../systems/overthinking/index.ts";
import type { AskLine } from "./contract.ts";

export interface AnswerOptions {
  maxTokens: number;
  temperature: number;
  /** Leave the stream once the answer has settled. */
  stop: boolean;
  signal: AbortSignal;
}

/** Solutions that must say the same. */
const window = 2;

const tags = { "<think>": "thinking", "</think>": "answer", "<answer>": "answer", "</answer>": "answer" } as const;

/** @throws EndpointError as the endpoint */
export async function* answerLines(
  endpoint: Endpoint,
  messages: readonly ChatMessage[],
  options: AnswerOptions,
): AsyncGenerator<AskLine> {
  const began = performance.now();
  const splitter = splitByTags<"thinking" | "answer">("answer", () => tags);
  const watcher = watchReasoning();
  let [tokens, said, settled] = [0, "", undefined as string | undefined];

  function* take(pieces: readonly { kind: "thinking" | "answer"; text: string }[]): Generator<AskLine> {
    for (const { kind, text } of pieces) {
      yield { kind, text, tokens };
      if (kind === "answer") said += text;
      const answers = kind === "thinking" ? watcher.push(text) : null;
      if (!answers || answers.length === 0) continue;
      const value = windowConsistency(answers, window) ?? 0;
      yield { kind: "certainty", tokens, value, answers };
      if (settled === undefined && value === 1) {
        settled = answers.at(-1)!;
        yield { kind: "settled", tokens, answer: settled };
      }
    }
  }
  const end = (how: "whole" | "stopped" | "limit", counted: number): AskLine => {
    const seconds = (performance.now() - began) / 1000;
    const answer =
      how === "stopped" ? settled! : (extractAnswer(said, { thinking: "all", lastNumber: true })?.text ?? null);
    return { kind: "end", answer, tokens: counted, tokensPerSecond: Math.round(counted / seconds), end: how };
  };

  for await (const event of openStream(endpoint, messages, options)) {
    if (event.type === "reply") {
      yield* take(splitter.end());
      const { choices, usage } = event.reply;
      return yield end(choices[0]?.finishReason === "length" ? "limit" : "whole", usage.completionTokens);
    }
    tokens++;
    if (event.reasoning) yield* take([{ kind: "thinking", text: event.reasoning }]);
    if (event.text) yield* take(splitter.push(event.text));
    if (options.stop && settled !== undefined) return yield end("stopped", tokens);
  }
}

/** A model without a chat template only goes on with a text: it gets the last message as it stands. */
async function* openStream(
  endpoint: Endpoint,
  messages: readonly ChatMessage[],
  { maxTokens, temperature, signal }: AnswerOptions,
): AsyncGenerator<StreamEvent> {
  try {
    yield* endpoint.streamChat({ messages, maxTokens, temperature }, { signal });
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    yield* endpoint.streamCompletion({ prompt: String(messages.at(-1)!.content), maxTokens, temperature }, { signal });
  }
}
