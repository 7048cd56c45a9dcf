/**
 * A tokenizer by its Hugging Face files, through @huggingface/tokenizers: byte-level BPE (GPT-2, Qwen2, Llama 3),
 * Metaspace BPE with byte fallback (Llama 2), WordPiece, Unigram.
 * Differs from transformers in one way: `decode` never cleans up spaces ("Hello ." stays), because ids must lead
 * back to the very text they came from.
 */
import { Tokenizer as Engine } from "@huggingface/tokenizers";
import { DataError } from "../../core/errors.ts";
import { saveFiles, type TokenizerFiles } from "./files.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** The roles that tokenizer_config.json, config.json and generation_config.json give to tokens. */
export interface TokenRoles {
  bosId?: number;
  eosId?: number;
  padId?: number;
  stopIds?: readonly number[];
}

export class HuggingFaceTokenizer implements Tokenizer {
  readonly vocabSize: number;
  readonly bosId: number | undefined;
  readonly eosId: number | undefined;
  readonly padId: number | undefined;
  readonly stopIds: readonly number[];
  readonly #engine: Engine;
  readonly #files: TokenizerFiles;
  readonly #specialIds = new Set<number>();

  /**
   * @param json the parsed tokenizer.json
   * @param files what `save` writes
   * @throws DataError when the file asks for a part that @huggingface/tokenizers does not have
   */
  constructor(json: any, files: TokenizerFiles, roles: TokenRoles, place = "tokenizer.json") {
    // The library reads these keys without asking whether they are there; Hugging Face's own files may lack them.
    const defaults = { added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
    try {
      this.#engine = new Engine({ ...defaults, ...json }, { clean_up_tokenization_spaces: false });
    } catch (cause) {
      throw new DataError(`${place}: ${(cause as Error).message}`, {
        hint: "The file is damaged, or uses a part that @huggingface/tokenizers does not know.",
        cause,
      });
    }
    keepByteOrderMarks(this.#engine.decoder);
    this.#files = files;
    let highestId = -1;
    for (const id of this.#engine.get_vocab().values()) highestId = Math.max(highestId, id);
    this.vocabSize = highestId + 1;
    for (const [id, { special }] of this.#engine.get_added_tokens_decoder()) if (special) this.#specialIds.add(id);
    this.bosId = roles.bosId;
    this.eosId = roles.eosId;
    this.padId = roles.padId;
    this.stopIds = roles.stopIds ?? (roles.eosId === undefined ? [] : [roles.eosId]);
  }

  encode(text: string, { special = false } = {}): number[] {
    if (text === "" && !special) return [];
    const { ids, tokens } = this.#engine.encode(text, { add_special_tokens: special });
    const unknown = ids.indexOf(undefined);
    if (unknown !== -1) {
      throw new DataError(`encode: the vocabulary has no token for ${JSON.stringify(tokens[unknown])}`, {
        hint: "This tokenizer has neither byte fallback nor an unknown token; remove these characters.",
      });
    }
    return ids;
  }

  decode(ids: ArrayLike<number>, { skipSpecial = false } = {}): string {
    const kept: number[] = [];
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      if (this.#engine.id_to_token(id) === undefined) {
        throw new DataError(`decode: id ${id} at place ${i} is outside the vocabulary of ${this.vocabSize}`, {
          hint: "A model may have spare rows past its vocabulary; do not sample them.",
        });
      }
      if (!(skipSpecial && this.#specialIds.has(id))) kept.push(id);
    }
    return kept.length === 0 ? "" : this.#engine.decode(kept);
  }

  tokenId(token: string): number | undefined {
    return this.#engine.token_to_id(token);
  }

  token(id: number): string | undefined {
    return this.#engine.id_to_token(id);
  }

  isSpecial(id: number): boolean {
    return this.#specialIds.has(id);
  }

  async save(folder: string): Promise<void> {
    await saveFiles(folder, this.#files);
  }
}

/** The library's byte fallback drops U+FEFF where a run of byte tokens begins with it; the reference keeps it. */
function keepByteOrderMarks(decoder: any): void {
  for (const part of [decoder, ...(decoder?.decoders ?? [])]) {
    if (part?.text_decoder) part.text_decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  }
}
