/** Where a program stands after some of its steps, and whether what it says is right. */
import { ConfigError } from "../../../core/errors.ts";
import { answersEqual } from "../../../endpoint/answers/index.ts";
import { Signals, type Step } from "../schemas.ts";
import { type Cost, noCost, type Question } from "./program.ts";

/** Where a program stood when it ended, or would have. */
export interface Outcome extends Cost {
  knob: number;
  answer: string | null;
  /** Null without a target. */
  correct: boolean | null;
}

export interface JudgeOptions {
  /** Whether an answer is the target. Default: endpoint/answers. */
  isCorrect?: (answer: string, target: string) => boolean;
}

/** After the first `count` steps; before the first there is nothing. */
export function outcomeAt(steps: readonly Step[], count: number, question: Question, options: JudgeOptions): Outcome {
  const step = steps[count - 1];
  if (!step) return { knob: 0, ...noCost, answer: null, correct: judgeAnswer(null, question, options) };
  const { knob, tokens, probeTokens, promptTokens, sharedPromptTokens, answer, correct } = step;
  return { knob, tokens, probeTokens, promptTokens, sharedPromptTokens, answer, correct };
}

/** @returns null without a target; no answer is a wrong one */
export function judgeAnswer(answer: string | null, { target }: Question, { isCorrect }: JudgeOptions): boolean | null {
  if (target === null) return null;
  if (answer === null) return false;
  return isCorrect ? isCorrect(answer, target) : answersEqual(answer, target).equal;
}

/** Signals that are not numbers yet, such as the largest of no rewards, are absent. @throws ConfigError */
export function checkSignals(program: string, signals: Signals): Signals {
  const defined = Object.entries(signals).filter(([, value]) => Number.isFinite(value));
  const result = Signals.safeParse(Object.fromEntries(defined));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue!.path.join(".");
  throw new ConfigError(`${program}: updateCertaindex gave ${JSON.stringify(signals)}: ${where}: ${issue!.message}`, {
    hint: "A signal is a number from 0 to 1 and has one of the known names.",
  });
}
