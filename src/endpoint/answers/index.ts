/**
 * Final answers of models: find them (`extractAnswer`), compare them (`answersEqual`), check them (`AnswerChecker`).
 * Rules only, no model and no network; deterministic, and safe on any input.
 */
export {
  type AnswerChecker,
  type CheckResult,
  exactChecker,
  mathsChecker,
  numberChecker,
  regexChecker,
  setChecker,
} from "./checkers.ts";
export { answersEqual, compareAnswers, type EqualHow, type Equality, type EqualOptions } from "./equal.ts";
export { type ExtractedAnswer, type ExtractHow, type ExtractOptions, extractAnswer } from "./extract.ts";
export { normalizeAnswer } from "./normalize.ts";
export { type Answer, parseAnswer } from "./value.ts";
