/**
 * The lessons of the model, each a pure function of (seed, index). Three kinds:
 * - trace: question to answer, in either mode;
 * - probe: a trace cut off anywhere, the probe token, the current state;
 * - check: a fast trace cut off after a step or its answer, the check token, and whether all states until there are
 *   true, and if not which is the first wrong one: whoever must point at it learns to look. A fifth of the clean ones have
 *   a slip, which is shown but not taught.
 * Reward differs in one way from the paper's head on the same trunk: it is the answer to a token of the same decoder,
 * P(ok) / (P(ok) + P(off)), which is the sigmoid of a linear head whose weights are the difference of two output rows.
 */
import type { Random } from "../../../core/random.ts";
import { CLASSES, type Question, sampleQuestion, trueStates } from "./question.ts";
import { drawRechecks, type Mode, promptTokens, type Slip, STEP_TOKENS, teach } from "./teacher.ts";
import { BOXED, CHECK, CLOSE, EOS, operatorToken, RIGHT, WRONG } from "./vocabulary.ts";

export const LESSON_KINDS = ["trace", "probe", "check"] as const;
export type LessonKind = (typeof LESSON_KINDS)[number];

/** Shares of lessons; the paper's miniature wants 15 % probes. */
const KIND_WEIGHTS = [0.45, 0.15, 0.4];
const CLASS_SHARES = [0.5, 0.35, 0.15];
/** Of clean questions in training. */
const PLATEAU_SHARE = 0.12;
const THINK_SHARE = 0.5;
/** First passes of think traces of clean questions with a slip. */
const SLIP_SHARE = 0.15;

export type Lesson = {
  kind: LessonKind;
  mode: Mode;
  question: Question;
  /** Prompt and what follows. */
  tokens: string[];
  /** Whether the model shall learn to write the token. */
  trained: boolean[];
};

/** Lesson number `index` of the corpus whose random numbers are `rng`. */
export function lesson(rng: Random, index: number): Lesson {
  const stream = rng.split(index);
  const kind = LESSON_KINDS[stream.weighted(KIND_WEIGHTS)]!;
  const mode = kind !== "check" && stream.bool(THINK_SHARE) ? "think" : "fast";
  const chosen = CLASSES[stream.weighted(CLASS_SHARES)]!;
  const plateau = chosen === "clean" && stream.bool(PLATEAU_SHARE);
  const question = sampleQuestion(stream, { class: chosen, plateau, split: "train" });
  const { tokens, trained } = { trace: traceLesson, probe: probeLesson, check: checkLesson }[kind](
    question,
    mode,
    stream,
    chosen === "clean",
  );
  const prompt = promptTokens(question, mode);
  return { kind, mode, question, tokens: [...prompt, ...tokens], trained: [...prompt.map(() => false), ...trained] };
}

type Part = Pick<Lesson, "tokens" | "trained">;

function traceLesson(question: Question, mode: Mode, rng: Random, isClean: boolean): Part {
  return drawTrace(question, mode, rng, isClean);
}

function drawTrace(question: Question, mode: Mode, rng: Random, isClean: boolean) {
  if (mode === "fast") return teach(question, mode, rng);
  const slip = isClean && rng.bool(SLIP_SHARE) ? drawSlip(question, rng) : undefined;
  return teach(question, mode, rng, { slip, recheckCount: drawRechecks(question, rng, slip ? 1 : 0) });
}

function probeLesson(question: Question, mode: Mode, rng: Random, isClean: boolean): Part {
  const { tokens, trained, current } = drawTrace(question, mode, rng, isClean);
  const cut = rng.int(0, tokens.indexOf(BOXED) - 1); // tokens kept; the probe of a whole trace is its own answer
  const state = cut === 0 ? question.start : current[cut - 1]!;
  return {
    tokens: [...tokens.slice(0, cut), BOXED, String(state), CLOSE, EOS],
    trained: [...trained.slice(0, cut), false, true, true, true],
  };
}

function checkLesson(question: Question, mode: Mode, rng: Random, isClean: boolean): Part {
  const slip = isClean && rng.bool(0.2) ? drawSlip(question, rng) : undefined;
  const { tokens, trained } = teach(question, mode, rng, { slip });
  const least = slip ? slip.step + 1 : 1;
  const steps = rng.int(least, question.operations.length + 1); // one more: with the answer
  const kept = steps > question.operations.length ? tokens.indexOf(CLOSE) + 1 : STEP_TOKENS * steps;
  const states = tokens.filter((_, at) => at % STEP_TOKENS === STEP_TOKENS - 1); // the answer's tokens come after them
  const wrong = trueStates(question)
    .slice(0, steps)
    .findIndex((state, at) => states[at] !== String(state));
  const verdict = wrong === -1 ? [RIGHT] : [WRONG, operatorToken(wrong + 1, question.operations[wrong]!.operator)];
  return {
    tokens: [...tokens.slice(0, kept), CHECK, ...verdict],
    trained: [...trained.slice(0, kept), false, ...verdict.map(() => true)],
  };
}

function drawSlip({ operations }: Question, rng: Random): Slip {
  return { step: rng.int(0, operations.length - 1), delta: rng.int(1, 9) };
}
