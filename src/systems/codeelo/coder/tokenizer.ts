/** The tokenizer of the coder, and its tokens as ids. */
import { closedVocabulary, type Tokenizer } from "../../../language/tokenizers/index.ts";
import type { TokenExample } from "../../../language/train/index.ts";
import { programTokens, statementTokens, type Task } from "./task.ts";
import { BOS, EOS, PAD, VOCABULARY } from "./vocabulary.ts";

export const coderTokenizer = (): Tokenizer => closedVocabulary(VOCABULARY, { bos: BOS, eos: EOS, pad: PAD });

const idOf = new Map(VOCABULARY.map((token, id) => [token, id]));

/** Ids of tokens of this vocabulary. */
export const tokenIds = (tokens: readonly string[]): number[] => tokens.map((token) => idOf.get(token)!);

/** What the model reads of a task. */
export const promptIds = (task: Task): number[] => tokenIds([BOS, ...statementTokens(task)]);

/** A pair of statement and program; the program is learned. */
export function exampleOf(task: Task): TokenExample {
  const prompt = promptIds(task);
  const program = tokenIds([...programTokens(task), EOS]);
  return { tokens: [...prompt, ...program], trained: [...prompt.map(() => false), ...program.map(() => true)] };
}
