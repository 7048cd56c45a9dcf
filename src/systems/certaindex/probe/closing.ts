/** The end of a chain that was stopped: its thinking is closed, if it is open, and the settled answer is said once. */
import type { ProbeSettings } from "./settings.ts";

export interface StoppedChain {
  /** All that the model wrote, tags included. */
  text: string;
  /** The prompt itself ends in an open thinking tag, as some chat templates have it. */
  promptIsOpen?: boolean;
  answer: string;
}

type ClosingSettings = Pick<ProbeSettings, "thinkingEnd" | "sentence">;

/** @returns what is to be written after `text` */
export function closingText({ text, promptIsOpen = false, answer }: StoppedChain, settings: ClosingSettings): string {
  const { thinkingEnd, sentence } = settings;
  const tag = thinkingEnd !== null && isThinking(text, thinkingEnd, promptIsOpen) ? rest(text, thinkingEnd) : "";
  return `${tag}\n\n${sentenceWith(answer, sentence)}`;
}

/** The sentence with the answer in it, and whatever it left open closed: its box, its formula. */
export function sentenceWith(answer: string, sentence: string): string {
  const braces = (sentence.match(/(?<!\\)\{/g)?.length ?? 0) - (sentence.match(/(?<!\\)\}/g)?.length ?? 0);
  const isFormula = sentence.lastIndexOf("\\[") > sentence.lastIndexOf("\\]");
  return `${sentence}${answer}${"}".repeat(Math.max(0, braces))}${isFormula ? " \\]" : ""}`;
}

/**
 * Whether the thinking goes on at the end of `text`. Where tags are doubled, the last one counts; where there is none
 * and the prompt opened nothing, the model has no thinking to close.
 */
export function isThinking(text: string, thinkingEnd: string, promptIsOpen = false): boolean {
  const begin = thinkingEnd.replace("/", "");
  const closed = text.lastIndexOf(thinkingEnd);
  const opened = begin === thinkingEnd ? -1 : text.lastIndexOf(begin);
  if (closed === -1) return promptIsOpen || opened !== -1;
  return opened > closed;
}

/** The tag, or what is missing of it when the text ends in its beginning: `</thi` asks for `nk>`. */
function rest(text: string, tag: string): string {
  for (let length = tag.length - 1; length >= 2; length--) {
    if (text.endsWith(tag.slice(0, length))) return tag.slice(length);
  }
  return `\n${tag}`;
}
