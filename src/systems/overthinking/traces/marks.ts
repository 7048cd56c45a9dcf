/**
 * Where a response's reasoning begins and ends. Nothing is lost: opening, reasoning and closing, joined, are the text.
 * Source of the forms: papers/overthinking section 2.8.
 */
import type { TraceFormat } from "../schemas.ts";

export type MarkedText = {
  format: TraceFormat;
  opening: string;
  reasoning: string;
  closing: string;
  /** The reasoning began and did not end. */
  truncated: boolean;
};

type Form = { format: TraceFormat; begin: RegExp; end: RegExp };

/**
 * The end mark alone is enough: many chat templates write the opening one into the prompt. Blanks behind the opening mark
 * are reasoning: some vocabularies have a token for a line break and what follows it.
 */
const forms: readonly Form[] = [
  { format: "thought-tokens", begin: /^\s*<\|begin_of_thought\|>/u, end: /\s*<\|end_of_thought\|>/u },
  { format: "headings", begin: /^\s*#{1,3} *Thinking *:?\s*\n/iu, end: /\s*\n#{1,3} *Final Response\b/iu },
  { format: "think", begin: /^\s*<think>/u, end: /\s*<\/think>/u },
];

export function splitMarks(text: string): MarkedText {
  for (const { format, begin, end } of forms) {
    const opening = begin.exec(text)?.[0] ?? "";
    const endMark = end.exec(text.slice(opening.length));
    if (!endMark && opening === "") continue;
    const from = opening.length;
    const to = endMark ? from + endMark.index : text.length;
    return {
      format,
      opening,
      reasoning: text.slice(from, to),
      closing: text.slice(to),
      truncated: !endMark,
    };
  }
  return { format: "plain", opening: "", reasoning: text, closing: "", truncated: false };
}

/** The final answer's part without its marks. */
export function answerText(closing: string): string {
  return closing
    .replace(/^\s*(?:<\/think>|<\|end_of_thought\|>|#{1,3} *Final Response *:?)/iu, "")
    .replace(/<\|(?:begin|end)_of_solution\|>/gu, "")
    .trim();
}

/** How a trace of this form ends its reasoning, for one that was cut before its end. */
export const endMark: Record<TraceFormat, string> = {
  think: "\n</think>\n\n",
  "thought-tokens": "\n<|end_of_thought|>\n\n",
  headings: "\n\n## Final Response\n\n",
  separate: "\n</think>\n\n", // what servers put between the two fields
  plain: "",
};
