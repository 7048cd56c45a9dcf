import type { Tokenizer } from "../tokenizer/tokenizer.ts";

/** What the generator's half needs of a tokenizer. */
export type LatentTokenizer = Pick<Tokenizer, "hash" | "latentDim" | "latentSide" | "encode" | "decode">;
