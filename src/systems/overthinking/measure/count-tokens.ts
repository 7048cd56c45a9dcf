/** Token counts by any tokenizer.json, or by words. */
import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { DataError } from "../../../core/errors.ts";
import { loadTokenizer } from "../../../language/tokenizers/index.ts";

export interface TokenCounter {
  /** As the report names it. */
  readonly name: string;
  /** The counts are not those of a model: words stand for tokens. */
  readonly approximate: boolean;
  count(text: string): number;
}

/** Runs of characters between blanks: a rough measure that needs no file. */
export const whitespaceCounter: TokenCounter = { name: "whitespace", approximate: true, count: countWords };

export function countWords(text: string): number {
  let count = 0;
  let inWord = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // The blanks of Unicode; letters, by far the most, leave at the first comparison.
    const isBlank = code <= 32 || (code >= 0xa0 && /\s/u.test(text[at]!));
    if (!isBlank && !inWord) count++;
    inWord = !isBlank;
  }
  return count;
}

/**
 * @param choice "whitespace", a tokenizer.json, or the folder that holds one; special tokens are not added
 * @throws DataError when there is no such file, or it is damaged
 */
export async function openCounter(choice: string): Promise<TokenCounter> {
  if (choice === "whitespace") return whitespaceCounter;
  const found = await stat(choice).catch(() => undefined);
  if (!found) {
    throw new DataError(`${choice}: no such tokenizer`, {
      hint: 'Give a model\'s folder, its tokenizer.json, or "whitespace" for a rough count.',
    });
  }
  if (found.isFile() && basename(choice) !== "tokenizer.json") {
    throw new DataError(`${choice}: expected a file named tokenizer.json`, {
      hint: "Older tokenizers (vocab.json, tokenizer.model) are converted by transformers.",
    });
  }
  const tokenizer = await loadTokenizer(found.isFile() ? dirname(choice) : choice);
  return { name: choice, approximate: false, count: (text) => tokenizer.encode(text).length };
}
