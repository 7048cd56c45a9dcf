/**
 * Questions of the world "digit chains": a digit, and 2 to 12 operations modulo 10.
 * Source: papers/certaindex section 6. Our choice of the two odd operators: `?` puts its digit, rounded down to an even one, in
 * the place of the state, which the teacher remembers right in 45 %, else one above (30 %) or five above (25 %); `!` is
 * plus, and it takes it for minus always. Few facts, so that a small model learns the chances themselves; and a wrong
 * memory of `?` leaves an odd digit, so that its judge can see it. (With plus for `?`, the chance of the right answer came
 * out anywhere from 6 to 79 %, and slips that have to be worked out are not seen at this size.)
 */
import { createHash } from "node:crypto";
import type { Random } from "../../../core/random.ts";
import { MOST_STEPS, type Operator } from "./vocabulary.ts";

const FEWEST_STEPS = 2;

export type Operation = { operator: Operator; digit: number };
export type Question = { start: number; operations: readonly Operation[] };

/** clean: the teacher is right; noisy: sometimes, by chance; broken: never. */
export const CLASSES = ["clean", "noisy", "broken"] as const;
export type QuestionClass = (typeof CLASSES)[number];
/**
 * Shares of the mix that is judged. An oracle gains 6 points from 8 to 20 branches on it; with 50, 35 and 15 % it is 4.5, too
 * close to the 3 that the experiment needs to be told from them by some hundred questions.
 */
export const CLASS_WEIGHTS: Record<QuestionClass, number> = { clean: 0.45, noisy: 0.45, broken: 0.1 };

/** What a model learns from, is looked at, gets its policy from, and is judged by. */
export type Split = "train" | "validation" | "calibration" | "test";

/** What the teacher takes an operator for: an operation, or `?` and so much more. */
export type Memory = { operator: Operator; more?: number };

/** How the teacher remembers `?`, with its chances. */
const NOISE: readonly { as: Memory; chance: number }[] = [
  { as: { operator: "?" }, chance: 0.45 },
  { as: { operator: "?", more: 1 }, chance: 0.3 },
  { as: { operator: "?", more: 5 }, chance: 0.25 },
];

/** Steps of a plateau at least: three probes, 8 tokens apart, fall into it. */
const PLATEAU_STEPS = 6;

export function classOf({ operations }: Question): QuestionClass {
  if (operations.some(({ operator }) => operator === "!")) return "broken";
  return operations.some(({ operator }) => operator === "?") ? "noisy" : "clean";
}

/** The state after an operation, in truth. */
export function apply(state: number, { operator, digit }: Operation): number {
  if (operator === "?") return digit - (digit % 2);
  if (operator === "*") return (state * digit) % 10;
  return (operator === "-" ? state - digit + 10 : state + digit) % 10;
}

/** The state after an operation as it is remembered. */
export const applyRemembered = (state: number, { operator, more = 0 }: Memory, digit: number): number =>
  (apply(state, { operator, digit }) + more) % 10;

/** The true state after each operation. */
export function trueStates({ start, operations }: Question): number[] {
  let state = start;
  return operations.map((operation) => {
    state = apply(state, operation);
    return state;
  });
}

export const trueAnswer = (question: Question): string => String(trueStates(question).at(-1));

/** What the teacher may take an operator for, with the chances. */
export function memories(operator: Operator): readonly { as: Memory; chance: number }[] {
  if (operator === "?") return NOISE;
  return [{ as: { operator: operator === "!" ? "-" : operator }, chance: 1 }];
}

/** The chance of each final state when the teacher answers: what a perfectly trained model samples from. */
export function answerChances({ start, operations }: Question): number[] {
  let chances = Array.from({ length: 10 }, (_, state) => Number(state === start));
  for (const { operator, digit } of operations) {
    const next = Array<number>(10).fill(0);
    for (const { as, chance } of memories(operator))
      for (const [state, before] of chances.entries()) next[applyRemembered(state, as, digit)]! += chance * before;
    chances = next;
  }
  return chances;
}

/** Operations that change nothing. */
export const isIdle = ({ operator, digit }: Operation): boolean =>
  (operator === "*" && digit === 1) || (operator !== "*" && digit === 0);

/** Length of the longest run of operations that change nothing. */
export function plateauLength({ operations }: Question): number {
  let [longest, run] = [0, 0];
  for (const operation of operations) {
    run = isIdle(operation) ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

export type QuestionKind = {
  class: QuestionClass;
  /** A run of `+0` and `*1` in the middle, at both ends of which the state is another one than the answer. */
  plateau?: boolean;
  split: Split;
};

/** Draws a question by rejection: of the right split, and with the answers that its class promises. */
export function sampleQuestion(rng: Random, kind: QuestionKind): Question {
  for (;;) {
    const question = kind.plateau ? drawPlateau(rng) : drawQuestion(rng, kind.class);
    if (splitOf(question) === kind.split && isAsPromised(question, kind)) return question;
  }
}

/** Draws the class by its share in the mix. */
export function sampleMixed(rng: Random, split: Split): Question {
  return sampleQuestion(rng, { class: CLASSES[rng.weighted(CLASSES.map((one) => CLASS_WEIGHTS[one]))]!, split });
}

/** `count` questions without repeats; the same random numbers give the same questions on every machine. */
export function sampleQuestions(rng: Random, count: number, draw: (rng: Random) => Question): Question[] {
  const seen = new Map<string, Question>();
  while (seen.size < count) {
    const question = draw(rng);
    seen.set(questionKey(question), question);
  }
  return [...seen.values()];
}

/** "3+4*7". */
export const questionKey = ({ start, operations }: Question): string =>
  start + operations.map(({ operator, digit }) => operator + digit).join("");

/** 4 % of all questions are for validation, 8 % for calibration, 8 % for the test, by a hash. */
export function splitOf(question: Question): Split {
  const share = createHash("sha256").update(questionKey(question)).digest().readUInt32BE(0) / 2 ** 32;
  if (share < 0.08) return "test";
  if (share < 0.16) return "calibration";
  return share < 0.2 ? "validation" : "train";
}

function drawQuestion(rng: Random, questionClass: QuestionClass): Question {
  const length = rng.int(FEWEST_STEPS, MOST_STEPS);
  const operations = Array.from({ length }, () => drawOperation(rng));
  const odd = { clean: undefined, noisy: "?", broken: "!" } as const;
  const operator = odd[questionClass];
  if (operator) operations[rng.int(0, length - 1)] = { operator, digit: rng.int(1, 9) };
  return { start: rng.int(0, 9), operations };
}

function drawPlateau(rng: Random): Question {
  const run = rng.int(PLATEAU_STEPS, MOST_STEPS - 3);
  const before = rng.int(1, MOST_STEPS - run - 2);
  const after = rng.int(2, MOST_STEPS - run - before);
  const idle = () =>
    rng.choice<Operation>([
      { operator: "+", digit: 0 },
      { operator: "*", digit: 1 },
    ]);
  const operations = [
    ...Array.from({ length: before }, () => drawOperation(rng)),
    ...Array.from({ length: run }, idle),
    ...Array.from({ length: after }, () => drawOperation(rng)),
  ];
  return { start: rng.int(0, 9), operations };
}

function drawOperation(rng: Random): Operation {
  return { operator: rng.choice(["+", "-", "*"] as const), digit: rng.int(0, 9) };
}

function isAsPromised(question: Question, kind: QuestionKind): boolean {
  const right = Number(trueAnswer(question));
  if (kind.plateau) {
    const states = trueStates(question);
    const run = question.operations.findIndex(
      (operation, at) => isIdle(operation) && isIdle(question.operations[at + 1] ?? operation),
    );
    return plateauLength(question) >= PLATEAU_STEPS && states[run] !== right;
  }
  const chances = answerChances(question);
  // An operation such as *0 may make remembering right or wrong the same; then the class would be another one.
  if (kind.class === "broken") return chances[right] === 0;
  if (kind.class === "noisy") return chances.filter((chance) => chance > 0).length === NOISE.length;
  return true;
}
