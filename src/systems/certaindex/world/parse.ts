/**
 * Reads what a model wrote after a prompt of this world, by its rules: exact on the teacher's traces, and total: any
 * text gives a result, which says what is malformed about it.
 */
import { type Question, trueAnswer, trueStates } from "./question.ts";
import type { Mode } from "./teacher.ts";
import {
  ARROW,
  BOXED,
  CLOSE,
  END_OF_THINKING,
  EOS,
  EQUALS,
  FAST,
  OPERATORS,
  type Operator,
  operatorToken,
  splitTokens,
  THINK,
  WAIT,
} from "./vocabulary.ts";

export type ParsedStep = { step: number; operator: Operator; digit: number; state: number };

export type ParsedTrace = {
  /** The chain as often as it was worked out; the last pass may be cut off. */
  passes: ParsedStep[][];
  /** The digit in the box; null when there is none. */
  answer: string | null;
  /** What is not as it should be, in words; empty for a well-formed, whole trace. */
  faults: string[];
};

/** @param text what the model wrote after the prompt, with or without the end token */
export function parseTrace(text: string): ParsedTrace {
  const tokens = splitTokens(text).filter((token) => token !== EOS);
  const faults: string[] = [];
  const passes: ParsedStep[][] = [[]];
  let at = 0;
  for (; at < tokens.length && tokens[at] !== BOXED && tokens[at] !== END_OF_THINKING; ) {
    if (tokens[at] === WAIT) {
      passes.push([]);
      at++;
      continue;
    }
    const step = readStep(tokens, at);
    if (!step) {
      faults.push(`expected a step at token ${at + 1}, found ${JSON.stringify(tokens.slice(at, at + 4).join(""))}`);
      break;
    }
    const expected = passes.at(-1)!.length + 1;
    if (step.step !== expected) faults.push(`pass ${passes.length}: expected step ${expected}, found ${step.step}`);
    passes.at(-1)!.push(step);
    at += 4;
  }
  const box = tokens.lastIndexOf(BOXED);
  const isWhole = box !== -1 && /^\d$/.test(tokens[box + 1] ?? "") && tokens[box + 2] === CLOSE;
  if (!isWhole) faults.push(`no whole ${BOXED}digit${CLOSE}`);
  return { passes, answer: isWhole ? tokens[box + 1]! : null, faults };
}

/** The digit that a probe was answered with; null when it is none. @param text what follows `\boxed{` */
export function parseProbe(text: string): string | null {
  return /^\d/.exec(text)?.[0] ?? null;
}

/** Whether every state that was written is the true one: what the reward is trained to tell. */
export function isRightSoFar(question: Question, text: string): boolean {
  const { passes, answer } = parseTrace(text);
  const truth = trueStates(question);
  const statesHold = passes.every((pass) => pass.every(({ step, state }) => truth[step - 1] === state));
  return statesHold && (answer === null || answer === trueAnswer(question));
}

/** A prompt of this world, read back; null for any other text. */
export function parsePrompt(text: string): { question: Question; mode: Mode } | null {
  const match = /^(?:<s>)?(\d)((?:[①-⑫][-+*?!]\d)+)=(<fast>|<think>)$/u.exec(text);
  if (!match || !(match[3] === FAST || match[3] === THINK)) return null;
  const operations = [...match[2]!.matchAll(/([①-⑫])([-+*?!])(\d)/gu)].map(([, , operator, digit]) => ({
    operator: operator as Operator,
    digit: Number(digit),
  }));
  const isNumbered = operations.every(({ operator, digit }, at) =>
    match[2]!.includes(operatorToken(at + 1, operator) + digit),
  );
  return isNumbered
    ? { question: { start: Number(match[1]), operations }, mode: match[3] === FAST ? "fast" : "think" }
    : null;
}

function readStep(tokens: readonly string[], at: number): ParsedStep | null {
  const [operator = "", digit = "", equals, state = ""] = tokens.slice(at, at + 4);
  const step = operator.codePointAt(0)! - "①".codePointAt(0)! + 1;
  const symbol = OPERATORS.find((one) => operator === `${operator.at(0)}${one}`);
  if (
    !symbol ||
    !(step >= 1 && step <= 12) ||
    (equals !== EQUALS && equals !== ARROW) ||
    !/^\d$/.test(digit) ||
    !/^\d$/.test(state)
  )
    return null;
  return { step, operator: symbol, digit: Number(digit), state: Number(state) };
}
