/**
 * The overthinking teacher: solves until two answers agree, and then goes on checking what it knows.
 * Source: papers/overthinking section 6.
 *
 * Half of the teacher's whims are chance and half are visible in the problem (the last digit of the last addend).
 * Were all of them chance, the most likely next step would nearly always be "one more check", and greedy decoding
 * of a model that learned them well would run to the cap on every problem.
 */
import type { Random } from "../../../core/random.ts";
import { type Level, levelOf, type Problem, renderPrompt, trueSum } from "./problem.ts";
import { additionCount, type Slip, STRATEGIES, type Strategy, work } from "./strategies.ts";
import {
  ANSWER,
  BOS,
  DIFFERS,
  digits,
  END_OF_ANSWER,
  END_OF_THINKING,
  EOS,
  MOST_SOLUTIONS,
  ROUND_MARKERS,
  SAME,
  THINK,
} from "./vocabulary.ts";

/** Redundant rounds after agreement, mean of a geometric distribution by level: the easier, the more. */
export const MEAN_REDUNDANT_ROUNDS: Record<Level, number> = { 1: 2.1, 2: 2.0, 3: 1.9, 4: 1.5, 5: 1.2 };
/**
 * Chance that a solution contains a slip, by level. With the trap (0.65, 2.1, 3.9, 6.2, 9.6 %, strategies.ts) first
 * solutions are wrong in 1, 3.5, 7, 12, 19 %.
 */
export const SLIP_RATE: Record<Level, number> = { 1: 0.0035, 2: 0.0143, 3: 0.032, 4: 0.062, 5: 0.104 };
/**
 * Prompt and trace together never exceed this; the cap of ten solutions would need 526 tokens. It ends 0.8 % of the
 * traces early, and a model of this size spends less on attention.
 */
export const CONTEXT_LENGTH = 320;
/** The second solution is the short recheck this often, else one of the three other new strategies. */
const RECHECK_RATE = 0.6;
/** How often a whim follows the problem rather than chance. */
const VISIBLE_SHARE = 0.5;

export type TaughtSolution = {
  strategy: Strategy;
  answer: number;
  correct: boolean;
  /** From the round marker to the verdict. */
  tokens: string[];
  /** Where in `tokens` a slip is written down, [from, to). */
  slipped?: [from: number, to: number];
};

export type TeacherTrace = { problem: Problem; solutions: TaughtSolution[]; answer: number };

/**
 * One trace; the same generator state gives the same trace.
 * @param slipRate chance that a solution contains a slip; default: by level
 */
export function teach(problem: Problem, rng: Random, slipRate = SLIP_RATE[levelOf(problem)]): TeacherTrace {
  const level = levelOf(problem);
  const truth = trueSum(problem);
  const promptLength = promptTokens(problem).length;
  const solutions: TaughtSolution[] = [];
  const solve = (strategy: Strategy) => {
    const slip = rng.bool(slipRate) ? drawSlip(strategy, problem, rng) : undefined;
    const { tokens, answer, slipped } = work(strategy, problem, slip);
    const seen = solutions.some((earlier) => earlier.answer === answer);
    const verdict = solutions.length === 0 ? [] : [seen ? SAME : DIFFERS];
    const marker = ROUND_MARKERS[solutions.length]!;
    solutions.push({
      strategy,
      answer,
      correct: answer === truth,
      tokens: [marker, ...tokens, ...verdict],
      ...(slipped && { slipped: [slipped[0] + 1, slipped[1] + 1] }),
    });
    return seen;
  };

  const isFull = () => {
    const thinking = solutions.reduce((total, { tokens }) => total + tokens.length, 0);
    const longest = solutions[0]!.tokens.length + 1; // no strategy writes more than the full one; a verdict
    return solutions.length === MOST_SOLUTIONS || promptLength + thinking + longest + CLOSING_LENGTH > CONTEXT_LENGTH;
  };

  solve("full");
  let agreed = solve(rng.bool(RECHECK_RATE) ? "check" : rng.choice(["reverse", "pairs", "tens"] as const));
  while (!agreed && !isFull()) agreed = solve(drawStrategy(problem, solutions.length + 1, rng));
  const answer = solutions.at(-1)!.answer; // the one that two solutions share; when there is no room for it, the last

  const wanted = solutions.length + drawRedundantRounds(level, problem, rng);
  while (solutions.length < wanted && !isFull()) solve(drawStrategy(problem, solutions.length + 1, rng));
  return { problem, solutions, answer };
}

/** <think>, </think>, <answer>, up to three digits, </answer>, </s>. */
const CLOSING_LENGTH = 8;

/** What the model reads: `<s>17+25+38=`. */
export const promptTokens = (problem: Problem): string[] => [BOS, ...renderPrompt(problem)];

/** What the model writes, from `<think>` to the end of the sequence. */
export function completionTokens({ solutions, answer }: Pick<TeacherTrace, "solutions" | "answer">): string[] {
  const thinking = solutions.flatMap((solution) => solution.tokens);
  return [THINK, ...thinking, END_OF_THINKING, ANSWER, ...digits(answer), END_OF_ANSWER, EOS];
}

/** Rounds after agreement that the problem itself suggests: the geometric distribution's quantile at (digit + ½)/10. */
export function visibleRedundantRounds(level: Level, problem: Problem): number {
  return geometricQuantile(MEAN_REDUNDANT_ROUNDS[level], (whim(problem) + 0.5) / 10);
}

/** The strategy that the problem itself suggests for solution number `round` (3 and later). */
export function visibleStrategy(problem: Problem, round: number): Strategy {
  // Digits 0 and 5 give an endless "wait, check"; the others walk through all strategies.
  return VISIBLE_ORDER[(whim(problem) * round) % VISIBLE_ORDER.length]!;
}

const VISIBLE_ORDER: readonly Strategy[] = ["check", "reverse", "pairs", "tens", "full"];

const whim = ({ addends }: Problem): number => addends.at(-1)! % 10;

function drawRedundantRounds(level: Level, problem: Problem, rng: Random): number {
  if (rng.bool(VISIBLE_SHARE)) return visibleRedundantRounds(level, problem);
  return geometricQuantile(MEAN_REDUNDANT_ROUNDS[level], rng.next());
}

function drawStrategy(problem: Problem, round: number, rng: Random): Strategy {
  return rng.bool(VISIBLE_SHARE) ? visibleStrategy(problem, round) : rng.choice(STRATEGIES);
}

function drawSlip(strategy: Strategy, problem: Problem, rng: Random): Slip {
  const n = problem.addends.length;
  const step = rng.int(0, additionCount(strategy, n) - 1);
  // Sums of tens digits and of units digits are small numbers, where only a slip by one looks like a slip.
  const isColumnStep = strategy === "tens" && step < 2 * (n - 1);
  return { step, delta: rng.choice(isColumnStep ? [-1, 1] : [-10, -1, 1, 10]) };
}

/** Smallest r with P(R ≤ r) > u for P(R = r) = (1 − p) p^r and mean p / (1 − p). */
function geometricQuantile(mean: number, u: number): number {
  return Math.floor(Math.log(1 - u) / Math.log(mean / (1 + mean)));
}
