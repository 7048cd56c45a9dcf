/** The tokenizer of "Sums", and problems in its ids. */
import { closedVocabulary, type Tokenizer } from "../../language/tokenizers/index.ts";
import type { Problem } from "./world/problem.ts";
import { promptTokens } from "./world/teacher.ts";
import { BOS, EOS, PAD, VOCABULARY } from "./world/vocabulary.ts";

/** <think> and <answer> are ordinary tokens: decoding keeps them, because readers cut the text at them. */
export const sumsTokenizer = (): Tokenizer => closedVocabulary(VOCABULARY, { bos: BOS, eos: EOS, pad: PAD });

const idOf = new Map(VOCABULARY.map((token, id) => [token, id]));

/** Ids of tokens of this vocabulary. */
export const tokenIds = (tokens: readonly string[]): number[] => tokens.map((token) => idOf.get(token)!);

/** What the model is given: `<s>17+25+38=`. */
export const promptIds = (problem: Problem): number[] => tokenIds(promptTokens(problem));
