/**
 * Rows as examples for the trainer, and what must be right before a training begins (spec section 8). A row that is too
 * long is left out and counted; the authors' code keeps its last tokens, and with them an answer without its question.
 */
import { z } from "zod";
import { ConfigError, DataError } from "../../../core/errors.ts";
import { readRows } from "../../../core/rows.ts";
import type { DecoderConfig } from "../../../language/decoder/index.ts";
import type { ChatTemplate, Tokenizer } from "../../../language/tokenizers/index.ts";
import {
  encodeConversation,
  encodeExample,
  SftRow as PlainRow,
  type TokenExample,
} from "../../../language/train/index.ts";
import { SftRow } from "../schemas.ts";
import { type SftMode, sftTarget } from "./target.ts";

export interface SftModel {
  config: DecoderConfig;
  tokenizer: Tokenizer;
  /** Undefined for a base model, which is refused. */
  template: ChatTemplate | undefined;
  /** For messages. */
  folder: string;
}

/** @throws ConfigError naming what is missing and its mend */
export function checkSftModel({ config, tokenizer, template, folder }: SftModel, maxLength: number): ChatTemplate {
  const { padId, eosId } = tokenizer;
  if (!template) {
    throw new ConfigError(`${folder}: the tokenizer has no chat template`, {
      hint: "Take the model's instruct version, or put its chat_template.jinja into the folder.",
    });
  }
  if (eosId === undefined) {
    throw new ConfigError(`${folder}: the tokenizer has no end-of-text token: the model could not learn to stop`, {
      hint: "Set eos_token in tokenizer_config.json.",
    });
  }
  if (padId === eosId) {
    throw new ConfigError(
      `${folder}: pad and end-of-text are the same token (${eosId}): ends would be left out as padding`,
      {
        hint: "Set pad_token in tokenizer_config.json to a token of its own, such as a reserved one.",
      },
    );
  }
  if (maxLength > config.maxPositions) {
    throw new ConfigError(`--max-length ${maxLength} is beyond the ${config.maxPositions} positions of ${folder}`, {
      hint: `Give at most ${config.maxPositions}.`,
    });
  }
  return template;
}

export interface SftData {
  examples: TokenExample[];
  /** Rows longer than the limit. */
  tooLong: number;
  /** Tokens of the longest row. */
  longest: number;
}

/** Rows of the data engine, or of any published SFT file. @throws DataError naming file, row and field */
export async function readSftRows(
  file: string,
  mode: SftMode,
  model: Pick<SftModel, "tokenizer"> & { template: ChatTemplate },
  maxLength: number,
): Promise<SftData> {
  let number = 0;
  return collect(readRows(file, SftRow), maxLength, (row) => {
    const place = `${file} row ${++number}`;
    const messages = [
      { role: "user", content: row.Question },
      { role: "assistant", content: sftTarget(row, mode, place) },
    ];
    return encodeConversation(messages, { ...model, place });
  });
}

const MixRow = z.union([SftRow, PlainRow]);

/** Rows to be mixed in as they are: published ones, conversations, or prompts with responses. */
export async function readMixRows(
  file: string,
  model: Pick<SftModel, "tokenizer"> & { template: ChatTemplate },
  maxLength: number,
): Promise<SftData> {
  let number = 0;
  return collect(readRows(file, MixRow), maxLength, (row) => {
    const place = `${file} row ${++number}`;
    if ("Complex_CoT" in row) {
      const published = row as SftRow;
      const messages = [
        { role: "user", content: published.Question },
        { role: "assistant", content: sftTarget(published, "complex", place) },
      ];
      return encodeConversation(messages, { ...model, place });
    }
    return encodeExample(row as PlainRow, { ...model, place });
  });
}

async function collect<Row>(
  rows: AsyncIterable<Row>,
  maxLength: number,
  encode: (row: Row) => TokenExample,
): Promise<SftData> {
  const data: SftData = { examples: [], tooLong: 0, longest: 0 };
  for await (const row of rows) {
    const example = encode(row);
    data.longest = Math.max(data.longest, example.tokens.length);
    // A row of n tokens takes n − 1 places: the last token is only a target.
    if (example.tokens.length - 1 > maxLength) data.tooLong++;
    else data.examples.push(example);
  }
  return data;
}

/** @throws DataError where there is nothing to learn, or most of it does not fit */
export function checkSftData(file: string, { examples, tooLong, longest }: SftData, maxLength: number): void {
  if (examples.length === 0 && tooLong === 0) throw new DataError(`${file}: there are no rows`);
  if (tooLong <= examples.length) return;
  throw new DataError(
    `${file}: ${tooLong} of ${tooLong + examples.length} rows are longer than ${maxLength} tokens, the longest has ${longest}`,
    { hint: "Raise --max-length if the model's context allows it, else take a model with a longer one." },
  );
}
