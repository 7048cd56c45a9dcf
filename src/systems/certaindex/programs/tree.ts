/** What tree searches share: a step of a solution is one call, cut by its number of tokens or by a stop text. */
import type { GenerateCall, Path } from "./program.ts";

export interface StepSettings {
  /** Tokens of one step at most. */
  stepTokens: number;
  /** Texts that end a step, e.g. a blank line; default none: steps are cut by their tokens alone. */
  stepStop?: readonly string[];
  /** Steps of one solution at most; default 32. */
  maxDepth?: number;
}

/** For solutions in prose. */
export const defaultStep: StepSettings = { stepTokens: 256, stepStop: ["\n\n"] };

export function stepCall(label: string, prefix: string, { stepTokens, stepStop }: StepSettings): GenerateCall {
  return { label, prefix, maxTokens: stepTokens, ...(stepStop && { stop: stepStop }) };
}

/**
 * The path with the stop text put back, and whether the solution ends with it. A server that does not tell which stop
 * text ended a call leaves only the answer to tell a step from the end.
 */
export function endOfStep(
  path: Path,
  { stepStop = [] }: StepSettings,
  prefix: string,
): { path: Path; isFinished: boolean } {
  if (path.finishReason === "length") return { path, isFinished: false };
  const isEmpty = path.text === prefix;
  if (stepStop.length === 0 || isEmpty || (path.answer !== null && path.stopText === undefined)) {
    return { path, isFinished: true };
  }
  const { stopText = stepStop[0]! } = path;
  return { path: { ...path, text: path.text + stopText }, isFinished: path.answer !== null };
}
