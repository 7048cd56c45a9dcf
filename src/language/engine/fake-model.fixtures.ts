/**
 * For tests only: a model whose logits are a function of the row's tokens, and a tokenizer of single characters.
 * It reads a row's tokens from the cache, where it keeps them as keys: what is copied, kept, forked or moved wrongly
 * gives another text.
 */
import { closedVocabulary } from "../tokenizers/index.ts";
import type { KvRows } from "./kv-rows.ts";
import type { RowBatch, TokenRunner } from "./runner.ts";

export const letters = closedVocabulary([..."abcdefghijklmnopqrstuvwxyz .", "</s>"], { eos: "</s>" });
export const eosId = letters.eosId!;

export interface FakeModel extends TokenRunner {
  /** Rows of each step that wrote. */
  readonly batches: number[];
  /** Tokens of each call that read prompts. */
  readonly pieces: number[];
}

/** @param logitsOf scores of the next token after these tokens */
export function fakeModel(logitsOf: (tokens: readonly number[]) => number[], maxPositions = 1000): FakeModel {
  const batches: number[] = [];
  const pieces: number[] = [];
  return {
    batches,
    pieces,
    vocabSize: letters.vocabSize,
    maxPositions,
    eosTokenIds: [],
    layout: { layerCount: 1, kvHeadCount: 1, headDim: 1 },
    sizes: (rows, slots) => ({ rows, slots }),
    async extend(cache: KvRows, { firstRow, starts, tokens, isPrompt }: RowBatch) {
      if (isPrompt) pieces.push(tokens.flat().length);
      else batches.push(tokens.length);
      return tokens.map((own, row) => {
        const begin = (firstRow + row) * cache.slots;
        cache.arrays[0]!.set(own, begin + starts[row]!);
        return Float32Array.from(logitsOf([...cache.arrays[0]!.subarray(begin, begin + starts[row]! + own.length)]));
      });
    },
    async dispose() {},
  };
}

/** A model that writes this text whatever is drawn, then eos. */
export function scriptedModel(script: (prompt: string) => string): FakeModel {
  return fakeModel((tokens) => {
    const text = letters.decode(tokens);
    const start = text.indexOf(".") + 1; // prompts end with a full stop
    const next = script(text.slice(0, start))[text.length - start];
    const wanted = next === undefined ? eosId : letters.tokenId(next)!;
    return Array.from({ length: letters.vocabSize }, (_, id) => (id === wanted ? 100 : 0));
  });
}
