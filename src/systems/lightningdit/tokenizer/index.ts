/** The tokenizer: trained, opened, saved. */
export { loadTokenizer, openTokenizer, saveTokenizer, type Tokenizer } from "./tokenizer.ts";
export { type TokenizerContext, type TokenizerInputs, trainTokenizer } from "./train.ts";
