/** One answer on its way: draws tokens, streams their text, and knows when to end. */
import { DataError } from "../../core/errors.ts";
import type { Random } from "../../core/random.ts";
import { streamText, type Tokenizer } from "../tokenizers/index.ts";
import type { Completion, EngineEvent, EngineRequest } from "./request.ts";
import { logprobOf, penalise, sampleToken, topLogprobs } from "./sampling.ts";
import { scanForStops } from "./stop-scanner.ts";

export interface BranchSettings {
  index: number;
  prompt: readonly number[];
  /** Most tokens that may be drawn. */
  room: number;
  endIds: ReadonlySet<number>;
  rng: Random;
  tokenizer: Tokenizer;
  request: EngineRequest;
  emit(event: EngineEvent): void;
}

export class Branch {
  /** The prompt and what was drawn. */
  readonly ids: number[];
  readonly promptCount: number;
  readonly room: number;
  readonly index: number;
  /** The program it is a part of. */
  readonly program: string | undefined;
  /** How many of the ids the model has read: the filled slots of its row. */
  read = 0;
  /** Whether it has a row. */
  isPlaced = false;
  /** Set once nothing more is to come. */
  completion: Completion | undefined;
  readonly #settings: BranchSettings;
  readonly #stream;
  readonly #scanner;
  readonly #logprobs: number[] = [];
  #text = "";

  constructor(settings: BranchSettings) {
    const { prompt, request, tokenizer } = settings;
    this.#settings = settings;
    this.ids = [...prompt];
    this.promptCount = prompt.length;
    this.room = settings.room;
    this.index = settings.index;
    this.program = request.program;
    this.#stream = streamText(tokenizer, { skipSpecial: request.skipSpecial ?? true });
    this.#scanner = scanForStops(request.stop ?? []);
  }

  get generatedCount(): number {
    return this.ids.length - this.promptCount;
  }

  get isReadingPrompt(): boolean {
    return this.read < this.promptCount;
  }

  /**
   * Draws the next token from the scores of what follows.
   * @throws DataError when they are no numbers
   */
  draw(logits: Float32Array): void {
    const { index, request, rng, endIds, emit } = this.#settings;
    const { repetitionPenalty = 1, topLogprobs: topCount } = request;
    const scores = repetitionPenalty === 1 ? logits : penalise(logits, this.ids, repetitionPenalty);
    const id = sampleToken(scores, request, rng);
    if (!(logits[id]! > -Infinity)) {
      throw new DataError("the model gives scores that are no numbers", {
        hint: "Its parameters hold NaN or infinity: load it again, or train it with a lower learning rate.",
      });
    }
    this.ids.push(id);
    const wantsLogprobs = request.logprobs || topCount !== undefined;
    const logprob = wantsLogprobs ? logprobOf(logits, id) : undefined;
    if (logprob !== undefined) this.#logprobs.push(logprob);
    const ended = endIds.has(id);
    const full = this.generatedCount >= this.room;
    let { text, stop } = this.#scanner.push(ended ? "" : this.#stream.push(id));
    if (stop === undefined && (ended || full)) {
      const rest = this.#flush();
      text += rest.text;
      stop = rest.stop;
    }
    this.#text += text;
    const top = topCount === undefined ? undefined : topLogprobs(logits, topCount);
    emit({ type: "token", branch: index, id, text, ...(logprob !== undefined && { logprob }), ...(top && { top }) });
    if (ended || stop !== undefined) this.#finish("stop", stop);
    else if (full) this.#finish("length");
  }

  abort(): void {
    if (this.completion) return;
    this.#text += this.#flush().text;
    this.#finish("aborted");
  }

  /** What was held back; its characters may yet complete a stop string. */
  #flush(): { text: string; stop?: string } {
    const { text: rest, stop } = this.#scanner.push(this.#stream.end());
    return { text: stop === undefined ? rest + this.#scanner.end() : rest, stop };
  }

  #finish(finishReason: Completion["finishReason"], stop?: string): void {
    const { request, index, emit } = this.#settings;
    const wantsLogprobs = request.logprobs || request.topLogprobs !== undefined;
    this.completion = {
      text: this.#text,
      tokens: this.ids.slice(this.promptCount),
      ...(wantsLogprobs && { logprobs: this.#logprobs }),
      finishReason,
      ...(stop !== undefined && { stop }),
    };
    emit({ type: "finish", branch: index, completion: this.completion });
  }
}
