/** The exact segmenter of the world "Sums": its traces number their solutions and name their strategies. */
import { parseTrace } from "../world/parse.ts";
import { LABELS, THINK } from "../world/vocabulary.ts";
import type { Segmentation } from "./rules.ts";

const start = new RegExp(`^\\s*1\\) (?:${Object.values(LABELS).join("|")})`, "u");

export const isSums = (reasoning: string): boolean => start.test(reasoning);

/** @returns pieces as of `segmentByRules`, with the strategies that the trace names */
export function segmentSums(reasoning: string): Segmentation & { strategies: (string | null)[] } {
  const lead = reasoning.startsWith("\n") ? 0 : 1; // the first marker begins with a newline, which readers may trim
  const { solutions } = parseTrace(`${THINK}${lead ? "\n" : ""}${reasoning}`);
  if (solutions.length === 0) {
    return { pieces: [{ end: reasoning.length, answer: null }], flags: ["no_answer_found"], strategies: [null] };
  }
  let end = -lead;
  const pieces = solutions.map(({ text, answer }) => {
    end += text.length;
    return { end, answer: String(answer) };
  });
  pieces.at(-1)!.end = reasoning.length;
  return { pieces, flags: [], strategies: solutions.map(({ strategy }) => (strategy === "unknown" ? null : strategy)) };
}
