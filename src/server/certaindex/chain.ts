/**
 * A chain of thought as it comes in: its text with the tags of its thinking, and how many tokens it is. Tokens are
 * counted by what the server tells, else by the model's tokenizer, else by characters; never by chunks, for a server
 * may send several tokens in one.
 */
import { estimateTokens } from "../../endpoint/index.ts";

/** A chunk of a stream, as far as it is read here. */
export interface Chunk {
  choices: ChunkChoice[];
  usage?: ChunkUsage | null;
  error?: unknown;
  [field: string]: unknown;
}

export interface ChunkChoice {
  index?: number;
  delta?: { content?: string | null; reasoning_content?: string | null; reasoning?: string | null; role?: string };
  text?: string | null;
  finish_reason?: string | null;
  logprobs?: { content?: unknown[] | null; tokens?: unknown[] | null } | null;
  [field: string]: unknown;
}

export interface ChunkUsage {
  prompt_tokens: number;
  completion_tokens?: number | null;
  total_tokens?: number;
  completion_tokens_details?: Record<string, number | null> | null;
  [field: string]: unknown;
}

export interface ChainOptions {
  /** Tag that ends the thinking; null for models without. */
  thinkingEnd: string | null;
  /** The prompt ends in an open thinking tag. */
  promptIsOpen: boolean;
  countTokens?: ((text: string) => number) | undefined;
}

export interface Chain {
  /** What the model has written so far, tags included: what it would be asked to go on with. */
  readonly text: string;
  /** The thinking is told apart by the server, and goes on. */
  readonly isInReasoning: boolean;
  /** The thinking is over: the model is writing what it answers. */
  readonly isAnswering: boolean;
  readonly tokens: number;
  /** Tokens of the thinking. */
  readonly reasoningTokens: number;
  /** The counts are the server's own or the tokenizer's. */
  readonly isExact: boolean;
  /** Of the prompt, where the server has told. */
  readonly promptTokens: number | undefined;
  add(chunk: Chunk): void;
  /**
   * A probe after so many characters was so many tokens of prompt to the server: what lies between two probes is known
   * by their difference, and what is not, by its rate.
   */
  measure(characters: number, promptTokens: number): void;
}

/** Text waits until there is this much of it: counting costs time, and a word cut in two counts as more. */
const countedCharacters = 24;

export function createChain({ thinkingEnd, promptIsOpen, countTokens }: ChainOptions): Chain {
  const tags = createTagWatch(thinkingEnd, promptIsOpen);
  let [reasoning, content, pending] = ["", "", ""];
  let [counted, told, reasoningTokens]: [number, number | undefined, number] = [0, undefined, 0];
  let isAnswering = false;
  let [isScored, scored] = [true, 0]; // by log-probabilities, one per token
  let promptTokens: number | undefined;
  let [first, latest]: ({ characters: number; promptTokens: number } | undefined)[] = [];

  const countPending = (until = pending.length) => {
    if (!countTokens || until <= 0) return;
    counted += countTokens(pending.slice(0, until));
    pending = pending.slice(until);
  };
  /** Without tokenizer: by the rate that probes have shown, else one per four characters. */
  const estimate = () => {
    const characters = reasoning.length + content.length;
    if (!first || !latest) return estimateTokens(reasoning + content);
    const between = latest.promptTokens - first.promptTokens;
    const rate = between / (latest.characters - first.characters); // tokens per character
    return Math.max(0, Math.round(between + (characters - latest.characters + first.characters) * rate));
  };
  const tokens = () => {
    if (told !== undefined) return told;
    if (isScored && scored > 0) return scored;
    return countTokens ? counted : estimate();
  };

  return {
    get text() {
      if (reasoning === "") return content;
      const opened = promptIsOpen ? reasoning : `${thinkingEnd?.replace("/", "") ?? ""}${reasoning}`;
      return content === "" ? opened : `${opened}${thinkingEnd ?? ""}${content}`;
    },
    get isInReasoning() {
      return reasoning !== "" && content === "";
    },
    get isAnswering() {
      return isAnswering;
    },
    get tokens() {
      return tokens();
    },
    get reasoningTokens() {
      return isAnswering ? reasoningTokens : reasoning !== "" || tags.isOpen ? tokens() : 0;
    },
    get isExact() {
      return told !== undefined || (isScored && scored > 0) || countTokens !== undefined;
    },
    get promptTokens() {
      return promptTokens;
    },
    measure(characters, count) {
      if (first && characters > first.characters) latest = { characters, promptTokens: count };
      first ??= { characters, promptTokens: count };
    },
    add({ choices, usage }) {
      if (usage) {
        promptTokens = usage.prompt_tokens;
        if (usage.completion_tokens != null) told = usage.completion_tokens;
      }
      const choice = choices[0];
      if (!choice) return;
      const thought = choice.delta?.reasoning_content ?? choice.delta?.reasoning ?? "";
      const said = choice.delta?.content ?? choice.text ?? "";
      if (thought + said === "") return;
      const scores = choice.logprobs?.content ?? choice.logprobs?.tokens;
      if (scores) scored += scores.length;
      else isScored = false;
      if (countTokens) pending += thought + said;
      if (pending.length >= countedCharacters) countPending(wordStart(pending));
      reasoning += thought;
      content += said;
      tags.push(said);
      const isOver = reasoning === "" ? tags.isClosed : content.trim() !== "";
      if (isOver && !isAnswering) {
        countPending();
        reasoningTokens = tokens();
      }
      isAnswering = isOver;
    },
  };
}

/** Where the last word begins; a text of no words is taken whole once it is long. */
function wordStart(text: string): number {
  const start = text.lastIndexOf(" ");
  return start <= 0 && text.length > 200 ? text.length : start;
}

/** Whether a tag stands open at the end of a text, of which only the end is looked at: chains are long. */
function createTagWatch(thinkingEnd: string | null, promptIsOpen: boolean) {
  const begin = thinkingEnd?.replace("/", "") ?? "";
  let [isOpen, isClosed, tail] = [promptIsOpen, false, ""];
  return {
    get isOpen() {
      return isOpen;
    },
    /** There was an end, and no beginning after it. */
    get isClosed() {
      return isClosed;
    },
    push(text: string) {
      if (thinkingEnd === null || text === "") return;
      const seen = tail + text;
      const [opened, closed] = [seen.lastIndexOf(begin), seen.lastIndexOf(thinkingEnd)];
      if (opened !== -1 || closed !== -1) [isOpen, isClosed] = [opened > closed, closed > opened];
      tail = seen.slice(1 - thinkingEnd.length);
    },
  };
}
