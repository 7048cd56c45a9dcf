/** One interface for "is this answer right?", so that rules, tests of code and model judges can stand in one place. */
import { answersEqual, compareAnswers, type EqualOptions } from "./equal.ts";
import { parseAnswer } from "./value.ts";

/** What a checker says; null: this checker cannot tell, ask the next one. */
export type CheckResult = { correct: boolean | null; how: string };

/**
 * Compares a model's answer with the expected one. A judge that asks a model implements the same type; `question`
 * is for such judges. `answer` is null where the text had none.
 */
export type AnswerChecker = (
  answer: string | null,
  expected: string,
  context?: { question?: string },
) => CheckResult | Promise<CheckResult>;

const missing: CheckResult = { correct: false, how: "no answer" };

/** Same text, apart from blanks around it. */
export const exactChecker: AnswerChecker = (answer, expected) =>
  answer === null ? missing : { correct: answer.trim() === expected.trim(), how: "exact" };

/** Mathematical equality (`answersEqual`). */
export const mathsChecker =
  (options: EqualOptions = {}): AnswerChecker =>
  (answer, expected) => {
    if (answer === null) return missing;
    const { equal, how } = answersEqual(answer, expected, options);
    return { correct: equal, how };
  };

/** Numbers only; says null where one side is no number. */
export const numberChecker =
  (options: EqualOptions = {}): AnswerChecker =>
  (answer, expected) => {
    if (answer === null) return missing;
    const [a, b] = [parseAnswer(answer), parseAnswer(expected)];
    if (a.kind !== "scalar" || b.kind !== "scalar" || !a.number || !b.number)
      return { correct: null, how: "not a number" };
    const { equal, how } = compareAnswers(a, b, options);
    return { correct: equal, how };
  };

/** The same items in any order, whatever brackets they stand in. */
export const setChecker =
  (options: EqualOptions = {}): AnswerChecker =>
  (answer, expected) => {
    if (answer === null) return missing;
    const [a, b] = [asSet(answer), asSet(expected)];
    const { equal, how } = compareAnswers(parseAnswer(a), parseAnswer(b), { ...options, lists: "unordered" });
    return { correct: equal, how };
  };

/** `expected` holds a regular expression that the whole answer must match; only as long an answer as people write. */
export const regexChecker =
  (flags = "iu"): AnswerChecker =>
  (answer, expected) =>
    answer === null
      ? missing
      : { correct: new RegExp(`^(?:${expected})$`, flags).test(answer.trim().slice(0, 1_000)), how: "regex" };

const asSet = (text: string): string =>
  `\\{${text.trim().replace(/^(?:\\left)?\\?[([{]|(?:\\right)?\\?[)\]}]$/g, "")}\\}`;
