/**
 * Text from prompts, many at a time. Prompts are taken into the batch as places get free: at the end of a round of
 * steps the rows that finished leave and others enter. Each prompt draws from its own random stream, so its answer
 * does not depend on which others share the batch.
 */
import type { Outside } from "../../compute/tensor.ts";
import { ConfigError, DataError } from "../../core/errors.ts";
import type { DecoderConfig } from "../decoder/config.ts";
import type { DecoderParams } from "../decoder/decoder.ts";
import { type DecodingSession, startDecoding } from "../decoder/decoding-session.ts";
import { compileDecoder } from "../decoder/kv-cache.ts";
import type { Tokenizer } from "../tokenizers/index.ts";
import { type Completion, createRow, type Row, type RowOptions } from "./row.ts";
import { checkSampling } from "./sampling.ts";

/** Rows leave and enter after so many steps: each time the cache is copied, in between finished rows are dead weight. */
const roundSteps = 16;

/** Anything that scores next tokens for rows that grow. */
export interface TokenModel {
  readonly vocabSize: number;
  readonly maxPositions: number;
  readonly eosTokenIds: readonly number[];
  start(): DecodingSession;
  dispose(): void;
}

export interface GenerateOptions extends RowOptions {
  /** Text, or token ids as they are. */
  prompts: readonly (string | readonly number[])[];
  /** Put what the model expects around a text (bos) to text prompts; default true, false for rendered chat templates. */
  special?: boolean;
  /** Rows at a time; default 64. */
  maxBatch?: number;
  /** Ends at the next step; unfinished answers are returned as they are. */
  signal?: AbortSignal;
}

export interface Generation {
  /** In the order of the prompts. */
  completions: Completion[];
  promptTokenCount: number;
  tokenCount: number;
  seconds: number;
  tokensPerSecond: number;
}

export interface Generator {
  generate(options: GenerateOptions): Promise<Generation>;
  dispose(): void;
}

/**
 * @param model what `loadModel` returns (parameters are borrowed), or any `TokenModel`
 * @throws DataError for a prompt that is empty or longer than the model's context; ConfigError for impossible options
 */
export function createGenerator({
  model,
  tokenizer,
}: {
  model: DecoderModel | TokenModel;
  tokenizer: Tokenizer;
}): Generator {
  const tokenModel = "start" in model ? model : decoderTokenModel(model);
  return {
    generate: (options) => generate(tokenModel, tokenizer, options),
    dispose: () => tokenModel.dispose(),
  };
}

export interface DecoderModel {
  config: DecoderConfig;
  params: Outside<DecoderParams>;
}

function decoderTokenModel({ config, params }: DecoderModel): TokenModel {
  const programs = compileDecoder(config);
  return {
    vocabSize: config.vocabSize,
    maxPositions: config.maxPositions,
    eosTokenIds: config.eosTokenIds,
    start: () => startDecoding(config, params, programs),
    dispose: () => programs.dispose(),
  };
}

async function generate(model: TokenModel, tokenizer: Tokenizer, options: GenerateOptions): Promise<Generation> {
  const { maxTokens, maxBatch = 64, signal } = options;
  checkSampling(options);
  if (options.stop?.includes("")) throw new ConfigError("stop: an empty text would end every answer at once");
  if (!(maxTokens >= 1)) throw new ConfigError(`maxTokens: expected a whole number from 1, got ${maxTokens}`);
  const begun = performance.now();
  const prompts = encodePrompts(model, tokenizer, options);
  const rows = prompts.map((prompt, index) => {
    const endIds = new Set([...model.eosTokenIds, ...tokenizer.stopIds, ...(options.stopTokens ?? [])]);
    const room = Math.min(maxTokens, model.maxPositions - prompt.length);
    return createRow({ prompt, index, room, endIds, tokenizer, options });
  });
  const session = model.start();
  let batch: Row[] = [];
  let entered = 0;
  const isRunning = (row: Row) => !row.finished;
  const read = (which: readonly Row[], logits: readonly Float32Array[]) => {
    for (const [i, row] of which.entries()) if (isRunning(row)) row.read(logits[i]!);
  };
  try {
    while (!signal?.aborted) {
      const keep = [...batch.keys()].filter((i) => isRunning(batch[i]!));
      const entering = rows.slice(entered, entered + maxBatch - keep.length);
      if (keep.length + entering.length === 0) break;
      const kept = keep.map((i) => batch[i]!);
      if (kept.length < batch.length || entering.length > 0) {
        const entries = entering.map(({ prompt }) => prompt);
        read(entering, await session.reshape(keep, entries));
        entered += entering.length;
      }
      batch = [...kept, ...entering];
      for (let step = 0; step < roundSteps && batch.some(isRunning) && !signal?.aborted; step++) {
        read(batch, await session.step(batch.map((row) => row.tokens.at(-1)!)));
      }
    }
  } finally {
    session.dispose();
  }
  for (const row of rows) if (isRunning(row)) row.abort();
  const completions = rows.map((row) => row.finished!);
  const tokenCount = completions.reduce((total, { tokens }) => total + tokens.length, 0);
  const promptTokenCount = prompts.reduce((total, prompt) => total + prompt.length, 0);
  const seconds = (performance.now() - begun) / 1000;
  return { completions, promptTokenCount, tokenCount, seconds, tokensPerSecond: tokenCount / seconds };
}

function encodePrompts(model: TokenModel, tokenizer: Tokenizer, { prompts, special = true }: GenerateOptions) {
  return prompts.map((prompt, index) => {
    const tokens = typeof prompt === "string" ? tokenizer.encode(prompt, { special }) : prompt;
    if (tokens.length === 0)
      throw new DataError(`prompts[${index}]: no tokens`, { hint: "Give it some text, or a bos token." });
    const unknown = tokens.find((id) => !(id >= 0 && id < model.vocabSize));
    if (unknown !== undefined) {
      const problem = `token ${unknown} is outside the model's vocabulary of ${model.vocabSize}`;
      throw new DataError(`prompts[${index}]: ${problem}`, { hint: "Use the tokenizer that belongs to the model." });
    }
    if (tokens.length < model.maxPositions) return tokens;
    const problem = `${tokens.length} tokens leave no room in a context of ${model.maxPositions}`;
    throw new DataError(`prompts[${index}]: ${problem}`, {
      hint: "Shorten the prompt or use a model with a longer context.",
    });
  });
}
