/**
 * Watches a reasoning while it is written and tells the answers of the solutions that are there so far.
 * Only whole steps count: an answer may still change while its sentence is being written.
 */
import { cutSteps } from "../segment/rules.ts";
import { splitSteps } from "../segment/steps.ts";
import { isSums } from "../segment/sums.ts";

export interface Watcher {
  /** @returns the answers of the solutions so far, in order, when the text completed a step; else null */
  push(text: string): string[] | null;
  readonly text: string;
}

/** Enough to see which kind of reasoning it is. */
const headCharacters = 16;

export function watchReasoning(): Watcher {
  let text = "";
  let seen = 0; // end of what was looked at
  return {
    get text() {
      return text;
    },
    push(piece) {
      text += piece;
      if (text.length < headCharacters) return null;
      const [end, answers] = isSums(text) ? readSums(text) : readSteps(text);
      if (end <= seen) return null;
      seen = end;
      return answers();
    },
  };
}

type Reading = [end: number, answers: () => string[]];

/** A line of "Sums" is complete when its verdict or the next marker stands behind its number. */
function readSums(text: string): Reading {
  const found = [...text.matchAll(/ → (\d{1,3})(?: \((?:same|differs)\)|(?=\n))/gu)];
  const last = found.at(-1);
  return [last ? last.index + last[0].length : 0, () => found.map(([, answer]) => answer!)];
}

function readSteps(text: string): Reading {
  // Blank lines end steps; a text that has none for long is read by lines.
  const blank = text.lastIndexOf("\n\n");
  const end = blank === -1 ? text.lastIndexOf("\n") : blank;
  return [
    end,
    () =>
      cutSteps(splitSteps(text.slice(0, end)).steps, null).flatMap(({ answer }) => (answer === null ? [] : [answer])),
  ];
}
