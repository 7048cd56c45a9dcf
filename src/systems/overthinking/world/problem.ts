/**
 * Problems of the world "Sums": add n = level + 1 numbers from 1 to 99, level 1 to 5.
 * Source: papers/overthinking section 6. Differs from it: answers are the true sums, not modulo 100.
 */
import { createHash } from "node:crypto";
import type { Random } from "../../../core/random.ts";

export const LEVELS = [1, 2, 3, 4, 5] as const;
export type Level = (typeof LEVELS)[number];

export const SMALLEST_ADDEND = 1;
export const LARGEST_ADDEND = 99;
export const FEWEST_ADDENDS = 2;
export const MOST_ADDENDS = 6;

/** Which problems a model may learn from, is tuned on, and is judged by. */
export type Split = "train" | "validation" | "test";

export type Problem = { addends: readonly number[] };

export const levelOf = ({ addends }: Problem): Level => (addends.length - 1) as Level;

export const trueSum = ({ addends }: Problem): number => addends.reduce((sum, addend) => sum + addend, 0);

/** The form in which the model reads a problem: `17+25+38=`. */
export const renderPrompt = ({ addends }: Problem): string => `${addends.join("+")}=`;

/**
 * One problem in ten is for the test, one in twenty for validation, by a hash of the sorted addends:
 * a reordering of a training problem is never a test problem. Level 1 has only 4,950 unordered pairs,
 * so a share of them must be kept away; drawing afresh would repeat training problems.
 */
export function splitOf({ addends }: Problem): Split {
  const key = [...addends].sort((a, b) => a - b).join("+");
  const share = createHash("sha256").update(key).digest().readUInt32BE(0) / 2 ** 32;
  if (share < 0.1) return "test";
  return share < 0.15 ? "validation" : "train";
}

/** Draws a problem of the level from one split, by rejection. */
export function sampleProblem(rng: Random, level: Level, split: Split): Problem {
  for (;;) {
    const addends = Array.from({ length: level + 1 }, () => rng.int(SMALLEST_ADDEND, LARGEST_ADDEND));
    if (splitOf({ addends }) === split) return { addends };
  }
}

/** `perLevel` problems of each level, without repeats; the same seed gives the same problems on every machine. */
export function sampleProblems(rng: Random, perLevel: number, split: Split): Problem[] {
  return LEVELS.flatMap((level) => {
    const stream = rng.split(`level ${level}`);
    const seen = new Map<string, Problem>();
    while (seen.size < perLevel) {
      const problem = sampleProblem(stream, level, split);
      seen.set(renderPrompt(problem), problem);
    }
    return [...seen.values()];
  });
}
