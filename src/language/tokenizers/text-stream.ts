/**
 * Turns ids into text as they are generated. A character may span several tokens, so text is held back while its
 * last character is incomplete; the pieces put together are exactly what decoding all ids at once gives.
 */
import type { Tokenizer } from "./tokenizer.ts";

export interface TextStream {
  /** @returns the text that became certain, often one word, sometimes "" */
  push(id: number): string;
  /** @returns what was held back; an incomplete character becomes U+FFFD */
  end(): string;
}

/** Ids kept as context once their text is out: more bytes than an incomplete character can have (3). */
const CONTEXT_IDS = 4;

/** @param options.skipSpecial leave out special tokens; default true, because people read this text */
export function streamText(tokenizer: Tokenizer, { skipSpecial = true } = {}): TextStream {
  let ids: number[] = []; // the latest ids, from which the text to come is decoded
  let sent = 0; // how many characters of their text are out already
  const certainLength = (text: string) => (text.endsWith("\ufffd") ? text.length - 1 : text.length);
  const take = (text: string, until: number) => {
    const piece = text.slice(sent, until);
    sent = Math.max(sent, until);
    return piece;
  };
  return {
    push(id) {
      if (skipSpecial && tokenizer.isSpecial(id)) return "";
      ids.push(id);
      const text = tokenizer.decode(ids);
      const piece = take(text, certainLength(text));
      if (ids.length > 4 * CONTEXT_IDS) {
        ids = ids.slice(-CONTEXT_IDS);
        sent = certainLength(tokenizer.decode(ids));
      }
      return piece;
    },
    end() {
      const text = tokenizer.decode(ids);
      const rest = take(text, text.length);
      ids = [];
      sent = 0;
      return rest;
    },
  };
}
