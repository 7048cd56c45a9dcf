/**
 * Is a solution's answer right? Rules first, a model last; each checker may pass the question on.
 * Source of the order: papers/overthinking section 2.3 (same text, plain numbers, no answer, equality by rules, judge).
 */
import { z } from "zod";
import {
  type AnswerChecker,
  type CheckResult,
  exactChecker,
  mathsChecker,
  numberChecker,
  regexChecker,
  setChecker,
} from "../../../endpoint/answers/index.ts";
import { type Endpoint, extractJson } from "../../../endpoint/index.ts";
import { shortened } from "../segment/prompts.ts";
import { askTwice } from "../segment/stages.ts";

export type CheckerName = z.output<typeof CheckerName>;
export const CheckerName = z.enum(["maths", "number", "set", "regex", "exact"]);

const named: Record<CheckerName, AnswerChecker> = {
  maths: mathsChecker(),
  number: numberChecker(),
  set: setChecker(),
  regex: regexChecker(),
  exact: exactChecker,
};

/**
 * The checkers of an analysis, to be tried in order.
 * @param judge asked where the rules see no equality, for forms they do not know
 */
export function checkersOf(name: CheckerName, judge?: AnswerChecker): AnswerChecker[] {
  const rule = named[name];
  if (!judge) return [rule];
  // A rule's "different" about two plain numbers is final; about anything else the judge has the last word.
  return [numberChecker(), agreeing(rule), judge];
}

/** Says yes or passes the question on. */
const agreeing =
  (checker: AnswerChecker): AnswerChecker =>
  async (answer, expected, context) => {
    const result = await checker(answer, expected, context);
    return answer !== null && result.correct === false ? { ...result, correct: null } : result;
  };

/** The first verdict of the checkers; null when none has one. */
export async function checkAnswer(
  checkers: readonly AnswerChecker[],
  answer: string | null,
  expected: string,
  context: { question?: string } = {},
): Promise<CheckResult> {
  if (answer === null) return { correct: false, how: "no answer" };
  for (const checker of checkers) {
    const pending = checker(answer, expected, context);
    const result = pending instanceof Promise ? await pending : pending; // rules answer at once, in the thousands
    if (result.correct !== null) return result;
  }
  return { correct: null, how: "no checker could tell" };
}

/**
 * Answers that are programs, `expected` being what tells their tests apart (a path, a JSON list of cases).
 * @param runTests null: the tests could not be run
 */
export const codeTestsChecker =
  (runTests: (program: string, tests: string) => Promise<{ passed: boolean | null }>): AnswerChecker =>
  async (program, tests) => {
    if (program === null) return { correct: false, how: "no answer" };
    const fenced = /```[\w+-]*\n([\s\S]*?)```/u.exec(program)?.[1] ?? program;
    return { correct: (await runTests(fenced, tests)).passed, how: "tests" };
  };

const judgeInstructions = `You are given a question, the correct answer, and the answer of a student. Decide whether the student's answer says the same as the correct one, whatever its form. Do not solve the question yourself.
Reply with JSON alone: {"result": true} or {"result": false}`;

const Verdict = z.object({ result: z.boolean() });

/** A model as the last judge; null where twice its verdict cannot be read. */
export const endpointChecker =
  (endpoint: Endpoint, { signal }: { signal?: AbortSignal } = {}): AnswerChecker =>
  async (answer, expected, { question = "" } = {}) => {
    const content = `Question:\n${shortened(question)}\n\nCorrect answer: ${expected}\n\nStudent's answer: ${answer}`;
    const messages = [
      { role: "system" as const, content: judgeInstructions },
      { role: "user" as const, content },
    ];
    const verdict = await askTwice(
      endpoint,
      { messages, temperature: 0, maxTokens: 300 },
      { ...(signal && { signal }) },
      (text) => {
        for (const candidate of extractJson(text)) {
          const parsed = Verdict.safeParse(candidate);
          if (parsed.success) return { value: parsed.data };
        }
        return { problem: 'there is no {"result": true} or {"result": false} in it' };
      },
    );
    return { correct: verdict?.result ?? null, how: "judge" };
  };
