/**
 * A fixed list of tokens that spells every text it is for, and nothing else: for small models on procedural worlds.
 * Text is cut at special tokens, then into the longest token at each place, with no rule about spaces. The same
 * cutting is written to tokenizer.json as a WordLevel model behind a Split on the tokens, longest first, so Hugging
 * Face's libraries give the same ids, and fail as well on a text that the tokens cannot spell.
 */
import { ConfigError, DataError } from "../../core/errors.ts";
import { formatJson, saveFiles, type TokenizerFiles } from "./files.ts";
import type { Tokenizer } from "./tokenizer.ts";

export interface ClosedVocabularyOptions {
  bos?: string;
  eos?: string;
  pad?: string;
  /** Further tokens that `skipSpecial` leaves out. */
  specialTokens?: readonly string[];
}

/**
 * @param tokens the vocabulary; the place in the list is the id
 * @param options names of tokens with a role, each of which must be in `tokens`
 * @throws ConfigError for an empty, repeated or malformed token, or a role given to none of them
 */
export function closedVocabulary(tokens: readonly string[], options: ClosedVocabularyOptions = {}): Tokenizer {
  return new ClosedVocabulary(tokens, options);
}

/** `closedVocabulary` makes one; `loadTokenizer` gives it the files it was read from, which `save` then copies. */
export class ClosedVocabulary implements Tokenizer {
  readonly vocabSize: number;
  readonly bosId: number | undefined;
  readonly eosId: number | undefined;
  readonly padId: number | undefined;
  readonly stopIds: readonly number[];
  readonly #tokens: readonly string[];
  readonly #options: ClosedVocabularyOptions;
  readonly #files: TokenizerFiles | undefined;
  readonly #idOf = new Map<string, number>();
  readonly #specialIds: ReadonlySet<number>;
  readonly #longestSpecial: number;
  readonly #longestOrdinary: number;

  constructor(tokens: readonly string[], options: ClosedVocabularyOptions, files?: TokenizerFiles) {
    for (const [id, token] of tokens.entries()) {
      if (token === "" || !token.isWellFormed()) {
        throw new ConfigError(`closedVocabulary: token ${id} is ${JSON.stringify(token)}: expected whole characters`);
      }
      if (this.#idOf.has(token)) {
        throw new ConfigError(
          `closedVocabulary: ${JSON.stringify(token)} is token ${this.#idOf.get(token)} and ${id}`,
          { hint: "List every token once." },
        );
      }
      this.#idOf.set(token, id);
    }
    this.#tokens = [...tokens];
    this.#options = options;
    this.#files = files;
    this.vocabSize = tokens.length;
    this.bosId = this.#roleId("bos", options.bos);
    this.eosId = this.#roleId("eos", options.eos);
    this.padId = this.#roleId("pad", options.pad);
    this.stopIds = this.eosId === undefined ? [] : [this.eosId];
    const furtherIds = (options.specialTokens ?? []).map((token) => this.#roleId("special", token));
    this.#specialIds = new Set([this.bosId, this.eosId, this.padId, ...furtherIds].filter((id) => id !== undefined));
    this.#longestSpecial = this.#longest((id) => this.#specialIds.has(id));
    this.#longestOrdinary = this.#longest((id) => !this.#specialIds.has(id));
  }

  encode(text: string): number[] {
    const ids: number[] = [];
    let begin = 0; // of the ordinary text since the last special token
    for (let at = 0; at < text.length; ) {
      const specialId = this.#match(text, at, text.length, this.#longestSpecial, true);
      if (specialId === undefined) {
        at++;
        continue;
      }
      this.#encodeOrdinary(text, begin, at, ids);
      ids.push(specialId);
      at += this.#tokens[specialId]!.length;
      begin = at;
    }
    this.#encodeOrdinary(text, begin, text.length, ids);
    return ids;
  }

  decode(ids: ArrayLike<number>, { skipSpecial = false } = {}): string {
    let text = "";
    for (let i = 0; i < ids.length; i++) {
      const token = this.#tokens[ids[i]!];
      if (token === undefined) {
        throw new DataError(`decode: id ${ids[i]} at place ${i} is outside the vocabulary of ${this.vocabSize}`);
      }
      if (!(skipSpecial && this.#specialIds.has(ids[i]!))) text += token;
    }
    return text;
  }

  tokenId(token: string): number | undefined {
    return this.#idOf.get(token);
  }

  token(id: number): string | undefined {
    return this.#tokens[id];
  }

  isSpecial(id: number): boolean {
    return this.#specialIds.has(id);
  }

  async save(folder: string): Promise<void> {
    await saveFiles(folder, this.#files ?? this.#makeFiles());
  }

  #makeFiles(): TokenizerFiles {
    const { bos, eos, pad } = this.#options;
    const config = {
      tokenizer_class: "PreTrainedTokenizerFast",
      clean_up_tokenization_spaces: false,
      bos_token: bos,
      eos_token: eos,
      pad_token: pad,
    };
    return new Map([
      ["tokenizer.json", formatJson(tokenizerJson(this.#tokens, this.#specialIds))],
      ["tokenizer_config.json", formatJson(config)],
    ]);
  }

  #roleId(role: string, token: string | undefined): number | undefined {
    if (token === undefined) return undefined;
    const id = this.#idOf.get(token);
    if (id !== undefined) return id;
    throw new ConfigError(`closedVocabulary: ${role} token ${JSON.stringify(token)} is not in the vocabulary`, {
      hint: "Add it to the list of tokens.",
    });
  }

  #longest(counts: (id: number) => boolean): number {
    return this.#tokens.reduce((longest, token, id) => (counts(id) ? Math.max(longest, token.length) : longest), 0);
  }

  #encodeOrdinary(text: string, begin: number, end: number, ids: number[]): void {
    for (let at = begin; at < end; ) {
      const id = this.#match(text, at, end, this.#longestOrdinary, false);
      if (id === undefined) throw this.#cannotSpell(text, at);
      ids.push(id);
      at += this.#tokens[id]!.length;
    }
  }

  /** The longest token, special or not, that stands at `at` and ends before `end`. */
  #match(text: string, at: number, end: number, longest: number, special: boolean): number | undefined {
    for (let length = Math.min(longest, end - at); length > 0; length--) {
      const id = this.#idOf.get(text.slice(at, at + length));
      if (id !== undefined && this.#specialIds.has(id) === special) return id;
    }
    return undefined;
  }

  #cannotSpell(text: string, at: number): DataError {
    const codePoint = text.codePointAt(at)!;
    const character = JSON.stringify(String.fromCodePoint(codePoint));
    const code = codePoint.toString(16).toUpperCase().padStart(4, "0");
    const near = JSON.stringify(text.slice(Math.max(0, at - 20), at + 20).toWellFormed());
    return new DataError(
      `No token begins with ${character} (U+${code}) at character ${[...text.slice(0, at)].length + 1} of the text, in ${near}`,
      {
        hint: `This vocabulary has only: ${listed(this.#tokens.filter((_, id) => !this.#specialIds.has(id)))}`,
      },
    );
  }
}

/** The document that Hugging Face's tokenizers library reads. */
export function tokenizerJson(tokens: readonly string[], specialIds: ReadonlySet<number>) {
  const ordinary = tokens.filter((_, id) => !specialIds.has(id));
  const longestFirst = ordinary.toSorted((a, b) => b.length - a.length);
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [...specialIds]
      .sort((a, b) => a - b)
      .map((id) => ({
        id,
        content: tokens[id],
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
    normalizer: null,
    pre_tokenizer: {
      type: "Split",
      pattern: { Regex: longestFirst.map(escapeRegex).join("|") },
      behavior: "Isolated",
      invert: false,
    },
    post_processor: null,
    decoder: { type: "Fuse" },
    // No token can be "", so an unknown piece is an error there too instead of a silent <unk>.
    model: { type: "WordLevel", vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), unk_token: "" },
  };
}

function escapeRegex(token: string): string {
  return token.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&");
}

function listed(tokens: readonly string[]): string {
  const shown = tokens.slice(0, 60).map((token) => JSON.stringify(token));
  return shown.join(" ") + (tokens.length > shown.length ? ` and ${tokens.length - shown.length} more` : "");
}
