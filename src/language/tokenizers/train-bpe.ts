/**
 * Trains a byte-level BPE vocabulary: the pair of neighbouring tokens that occurs most often becomes a token, again
 * and again. Any text can be spelled, because the 256 bytes are tokens.
 * Source: Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units", algorithm 1, over
 * bytes as in GPT-2; words are cut by Qwen2's pattern, which gives every digit its own token.
 * Ties and ids follow the trainer of Hugging Face's tokenizers: special tokens first, then the bytes, then merges;
 * of pairs equally frequent, the one with the smaller ids is merged first.
 */
import { Tokenizer as Engine } from "@huggingface/tokenizers";
import { ConfigError } from "../../core/errors.ts";
import { byteAlphabet, toByteLetters } from "./byte-letters.ts";
import { formatJson } from "./files.ts";
import { HuggingFaceTokenizer } from "./hugging-face.ts";
import { PairQueue } from "./pair-queue.ts";
import type { Tokenizer } from "./tokenizer.ts";

export interface TrainBpeOptions {
  /** How many tokens at most, special ones and the 256 bytes included; fewer where the texts have no pair left. */
  vocabSize: number;
  /** Get the first ids, in this order. */
  specialTokens?: readonly string[];
  /** Roles; each must be among `specialTokens`. */
  bos?: string;
  eos?: string;
  pad?: string;
}

export const QWEN2_PATTERN =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/**
 * Reads the texts once. Memory grows with the number of distinct words, not with the length of the texts.
 * @throws ConfigError when `vocabSize` has no room for the bytes and special tokens, or a role is no special token
 */
export async function trainBpe(
  texts: Iterable<string> | AsyncIterable<string>,
  options: TrainBpeOptions,
): Promise<Tokenizer> {
  const { vocabSize, specialTokens = [] } = options;
  for (const role of ["bos", "eos", "pad"] as const) {
    const token = options[role];
    if (token !== undefined && !specialTokens.includes(token)) {
      throw new ConfigError(`trainBpe: ${role} token ${JSON.stringify(token)} is not among specialTokens`);
    }
  }
  const alphabet = byteAlphabet();
  const start = [...specialTokens, ...alphabet];
  if (specialTokens.includes("") || new Set(start).size < start.length) {
    throw new ConfigError("trainBpe: specialTokens are empty, repeat each other or are a single byte", {
      hint: "List every special token once; give it more than one character.",
    });
  }
  if (vocabSize < start.length) {
    throw new ConfigError(`trainBpe: vocabSize ${vocabSize} has no room for 256 bytes and the special tokens`, {
      hint: `Take at least ${start.length}.`,
    });
  }
  return assemble(learnMerges(await countWords(texts), start, vocabSize), options);
}

export interface LearnedMerges {
  /** All tokens by id. */
  tokens: string[];
  /** Pairs of tokens, first learned first. */
  merges: [string, string][];
}

/**
 * @param words how often each word occurs, spelled in byte letters
 * @param start the tokens to begin with, by id; among them every letter
 */
export function learnMerges(
  words: ReadonlyMap<string, number>,
  start: readonly string[],
  vocabSize: number,
): LearnedMerges {
  const tokens = [...start];
  const idOf = new Map(tokens.map((token, id) => [token, id]));
  const merges = new Map<string, [string, string]>();
  const spellings = Array.from(words.keys(), (word) => Array.from(word, (letter) => idOf.get(letter)!));
  const counts = [...words.values()];
  const pairs = new PairQueue();
  for (const [word, spelling] of spellings.entries()) {
    for (let i = 0; i + 1 < spelling.length; i++) pairs.add(spelling[i]!, spelling[i + 1]!, counts[word]!, word);
  }
  while (tokens.length < vocabSize) {
    const best = pairs.takeMostFrequent();
    if (!best) break;
    const [left, right] = best.pair;
    const merged = tokens[left]! + tokens[right]!;
    // Two ways may lead to one string ("a"+"bc", "ab"+"c"): the token keeps its id, and both merges are needed.
    const id = idOf.get(merged) ?? tokens.length;
    if (id === tokens.length) {
      tokens.push(merged);
      idOf.set(merged, id);
    }
    // A pair may come back later, through a token that is spelled again; its first rank stays.
    merges.set(`${left} ${right}`, [tokens[left]!, tokens[right]!]);
    for (const word of best.words) mergeInWord(spellings[word]!, left, right, id, counts[word]!, word, pairs);
  }
  return { tokens, merges: [...merges.values()] };
}

/** Replaces the pair from left to right, and tells `pairs` which neighbours came and went. */
function mergeInWord(
  spelling: number[],
  left: number,
  right: number,
  merged: number,
  count: number,
  word: number,
  pairs: PairQueue,
): void {
  let length = 0; // of the new spelling, written over the old one
  for (let i = 0; i < spelling.length; i++) {
    if (spelling[i] !== left || spelling[i + 1] !== right) {
      spelling[length++] = spelling[i]!;
      continue;
    }
    const before = spelling[length - 1];
    const after = spelling[i + 2];
    if (length > 0) {
      pairs.add(before!, left, -count, word);
      pairs.add(before!, merged, count, word);
    }
    if (after !== undefined) {
      pairs.add(right, after, -count, word);
      pairs.add(merged, after, count, word);
    }
    spelling[length++] = merged;
    i++;
  }
  spelling.length = length;
}

async function countWords(texts: Iterable<string> | AsyncIterable<string>): Promise<Map<string, number>> {
  // The engine that will cut words when encoding cuts them here too, so both always agree.
  const cutter = new Engine(tokenizerJson({ tokens: [], merges: [] }, [], [SPLIT]), {}).pre_tokenizer;
  const counts = new Map<string, number>();
  for await (const text of texts) {
    for (const word of cutter(text) as string[]) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return new Map(Array.from(counts, ([word, count]) => [toByteLetters(word), count]));
}

function assemble(learned: LearnedMerges, { specialTokens = [], bos, eos, pad }: TrainBpeOptions): Tokenizer {
  const json = tokenizerJson(learned, specialTokens, [SPLIT, BYTE_LEVEL]);
  const config = {
    tokenizer_class: "PreTrainedTokenizerFast",
    clean_up_tokenization_spaces: false,
    bos_token: bos,
    eos_token: eos,
    pad_token: pad,
  };
  const files = new Map([
    ["tokenizer.json", formatJson(json)],
    ["tokenizer_config.json", formatJson(config)],
  ]);
  const idOf = (token?: string) => (token === undefined ? undefined : specialTokens.indexOf(token));
  return new HuggingFaceTokenizer(json, files, { bosId: idOf(bos), eosId: idOf(eos), padId: idOf(pad) });
}

const SPLIT = { type: "Split", pattern: { Regex: QWEN2_PATTERN }, behavior: "Isolated", invert: false };
const BYTE_LEVEL = { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false };

/** As Qwen2's tokenizer.json, but without its NFC normalisation: every text comes back as it was. */
function tokenizerJson({ tokens, merges }: LearnedMerges, specialTokens: readonly string[], pretokenizers: object[]) {
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((content, id) => ({ id, content, ...flags })),
    normalizer: null,
    pre_tokenizer: { type: "Sequence", pretokenizers },
    post_processor: BYTE_LEVEL,
    decoder: BYTE_LEVEL,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: merges.map((pair) => pair.join(" ")),
    },
  };
}
