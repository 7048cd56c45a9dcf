/**
 * From rows of data to token examples: the response is learned, the prompt is only read.
 * Prompt and response are encoded apart, exactly as at inference, where the prompt ends before the response begins.
 */
import { z } from "zod";
import { DataError } from "../../core/errors.ts";
import type { ChatTemplate, TemplateMessage, Tokenizer } from "../tokenizers/index.ts";
import type { TokenExample } from "./packing.ts";

export const Message = z.looseObject({
  role: z.string().min(1),
  content: z.union([z.string(), z.array(z.unknown()), z.null()]),
});

/** A row of supervised data: a prompt with its response, or a conversation in OpenAI's form. */
export const SftRow = z.union([
  z.object({ prompt: z.string().min(1), response: z.string().min(1) }),
  z.object({ messages: z.array(Message).min(1) }),
]);
export type SftRow = z.output<typeof SftRow>;

export interface EncodeOptions {
  tokenizer: Tokenizer;
  /** Writes conversations as text; needed for rows with `messages`. */
  template?: ChatTemplate;
  /** Where the row is from, for messages; default "row". */
  place?: string;
}

/**
 * Of a conversation every assistant turn is learned, up to and with the token that ends it.
 * A plain response is closed by the tokenizer's eos, if it has one.
 * @throws DataError naming `place`, when there is no template, nothing to learn, or the template rewrites earlier turns
 */
export function encodeExample(row: SftRow, { tokenizer, template, place = "row" }: EncodeOptions): TokenExample {
  if ("prompt" in row) {
    const prompt = tokenizer.encode(row.prompt, { special: true });
    const response = tokenizer.encode(row.response);
    const { eosId } = tokenizer;
    if (eosId !== undefined && response.at(-1) !== eosId) response.push(eosId);
    return joinSpans([
      { tokens: prompt, trained: 0 },
      { tokens: response, trained: response.length },
    ]);
  }
  return encodeConversation(row.messages as TemplateMessage[], { tokenizer, template, place });
}

/**
 * A conversation whose assistant turns from message `learnFrom` on are learned (default all); earlier ones are read.
 * @throws DataError as `encodeExample`
 */
export function encodeConversation(
  messages: readonly TemplateMessage[],
  { tokenizer, template, place = "row", learnFrom = 0 }: EncodeOptions & { learnFrom?: number },
): TokenExample {
  if (!template) {
    throw new DataError(`${place}: messages: this model has no chat template`, {
      hint: "Use rows whose prompt and response are plain text, or a tokenizer with a chat template.",
    });
  }
  return joinSpans(conversationSpans(messages, template, tokenizer, { place, learnFrom }));
}

/** Tokens of which the first `trained` are learned. */
interface Span {
  tokens: number[];
  trained: number;
}

function conversationSpans(
  messages: readonly TemplateMessage[],
  template: ChatTemplate,
  tokenizer: Tokenizer,
  { place, learnFrom }: { place: string; learnFrom: number },
): Span[] {
  const spans: Span[] = [];
  let written = "";
  const spanTo = (text: string): number[] => {
    if (!text.startsWith(written)) {
      throw new DataError(`${place}: messages: the chat template changes earlier turns once later ones are there`, {
        hint: "Write each assistant turn as a conversation of its own that ends with it.",
      });
    }
    const tokens = tokenizer.encode(text.slice(written.length));
    written = text;
    return tokens;
  };
  for (const [index, message] of messages.entries()) {
    if (message.role !== "assistant" || index < learnFrom) continue;
    const before = spanTo(template.render(messages.slice(0, index), { addGenerationPrompt: true }));
    const turn = spanTo(template.render(messages.slice(0, index + 1)));
    const end = turn.findLastIndex((id) => tokenizer.stopIds.includes(id)); // a line break may follow it
    spans.push({ tokens: before, trained: 0 }, { tokens: turn, trained: end === -1 ? turn.length : end + 1 });
  }
  if (spans.length > 0) return spans;
  throw new DataError(`${place}: messages: no turn of role "assistant"`, {
    hint: "There is nothing to learn; add a reply.",
  });
}

function joinSpans(spans: readonly Span[]): TokenExample {
  return {
    tokens: spans.flatMap(({ tokens }) => tokens),
    trained: spans.flatMap(({ tokens, trained }) => tokens.map((_, index) => index < trained)),
  };
}
