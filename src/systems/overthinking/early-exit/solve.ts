/**
 * Early exit without training: a model thinks until two of its solutions agree, and is stopped there.
 * Source: papers/overthinking section 5 ("early exit"; DEER 2025 stops at a confident trial answer). Ours asks for no
 * log-probabilities and no extra calls: the rule segmenter reads the stream.
 */
import { answersEqual, extractAnswer } from "../../../endpoint/answers/index.ts";
import type { ChatMessage, Endpoint, StreamEvent } from "../../../endpoint/index.ts";
import { splitReasoning } from "../../../language/reasoning-splitter.ts";
import { answerText } from "../traces/marks.ts";
import { watchReasoning } from "./watch.ts";

export interface EarlyExitOptions {
  /** Solutions that must state the same answer; default 2: one, and one that confirms it. */
  agreeing?: number;
  /**
   * `agreed` (default): the answer is what the solutions agree on, and nothing more is generated.
   * `model`: the model writes its final answer after the reasoning that was cut; wants an endpoint that can continue
   * a prefill.
   */
  finish?: "agreed" | "model";
  maxTokens?: number;
  temperature?: number;
  seed?: number;
  /** Text as it comes. */
  onText?(piece: { kind: "reasoning" | "text"; text: string }): void;
  signal?: AbortSignal;
}

export type EarlyExitReply = {
  answer: string | null;
  /** Whether the stream was left before its end. */
  stoppedEarly: boolean;
  reasoning: string;
  /** What stands after the reasoning: the model's own, or nothing where it was stopped. */
  text: string;
  /** As the rule segmenter counts them. */
  solutionCount: number;
  /** Pieces of the stream, which are tokens for most servers; with `finish: "model"` those of the end as well. */
  tokenCount: number;
};

/** @throws EndpointError as the endpoint; UnsupportedError for `finish: "model"` where there is no prefill */
export async function solveEarly(
  endpoint: Endpoint,
  messages: readonly ChatMessage[],
  options: EarlyExitOptions = {},
): Promise<EarlyExitReply> {
  const { agreeing = 2, finish = "agreed", maxTokens, temperature, seed, onText, signal } = options;
  const request = {
    messages,
    ...(maxTokens !== undefined && { maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(seed !== undefined && { seed }),
  };
  const call = signal ? { signal } : {};
  const watcher = watchReasoning();
  const said = { text: "", tokenCount: 0, answers: [] as string[] };
  let agreed: string | null = null;

  stream: for await (const pieces of reasoningAndText(endpoint.streamChat(request, call))) {
    said.tokenCount++;
    for (const piece of pieces) {
      onText?.(piece);
      if (piece.kind === "text") {
        said.text += piece.text;
        continue;
      }
      said.answers = watcher.push(piece.text) ?? said.answers;
      agreed = agreement(said.answers, agreeing);
      if (agreed !== null) break stream; // leaving the loop ends the generation
    }
  }
  const { text: reasoning } = watcher;
  const shared = { reasoning, solutionCount: said.answers.length, stoppedEarly: agreed !== null };
  if (agreed === null) {
    return { ...shared, answer: finalAnswer(said.text), text: said.text.trim(), tokenCount: said.tokenCount };
  }
  if (finish === "agreed") return { ...shared, answer: agreed, text: "", tokenCount: said.tokenCount };
  const prefill = `<think>${reasoning}</think>`;
  const end = await endpoint.chat({ ...request, prefill }, call);
  const { text } = end.choices[0]!;
  onText?.({ kind: "text", text });
  const tokenCount = said.tokenCount + end.usage.completionTokens;
  return { ...shared, answer: finalAnswer(text) ?? agreed, text: text.trim(), tokenCount };
}

/** The answer that so many solutions state; null while there is none. */
export function agreement(answers: readonly string[], agreeing: number): string | null {
  const last = answers.at(-1);
  if (last === undefined) return null;
  const count = answers.filter((answer) => answersEqual(answer, last).equal).length;
  return count >= agreeing ? last : null;
}

const finalAnswer = (text: string): string | null =>
  extractAnswer(answerText(text), { thinking: "all", lastNumber: true })?.text ?? null;

type Piece = { kind: "reasoning" | "text"; text: string };

/** Per event; servers that leave <think> in the text are read like those that do not. */
async function* reasoningAndText(events: AsyncIterable<StreamEvent>): AsyncGenerator<Piece[]> {
  const splitter = splitReasoning(false);
  for await (const event of events) {
    if (event.type === "reply") {
      const rest = splitter.end();
      if (rest.length > 0) yield rest;
      return;
    }
    const pieces: Piece[] = event.reasoning ? [{ kind: "reasoning", text: event.reasoning }] : [];
    yield [...pieces, ...(event.text ? splitter.push(event.text) : [])];
  }
}
