/**
 * Finds the final answer in a model's text. Rules only, strongest form first:
 * `\boxed{}`, `<answer>`, `####`, "the answer is", "Answer:", a bold last line, a choice letter, and, if asked, the
 * last number. Source of the first rule: overthinking, section 2.3 (the last `\boxed{}` with balanced braces).
 */
import { closingBrace } from "./braces.ts";

/** The form in which the answer was found. */
export type ExtractHow = "boxed" | "tag" | "hashes" | "phrase" | "bold" | "choice" | "number";

/** `text` as the model wrote it, trimmed; `index` is where it begins in the whole text. */
export type ExtractedAnswer = { text: string; how: ExtractHow; index: number };

export type ExtractOptions = {
  /**
   * "after" (default): where `</think>` occurs, only what follows the last one counts, so that a guess inside the
   * reasoning is not taken for the answer. "all": the whole text counts.
   */
  thinking?: "after" | "all";
  /** Fall back to the last number of the text. Default false: a number is not yet an answer. */
  lastNumber?: boolean;
};

/** Longer texts are searched in their last part only; the answer stands at the end. */
const searchedCharacters = 200_000;
const maxAnswerCharacters = 1_000;

/**
 * @param text what a model wrote, perhaps cut off: a `\boxed{` that never closes holds no answer
 * @returns null where no form is found; never throws
 */
export function extractAnswer(
  text: string,
  { thinking = "after", lastNumber = false }: ExtractOptions = {},
): ExtractedAnswer | null {
  const end = thinking === "after" ? text.lastIndexOf("</think>") : -1;
  const start = Math.max(end === -1 ? 0 : end + "</think>".length, text.length - searchedCharacters);
  const part = text.slice(start);
  const found =
    findBoxed(part) ??
    findTag(part) ??
    findHashes(part) ??
    findPhrase(part) ??
    findBold(part) ??
    findChoice(part) ??
    (lastNumber ? findLastNumber(part) : null);
  return found && { ...found, index: found.index + start };
}

/** The content of the last complete `\boxed{}` or `\fbox{}`, the innermost where they are nested. */
function findBoxed(text: string): ExtractedAnswer | null {
  const boxes = [...text.matchAll(/\\(?:boxed|fbox)\s*(\{|(?=[^\s{]))/g)];
  // Only the last few: a text of nothing but open boxes must not cost the square of its length.
  for (const box of boxes.slice(-20).reverse()) {
    const after = box.index + box[0].length;
    if (box[1] === "{") {
      const close = closingBrace(text, after - 1);
      if (close !== -1 && text.slice(after, close).trim() !== "") return trimmed(text, after, close, "boxed");
    } else {
      const bare = /[^\s$.,;{}\\]+/y; // \boxed 5
      bare.lastIndex = after;
      const match = bare.exec(text);
      if (match) return trimmed(text, after, bare.lastIndex, "boxed");
    }
  }
  return null;
}

function findTag(text: string): ExtractedAnswer | null {
  const close = text.toLowerCase().lastIndexOf("</answer>");
  if (close === -1) return null;
  const open = text.toLowerCase().lastIndexOf("<answer>", close);
  return open === -1 ? null : trimmed(text, open + "<answer>".length, close, "tag");
}

function findHashes(text: string): ExtractedAnswer | null {
  const match = [...text.matchAll(/^[ \t]*####(?!#)[ \t]*(\S[^\n]*)$/gm)].at(-1);
  return match
    ? trimmed(text, match.index + match[0].indexOf(match[1]!), match.index + match[0].length, "hashes")
    : null;
}

/** "The final answer is $5$.", "**Answer:** 5", "A: 5", "Final Answer" with the value on the next line. */
function findPhrase(text: string): ExtractedAnswer | null {
  const sentence =
    /\banswer\b(?: (?:to|for|of) [^.:\n]{1,80}?)?[*_ \t]*(?:\bis\b|\bwould be\b|:|=)[*_ \t]*:?[*_ \t]*/gi;
  const line = /^[ \t>*_#]*(?:final answer|answer|a)[ \t]*(?:[:：][*_ \t]*|[*_ \t]*(?=\n))/gim;
  const ends = [...text.matchAll(sentence), ...text.matchAll(line)].map((match) => match.index + match[0].length);
  for (const start of ends.sort((a, b) => b - a).slice(0, 20)) {
    const value = /\S[^\n]*/y;
    value.lastIndex = start + (/^\s*/.exec(text.slice(start, start + 100))?.[0].length ?? 0);
    const match = value.exec(text);
    if (match) {
      const found = trimmed(text, match.index, match.index + sentenceLength(match[0]), "phrase");
      if (found) return found;
    }
  }
  return null;
}

/** Up to the end of the sentence or the beginning of a reason; the points of 3.5 and p.m. end nothing. */
function sentenceLength(line: string): number {
  const end = /(?<![.\s][A-Za-z])[.!?](?=[*_]*(?:\s|$))|,? (?:because|since|which|so that)\b/i.exec(line);
  return end ? end.index : line.length;
}

function findBold(text: string): ExtractedAnswer | null {
  const lastLine = text
    .trimEnd()
    .slice(-2 * maxAnswerCharacters)
    .split("\n")
    .at(-1)!;
  const match = [...lastLine.matchAll(/\*\*([^*\n]{1,200})\*\*/g)].at(-1);
  if (!match || /:\s*$/.test(match[1]!)) return null;
  const start = text.trimEnd().length - lastLine.length + match.index + 2;
  return trimmed(text, start, start + match[1]!.length, "bold");
}

/** "(B)" or "B." alone on the last line, or "option B" in it. */
function findChoice(text: string): ExtractedAnswer | null {
  const end = text.trimEnd().length;
  const start = text.lastIndexOf("\n", end - 1) + 1;
  const line = text.slice(Math.max(start, end - maxAnswerCharacters), end);
  const alone = /^\s*(?:\\text\{)?\(?([A-J])\)?\}?[.)]?\s*$/.exec(line);
  const named = [...line.matchAll(/\b(?:option|choice)\s+\(?([A-J])\b|(?<!\w)\(([A-J])\)/gi)].at(-1);
  const match = alone ?? named;
  if (!match) return null;
  const letter = match[1] ?? match[2]!;
  const index = end - line.length + match.index! + match[0].lastIndexOf(letter);
  return { text: letter, how: "choice", index };
}

function findLastNumber(text: string): ExtractedAnswer | null {
  const match = [...text.slice(-20_000).matchAll(/(?<![\w.])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:\/\d+)?%?/g)].at(
    -1,
  );
  return match ? { text: match[0], how: "number", index: Math.max(0, text.length - 20_000) + match.index } : null;
}

/** Cuts blanks, Markdown and the full stop; unwraps boxes inside; null where nothing is left or far too much is. */
function trimmed(text: string, from: number, to: number, how: ExtractHow): ExtractedAnswer | null {
  let [start, end] = [from, to];
  const dropStart = (pattern: RegExp) => {
    start += pattern.exec(text.slice(start, Math.min(end, start + 50)))?.[0].length ?? 0;
  };
  dropStart(/^[\s*_:]*/);
  while (end > start && /[\s*]|[.。](?<!\d\.(?=\d))/.test(text[end - 1]!)) end--;
  const inside = /^\\(?:boxed|fbox)\s*\{/.exec(text.slice(start, end));
  if (inside && closingBrace(text, start + inside[0].length - 1) === end - 1)
    return trimmed(text, start + inside[0].length, end - 1, how);
  return end > start && end - start <= maxAnswerCharacters ? { text: text.slice(start, end), how, index: start } : null;
}
