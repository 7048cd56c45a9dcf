/** One prompt on its way to a completion: draws tokens, streams their text, and knows when to end. */
import { DataError } from "../../core/errors.ts";
import { Random } from "../../core/random.ts";
import { streamText, type Tokenizer } from "../tokenizers/index.ts";
import { logprobOf, type SamplingOptions, sampleToken } from "./sampling.ts";
import { scanForStops } from "./stop-scanner.ts";

/** How rows draw and end, whatever else is in their batch. */
export interface RowOptions extends SamplingOptions {
  /** Per prompt, the ending token included. */
  maxTokens: number;
  /** Prompt i draws from Random(seed).split(i). Default 0. */
  seed?: number | string;
  /** Texts that end an answer and are not part of it. */
  stop?: readonly string[];
  /** Ids that end an answer, besides those of the model and the tokenizer. */
  stopTokens?: readonly number[];
  /** Also report the model's log-probability of each token. */
  logprobs?: boolean;
  /** Leave special tokens out of the text; default true. */
  skipSpecial?: boolean;
  /** Text may lag behind ids: characters of several tokens and beginnings of stop strings are held back. */
  onToken?(promptIndex: number, token: { id: number; text: string }): void;
  onFinish?(promptIndex: number, completion: Completion): void;
}

export interface Completion {
  text: string;
  /** Everything sampled, the ending token included. */
  tokens: number[];
  /** Of each token, natural log; with `logprobs: true`. */
  logprobs?: number[];
  /** `stop`: a stop token or string; `length`: maxTokens or the model's context is used up; `aborted`: by the signal. */
  finishReason: "stop" | "length" | "aborted";
  /** The stop string that ended it. */
  stop?: string;
}

export interface Row {
  prompt: readonly number[];
  tokens: number[];
  /** Set once nothing more is to come. */
  finished?: Completion;
  /** Draws the next token. */
  read(logits: Float32Array): void;
  abort(): void;
}

interface RowSettings {
  prompt: readonly number[];
  /** Of the prompt in its list. */
  index: number;
  /** Most tokens that may be drawn. */
  room: number;
  endIds: ReadonlySet<number>;
  tokenizer: Tokenizer;
  options: RowOptions;
}

export function createRow({ prompt, index, room, endIds, tokenizer, options }: RowSettings): Row {
  const { seed = 0, skipSpecial = true } = options;
  const rng = new Random(seed).split(index);
  const stream = streamText(tokenizer, { skipSpecial });
  const scanner = scanForStops(options.stop ?? []);
  const tokens: number[] = [];
  const logprobs: number[] = [];
  let text = "";

  const row: Row = {
    prompt,
    tokens,
    read(logits) {
      const id = sampleToken(logits, options, rng);
      if (!(logits[id]! > -Infinity)) {
        throw new DataError(`prompts[${index}]: the model gives scores that are no numbers`, {
          hint: "Its parameters hold NaN or infinity: load it again, or train it with a lower learning rate.",
        });
      }
      tokens.push(id);
      if (options.logprobs) logprobs.push(logprobOf(logits, id));
      const ended = endIds.has(id);
      const full = tokens.length >= room;
      let { text: piece, stop } = scanner.push(ended ? "" : stream.push(id));
      if (stop === undefined && (ended || full)) {
        const rest = flush();
        piece += rest.text;
        stop = rest.stop;
      }
      text += piece;
      options.onToken?.(index, { id, text: piece });
      if (ended || stop !== undefined) finish("stop", stop);
      else if (full) finish("length");
    },
    abort() {
      text += flush().text;
      finish("aborted");
    },
  };
  /** What was held back; its characters may yet complete a stop string. */
  function flush() {
    const { text: rest, stop } = scanner.push(stream.end());
    return { text: stop === undefined ? rest + scanner.end() : rest, stop };
  }
  function finish(finishReason: Completion["finishReason"], stop?: string) {
    const scores = options.logprobs && { logprobs };
    row.finished = { text, tokens, ...scores, finishReason, ...(stop !== undefined && { stop }) };
    options.onFinish?.(index, row.finished);
  }
  return row;
}
