/**
 * What the trained verifier reads: response and reference between tags, a question, and the end of the text, whose score
 * is the verdict. Source: spec section 2.2; the words are ours.
 */
import { DataError } from "../../../core/errors.ts";
import type { Tokenizer } from "../../../language/tokenizers/index.ts";
import { fill } from "../prompts/prompts.ts";

export const defaultInput =
  "<response>\n{{response}}\n</response>\n<reference>\n{{reference}}\n</reference>\nSame answer, True or False?";

/** @throws DataError where the text is longer than `maxLength`: a verdict on half a text would be none */
export function verifierTokens(
  tokenizer: Tokenizer,
  template: string,
  { response, reference }: { response: string; reference: string },
  maxLength: number,
): number[] {
  const tokens = tokenizer.encode(fill(template, { response, reference }));
  if (tokenizer.eosId !== undefined) tokens.push(tokenizer.eosId);
  if (tokens.length <= maxLength) return tokens;
  throw new DataError(`response: ${tokens.length} tokens with its reference, the verifier reads ${maxLength}`, {
    hint: "Give the final response alone, without the thinking.",
  });
}
