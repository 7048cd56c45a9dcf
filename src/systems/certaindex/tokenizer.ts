/** The tokenizer of "digit chains", and its tokens as ids. */
import { closedVocabulary, type Tokenizer } from "../../language/tokenizers/index.ts";
import { BOS, EOS, PAD, VOCABULARY } from "./world/vocabulary.ts";

/** <think>, <fast> and <check> are ordinary tokens: readers cut the text at them. */
export const chainsTokenizer = (): Tokenizer => closedVocabulary(VOCABULARY, { bos: BOS, eos: EOS, pad: PAD });

const idOf = new Map(VOCABULARY.map((token, id) => [token, id]));

/** Ids of tokens of this vocabulary. */
export const tokenIds = (tokens: readonly string[]): number[] => tokens.map((token) => idOf.get(token)!);
