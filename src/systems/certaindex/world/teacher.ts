/**
 * What the model learns to write: a chain worked out step by step, and in think mode worked out again and again.
 * Source: papers/certaindex section 6. Our choices: within one trace `?` is remembered in one way, so a re-check repeats
 * what was written; in a re-check only the last state stands behind `=`; and some first passes of think mode contain a slip, which is shown but not taught and which the
 * re-check mends: recoveries, which an early stop can cut off.
 */
import type { Random } from "../../../core/random.ts";
import { applyRemembered, type Memory, memories, type Question } from "./question.ts";
import {
  ARROW,
  BOS,
  BOXED,
  CLOSE,
  END_OF_THINKING,
  EOS,
  EQUALS,
  FAST,
  type Operator,
  operatorToken,
  THINK,
  WAIT,
} from "./vocabulary.ts";

export type Mode = "fast" | "think";

/** Prompt and trace together; the last re-checks of long chains are left out for it. */
export const CONTEXT_LENGTH = 192;
/** Operator, digit, =, new state. */
export const STEP_TOKENS = 4;
/** Mean of the geometric distribution of re-checks. */
const MEAN_RECHECKS = 1.5;
/** </think>, \boxed{, digit, }, </s>. */
const CLOSING_TOKENS = 5;

/** What the model is given: `<s>3①+4②*7=<fast>`. */
export function promptTokens({ start, operations }: Question, mode: Mode): string[] {
  const chain = operations.flatMap(({ operator, digit }, at) => [operatorToken(at + 1, operator), String(digit)]);
  return [BOS, String(start), ...chain, EQUALS, mode === "fast" ? FAST : THINK];
}

export const renderPrompt = (question: Question, mode: Mode): string => promptTokens(question, mode).join("");

/** A wrong state in the first pass: after which step (from 0), and how far off. */
export type Slip = { step: number; delta: number };

export type TaughtTrace = {
  /** What follows the prompt, to the end of the sequence. */
  tokens: string[];
  /** Whether the model shall learn to write the token; false for the state that slipped. */
  trained: boolean[];
  /** For each token, the state after it: what a probe there is answered with. */
  current: number[];
  passCount: number;
  answer: number;
};

/** @param slip only where at least one re-check follows it does the answer come out right */
export function teach(
  question: Question,
  mode: Mode,
  rng: Random,
  options: { slip?: Slip; recheckCount?: number } = {},
): TaughtTrace {
  const { slip, recheckCount = 0 } = options;
  const remembered = question.operations.map(({ operator }) => remember(operator, rng));
  const trace: TaughtTrace = { tokens: [], trained: [], current: [], passCount: 0, answer: question.start };
  const write = (token: string, isTrained = true) => {
    trace.tokens.push(token);
    trace.trained.push(isTrained);
    trace.current.push(trace.answer);
  };
  for (let pass = 0; pass <= recheckCount; pass++) {
    if (pass > 0) write(WAIT);
    let state = question.start;
    for (const [at, { operator, digit }] of question.operations.entries()) {
      const isLast = at === question.operations.length - 1;
      write(operatorToken(at + 1, operator));
      write(String(digit));
      write(pass === 0 || isLast ? EQUALS : ARROW);
      state = applyRemembered(state, remembered[at]!, digit);
      const slipsHere = pass === 0 && slip?.step === at;
      if (slipsHere) state = (state + slip.delta) % 10;
      // A probe tells the state of the first pass, and in a re-check what the last whole pass came to.
      if (pass === 0 || isLast) trace.answer = state;
      write(String(state), !slipsHere);
    }
    trace.passCount++;
  }
  if (mode === "think") write(END_OF_THINKING);
  for (const token of [BOXED, String(trace.answer), CLOSE, EOS]) write(token);
  return trace;
}

/** Re-checks of a think trace: geometric, as far as the context has room. @param least 1 where a slip must be mended */
export function drawRechecks({ operations }: Question, rng: Random, least = 0): number {
  const drawn = Math.floor(Math.log(1 - rng.next()) / Math.log(MEAN_RECHECKS / (1 + MEAN_RECHECKS)));
  return Math.min(Math.max(drawn, least), mostRechecks(operations.length));
}

export function mostRechecks(stepCount: number): number {
  const prompt = 2 * stepCount + 4;
  const pass = STEP_TOKENS * stepCount;
  return Math.floor((CONTEXT_LENGTH - prompt - pass - CLOSING_TOKENS) / (pass + 1));
}

function remember(operator: Operator, rng: Random): Memory {
  const ways = memories(operator);
  return ways.length === 1 ? ways[0]!.as : ways[rng.weighted(ways.map(({ chance }) => chance))]!.as;
}
