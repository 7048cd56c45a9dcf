/** What a calibration refuses, and in which words: data that cannot bear a promise must not make one. */
import { ConfigError, DataError } from "../../../core/errors.ts";
import type { Recording } from "../schemas.ts";
import type { CalibrateOptions, TestedCandidate } from "./calibrate.ts";
import type { CandidateOptions } from "./candidates.ts";
import { describeRule } from "./describe.ts";
import { questionsNeeded } from "./fixed-sequence.ts";
import { isCutShort } from "./replay.ts";

type Test = { delta: number; confidence: number; sequenceCount: number };

const defaultWindows = [20, 16, 12, 10, 8, 6, 5, 4, 3, 2];

/** @throws ConfigError for windows, multiples or floors that cannot be */
export function probeGrid(
  cap: number,
  { windows = {}, minTokens = 0 }: CalibrateOptions,
): NonNullable<CandidateOptions["windows"]> {
  const grid = {
    window: windows.window ?? defaultWindows.filter((window) => window < cap || window === 2),
    every: windows.every ?? [1],
    minTokens: windows.minTokens ?? [minTokens],
  };
  const least = { window: 2, every: 1, minTokens: 0 };
  for (const name of ["window", "every", "minTokens"] as const) {
    const bad = grid[name].find((value) => !Number.isInteger(value) || value < least[name]);
    if (bad === undefined) continue;
    throw new ConfigError(`calibrate: windows.${name}: expected whole numbers of at least ${least[name]}, got ${bad}`, {
      ...(name === "window" && { hint: "One probe cannot agree with another." }),
    });
  }
  return grid;
}

/**
 * All of one program, model, cap and settings, and none cut short.
 * @returns the first of them
 * @throws DataError naming recording and field
 */
export function expectAlike(labelled: readonly Recording[], total: number): Recording {
  const [first] = labelled;
  if (!first) {
    throw new DataError(`calibrate: none of ${total} recordings has a label`, {
      hint: "Record with targets, so that `correct` of each step is true or false.",
    });
  }
  for (const recording of labelled) {
    const { id } = recording;
    if (isCutShort(recording)) {
      throw new DataError(
        `recording ${id}: ended: expected a run to the cap, got one that ended by "${recording.ended}"`,
        {
          hint: "Calibrate on runs to the cap: a policy `even` with detectAt = cap.",
        },
      );
    }
    for (const field of ["program", "model", "cap", "settings"] as const) {
      const [expected, found] = [JSON.stringify(first[field]), JSON.stringify(recording[field])];
      if (expected === found) continue;
      throw new DataError(`recording ${id}: ${field}: expected ${expected} as in ${first.id}, got ${found}`, {
        hint: "Calibrate each program, model, cap and setting by itself.",
      });
    }
  }
  return first;
}

/** @throws DataError that says how many questions it takes */
export function expectEnough(found: number, test: Test): void {
  const needed = questionsNeeded(test);
  if (found >= needed) return;
  const [share, level] = [percent(test.delta), percent(test.confidence)];
  throw new DataError(
    `calibrate: ${found} labelled questions cannot show a loss of at most ${share} at ${level} confidence: at least ${needed} are needed, if none of them is lost`,
    { hint: `Record more questions, allow more loss, or take the mode no-loss, which promises nothing.` },
  );
}

/** The error for a calibration in which even the safest rule fails. */
export function nonePasses(
  sequences: readonly (readonly TestedCandidate[])[],
  test: Test,
  mode: "guarantee" | "no-loss",
): DataError {
  const safest = sequences[0]![0]!;
  const { losses, n, bound, policy } = safest;
  const words = `calibrate: no rule passes: the safest loses ${losses} of ${n} questions`;
  if (mode === "no-loss") return new DataError(words, { hint: describeRule(policy) });
  return new DataError(`${words}, so up to ${percent(bound)} where ${percent(test.delta)} is allowed`, {
    hint: `With ${losses} lost it takes ${questionsNeeded(test, losses)} questions; or allow more, or decide later (detectAt). Tried: ${describeRule(policy)}`,
  });
}

/** @throws ConfigError */
export function expectShare(name: string, value: number): void {
  if (value > 0 && value < 1) return;
  throw new ConfigError(`calibrate: ${name}: expected a share above 0 and below 1, got ${value}`, {
    hint: "1 % is 0.01.",
  });
}

const percent = (share: number) => `${Number((100 * share).toFixed(2))} %`;
