/** What a probe answered: the text in its box, and whether the model hesitated while it wrote that. */
import type { ProbeSettings } from "./settings.ts";

export interface ProbeReading {
  /** The trimmed text of the box; null where the box is empty or was not closed. */
  answer: string | null;
  /** One of the hesitation words occurs in the probe: it does not count. */
  isHesitant: boolean;
}

type ReadSettings = Partial<Pick<ProbeSettings, "hesitations" | "close">>;

const defaultHesitations = ["wait", "hold", "but", "okay", "no", "hmm"];

/**
 * Reads a probe's text, which begins inside the box.
 * Whole words are looked for: the published test for the letters "no" also hits "not", "know" and "enough". Only the
 * text up to the end of the box counts as the probe's; what a server wrote after it is not the answer's hesitation.
 */
export function readProbe(text: string, settings: ReadSettings = {}): ProbeReading {
  const { hesitations = defaultHesitations, close = "}" } = settings;
  const end = endOfAnswer(text, close);
  const answer = end === -1 ? "" : text.slice(0, end).trim();
  return {
    answer: answer === "" ? null : answer,
    isHesitant: hasWord(end === -1 ? text : text.slice(0, end), hesitations),
  };
}

/**
 * Where the answer ends: at the first closing brace that matches none opened within it, where `close` begins with a
 * brace; else at the first `close`. A brace that is escaped (`\}`), or quoted in `"` or a `\text{...}`, is part of the answer.
 * @returns -1 when the text does not get there
 */
export function endOfAnswer(text: string, close = "}"): number {
  if (!close.startsWith("}")) return text.indexOf(close.trim() === "" ? close : close.trim());
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const char = text[index];
    if (char === "\\") index++;
    else if (char === '"') index = afterQuote(text, index);
    else if (char === "{") depth++;
    else if (char === "}" && --depth < 0) return index;
  }
  return -1;
}

/** The index of the quote that closes the one at `open`; a quote without partner, as in 5" (inches), is a character. */
function afterQuote(text: string, open: number): number {
  const line = text.indexOf("\n", open + 1);
  const close = text.indexOf('"', open + 1);
  return close === -1 || (line !== -1 && line < close) ? open : close;
}

/** Whether one of the words occurs as a word of its own, in any case and script. */
export function hasWord(text: string, words: readonly string[]): boolean {
  if (words.length === 0) return false;
  return wordPattern(words).test(text);
}

const patterns = new Map<string, RegExp>();

/** `no` but not `know` or `no_1`; words of several words are found, too. */
function wordPattern(words: readonly string[]): RegExp {
  const key = words.join("\n");
  let pattern = patterns.get(key);
  if (!pattern) {
    const any = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
    pattern = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${any})(?![\\p{L}\\p{N}_])`, "iu");
    patterns.set(key, pattern);
  }
  return pattern;
}
