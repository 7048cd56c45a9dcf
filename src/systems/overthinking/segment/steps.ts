/**
 * A reasoning as steps: the smallest pieces that a cut may stand between.
 * Source: papers/overthinking section 2.2, stage 1 (blank lines). A text of one block falls back to lines, then to
 * sentences.
 */

/** `[start, end)` in characters; the steps of a text, joined, are the text. */
export type Step = { start: number; end: number; text: string };

export type Steps = { steps: Step[]; fallback: "lines" | "sentences" | null };

/** Shorter texts may well be one step. */
const oneBlockCharacters = 400;

const patterns = {
  blank: /\n[ \t\r]*\n\s*/gu,
  lines: /\n\s*/gu,
  // Not after "e.g." or an initial; a sentence begins with a capital, a digit, or a formula.
  sentences: /(?<=[a-z0-9)\]}$"'’][.!?])\s+(?=[\p{Lu}\d\\$("“])|(?<=[。！？])/gu,
};

export function splitSteps(text: string): Steps {
  const steps = cutAfter(text, patterns.blank);
  if (steps.length > 1 || text.length < oneBlockCharacters) return { steps, fallback: null };
  const lines = cutAfter(text, patterns.lines);
  if (lines.length > 2) return { steps: lines, fallback: "lines" };
  const sentences = cutAfter(text, patterns.sentences);
  return sentences.length > 1 ? { steps: sentences, fallback: "sentences" } : { steps, fallback: null };
}

/** What separates two steps belongs to the first; blanks at the very beginning to the first step. */
function cutAfter(text: string, separator: RegExp): Step[] {
  const steps: Step[] = [];
  let start = 0;
  const push = (end: number) => {
    const step = text.slice(start, end);
    if (step.trim() === "") {
      if (steps.length > 0) steps.at(-1)!.end = end;
      return; // blanks at the beginning wait for the first step, which begins with them
    }
    steps.push({ start, end, text: step.trim() });
    start = end;
  };
  for (const match of text.matchAll(separator)) push(match.index + match[0].length);
  if (start < text.length) push(text.length);
  return steps;
}
