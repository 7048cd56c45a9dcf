/** What the engine is asked for, what it gives back, and what it tells about itself. */
import type { SamplingOptions } from "./sampling.ts";

export interface EngineRequest extends SamplingOptions {
  /** Text, or token ids as they are. */
  prompt: string | readonly number[];
  /** Put what the model expects around a text (bos) to a text prompt; default true, false for rendered chat templates. */
  special?: boolean;
  /** Independent answers, called branches; their common prompt is read once. Default 1. */
  n?: number;
  /** Tokens per branch, the ending token included; default what is left of the context. */
  maxTokens?: number;
  /** Branch i draws from Random(seed).split(i). Default: another one each time. */
  seed?: number | string;
  /** Number of the first branch's random stream; default 0. */
  firstStream?: number;
  /** Texts that end an answer and are not part of it. */
  stop?: readonly string[];
  /** Ids that end an answer, besides those of the model and the tokenizer. */
  stopTokens?: readonly number[];
  /** Report the model's log-probability of each token. */
  logprobs?: boolean;
  /** With it so many of the likeliest tokens; implies `logprobs`. */
  topLogprobs?: number;
  /** Leave special tokens out of the text; default true. */
  skipSpecial?: boolean;
  /** Lower is served earlier and gives up its place later; default 0. */
  priority?: number;
  /** Name of the program this is a part of, for schedulers and statistics. */
  program?: string;
  /** Ends all branches; what they have written is kept. */
  signal?: AbortSignal;
}

export interface TokenChoice {
  id: number;
  /** Natural log of the model's own probability, whatever the temperature and filters. */
  logprob: number;
}

/** One token was drawn. */
export interface TokenEvent {
  type: "token";
  branch: number;
  id: number;
  /** May lag behind ids: characters of several tokens and beginnings of stop strings are held back. */
  text: string;
  logprob?: number;
  /** Likeliest first. */
  top?: TokenChoice[];
}

export type EngineEvent = TokenEvent | { type: "finish"; branch: number; completion: Completion };

export interface Completion {
  text: string;
  /** Everything drawn, the ending token included. */
  tokens: number[];
  /** Of each token, natural log; with `logprobs`. */
  logprobs?: number[];
  /** `stop`: a stop token or string; `length`: maxTokens or the context is used up; `aborted`: by the caller. */
  finishReason: "stop" | "length" | "aborted";
  /** The stop string that ended it. */
  stop?: string;
}

/** A request under way. Iterating gives its events from the first on, once. */
export interface EngineHandle extends AsyncIterable<EngineEvent> {
  readonly id: number;
  readonly promptTokenCount: number;
  /** Prompt tokens that the first branch found read already; known once it has a place. */
  readonly cachedTokenCount: number;
  /** All branches, once they have ended. @throws DataError when the model fails */
  readonly completions: Promise<Completion[]>;
  /** Ends one branch, or all; their places are free at the next step. */
  abort(branch?: number): void;
  /**
   * Goes on from what a branch has read and written until now, in a request of its own; the branch itself is not
   * disturbed. Of the text until here nothing is read again, unless memory ran out.
   */
  fork(options: ForkOptions): EngineHandle;
}

export interface ForkOptions extends Omit<EngineRequest, "prompt" | "special"> {
  /** Default 0. */
  branch?: number;
  /** Comes after what was written; text is encoded without special tokens around it. Default nothing. */
  append?: string | readonly number[];
}

/** A branch without a place, as an ordering hook sees it. */
export interface WaitingBranch {
  readonly requestId: number;
  readonly branch: number;
  readonly program: string | undefined;
  readonly priority: number;
  /** When the request came, milliseconds of `performance.now()`. */
  readonly submittedAt: number;
  readonly promptTokenCount: number;
  /** Above 0 for one that had a place and lost it to memory. */
  readonly generatedTokenCount: number;
  readonly maxTokens: number;
}

/** One program's part, for schedulers: what has work under way goes first, what has little left goes first. */
export interface ProgramStats {
  /** Branches ever asked for: each is waiting, running, finished or aborted. */
  submitted: number;
  waiting: number;
  running: number;
  finished: number;
  aborted: number;
  generatedTokens: number;
  /** When its first request came and its last branch ended, milliseconds of `performance.now()`. */
  firstSubmittedAt: number;
  lastFinishedAt: number | undefined;
}

export interface EngineStats {
  /** Branches without and with a place. */
  waiting: number;
  running: number;
  finished: number;
  aborted: number;
  /** Times that a branch lost its place to memory. */
  preempted: number;
  /** Of all branches that got a place: asked for = read + reused, and what those that were aborted left unread. */
  promptTokens: { asked: number; prefilled: number; reused: number };
  generatedTokens: number;
  /** Steps that wrote tokens, and the rows in them. */
  steps: { count: number; rows: number };
  memory: {
    budgetBytes: number;
    /** Of rows with a place. */
    rowBytes: number;
    /** Of prefixes kept for later. */
    prefixBytes: number;
    peakBytes: number;
  };
  /** By name, of requests that gave one. */
  programs: ReadonlyMap<string, ProgramStats>;
}
