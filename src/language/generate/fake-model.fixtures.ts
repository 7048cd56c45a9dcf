/** For tests only: a model whose logits are a function of the row's tokens, and a tokenizer of single characters. */
import { DataError } from "../../core/errors.ts";
import { closedVocabulary } from "../tokenizers/index.ts";
import type { TokenModel } from "./generator.ts";

export const letters = closedVocabulary([..."abcdefghijklmnopqrstuvwxyz .", "</s>"], { eos: "</s>" });
export const eosId = letters.eosId!;

/** @param logitsOf scores of the next token after these tokens */
export function fakeModel(
  logitsOf: (tokens: readonly number[]) => number[],
  maxPositions = 1000,
): TokenModel & { batches: number[] } {
  const batches: number[] = []; // rows of each step
  return {
    batches,
    vocabSize: letters.vocabSize,
    maxPositions,
    eosTokenIds: [],
    start() {
      let rows: number[][] = [];
      const score = (row: number[]) => Float32Array.from(logitsOf(row));
      return {
        async reshape(keep, prompts) {
          const entering = prompts.map((prompt) => [...prompt]);
          rows = [...keep.map((row) => rows[row]!), ...entering];
          return entering.map(score);
        },
        async step(tokens) {
          if (tokens.length !== rows.length) throw new DataError(`${tokens.length} tokens for ${rows.length} rows`);
          batches.push(rows.length);
          for (const [row, token] of tokens.entries()) rows[row]!.push(token);
          return rows.map(score);
        },
        dispose() {},
      };
    },
    dispose() {},
  };
}

/** A model that writes this text whatever is drawn, then eos. */
export function scriptedModel(script: (prompt: string) => string) {
  return fakeModel((tokens) => {
    const text = letters.decode(tokens);
    const start = text.indexOf(".") + 1; // prompts end with a full stop
    const next = script(text.slice(0, start))[text.length - start];
    const wanted = next === undefined ? eosId : letters.tokenId(next)!;
    return Array.from({ length: letters.vocabSize }, (_, id) => (id === wanted ? 100 : 0));
  });
}
