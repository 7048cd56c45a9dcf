/** What every tokenizer does, whatever its vocabulary: text to ids and back. */

export interface Tokenizer {
  /** One past the highest id: the number of rows an embedding needs. */
  readonly vocabSize: number;
  readonly bosId: number | undefined;
  readonly eosId: number | undefined;
  readonly padId: number | undefined;
  /** Ids that end an answer: `eosId`, and for some chat models others besides. */
  readonly stopIds: readonly number[];

  /**
   * Special tokens that are written out in `text`, such as "<|im_end|>", become their ids.
   * @param options.special also put what the model expects around a text, such as bos; default false, because chat
   * templates write these themselves
   * @throws DataError when the vocabulary cannot spell `text`
   */
  encode(text: string, options?: { special?: boolean }): number[];

  /**
   * @param options.skipSpecial leave out special tokens; default false
   * @throws DataError for an id outside the vocabulary
   */
  decode(ids: ArrayLike<number>, options?: { skipSpecial?: boolean }): string;

  /** The id of a token by its spelling in the vocabulary, e.g. "<think>". */
  tokenId(token: string): number | undefined;
  /** The spelling in the vocabulary, which for byte-level tokens is not the text: "Ġthe" is " the". */
  token(id: number): string | undefined;
  /** True for ids that `skipSpecial` leaves out. */
  isSpecial(id: number): boolean;

  /** Writes the files that `loadTokenizer` and Hugging Face's libraries read: tokenizer.json and its companions. */
  save(folder: string): Promise<void>;
}
