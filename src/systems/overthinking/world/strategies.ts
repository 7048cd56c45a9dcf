/**
 * Five ways to add, each with its own visible pattern of tokens. For 17+25+38:
 *
 *   full     add up: ① 17 ② + 25 = 42 ③ + 38 = 80 → 80
 *   check    wait, check: ① 17 ② 42 → 80
 *   reverse  from the end: ③ 38 ②+25 = 63 ①+17 → 80
 *   pairs    in pairs: ① 17 ②+25 = 42 ③+38 → 80
 *   tens     tens: ① 1 ② 3 ③ 6 units: ① 7 ② 12 ③ 20 → 80
 *
 * Every new number follows from numbers that stand nearby or that the circled number points to,
 * so a model of a few hundred thousand parameters can learn each step.
 */
import { type Problem, trueSum } from "./problem.ts";
import { ADD_ORDINALS, ARROW, digits, EQUALS, LABELS, ORDINALS, PLUS, TOTAL, UNITS } from "./vocabulary.ts";

export const STRATEGIES = ["full", "check", "reverse", "pairs", "tens"] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** A random mistake: the result of addition number `step` (from 0) is off by `delta`. */
export type Slip = { step: number; delta: number };

export type Working = {
  strategy: Strategy;
  tokens: string[];
  answer: number;
  /** Where in `tokens` the slip is written down, [from, to); the rest follows from it and is no mistake. */
  slipped?: [from: number, to: number];
};

/** Additions a strategy makes for n addends; a slip hits one of them. */
export const additionCount = (strategy: Strategy, n: number): number => (strategy === "tens" ? 2 * n - 1 : n - 1);

/**
 * The learnable trap: adding 39, 49, … 99 to a total whose last digit is at least 9 − 2 · its hundreds, the full
 * strategy forgets to carry. The larger the total the likelier, so hard problems suffer more: the trap catches
 * 0.65, 2.1, 3.9, 6.2, 9.6 % of the problems of levels 1 to 5.
 */
export function isTrap(total: number, addend: number): boolean {
  return addend >= 39 && addend % 10 === 9 && total % 10 >= Math.max(1, 9 - 2 * Math.floor(total / 100));
}

/** Whether the full strategy, free of slips, gets this problem wrong. */
export function isTrapped(problem: Problem): boolean {
  return work("full", problem).answer !== trueSum(problem);
}

/** Writes one solution, right unless the slip or (in the full strategy) the trap strikes. */
export function work(strategy: Strategy, problem: Problem, slip?: Slip): Working {
  const working = write(strategy, problem, slip);
  if (!slip) return working;
  const from = write(strategy, problem).tokens.findIndex((token, at) => token !== working.tokens[at]);
  const length = working.tokens.slice(from).findIndex((token) => !/^\d$/u.test(token));
  return { ...working, slipped: [from, length === -1 ? working.tokens.length : from + length] };
}

function write(strategy: Strategy, { addends }: Problem, slip?: Slip): Working {
  let step = 0;
  const add = (a: number, b: number): number => {
    const delta = slip?.step === step++ ? slip.delta : 0;
    const sum = a + b - (strategy === "full" && isTrap(a, b) ? 10 : 0);
    return sum + delta < 0 ? sum - delta : sum + delta; // only tiny sums can go below zero
  };
  const { tokens, answer } = WRITERS[strategy](addends, add);
  return { strategy, tokens: [LABELS[strategy], ...tokens, ARROW, ...digits(answer)], answer };
}

type Add = (a: number, b: number) => number;
/** The tokens between the label and the arrow. */
type Writer = (addends: readonly number[], add: Add) => { tokens: string[]; answer: number };

const WRITERS: Record<Strategy, Writer> = {
  full(addends, add) {
    let total = addends[0]!;
    const tokens = [ORDINALS[0]!, ...digits(total)];
    addends.slice(1).forEach((addend, index) => {
      total = add(total, addend);
      tokens.push(ORDINALS[index + 1]!, PLUS, ...digits(addend), EQUALS, ...digits(total));
    });
    return { tokens, answer: total };
  },

  check(addends, add) {
    const totals = runningTotals(addends, add);
    return { tokens: listed(totals.slice(0, -1)), answer: totals.at(-1)! };
  },

  reverse(addends, add) {
    const last = addends.length - 1;
    let total = addends[last]!;
    const tokens = [ORDINALS[last]!, ...digits(total)];
    for (let index = last - 1; index >= 0; index--) {
      total = add(total, addends[index]!);
      tokens.push(ADD_ORDINALS[index]!, ...digits(addends[index]!));
      if (index > 0) tokens.push(EQUALS, ...digits(total));
    }
    return { tokens, answer: total };
  },

  pairs(addends, add) {
    let total = 0;
    const tokens: string[] = [];
    for (let index = 0; index < addends.length; index += 2) {
      const [first, second] = [addends[index]!, addends[index + 1]];
      const isLast = index + 2 >= addends.length;
      if (second === undefined) {
        tokens.push(ADD_ORDINALS[index]!, ...digits(first)); // the odd one out joins the total directly
        total = add(total, first);
        continue;
      }
      tokens.push(ORDINALS[index]!, ...digits(first), ADD_ORDINALS[index + 1]!, ...digits(second));
      const pair = add(first, second);
      const joins = index > 0; // the first pair is the total itself
      if (joins || !isLast) tokens.push(EQUALS, ...digits(pair));
      total = joins ? add(total, pair) : pair;
      if (joins && !isLast) tokens.push(TOTAL, ...digits(total));
    }
    return { tokens, answer: total };
  },

  tens(addends, add) {
    const tens = runningTotals(
      addends.map((addend) => Math.floor(addend / 10)),
      add,
    );
    const units = runningTotals(
      addends.map((addend) => addend % 10),
      add,
    );
    return { tokens: [...listed(tens), UNITS, ...listed(units)], answer: add(10 * tens.at(-1)!, units.at(-1)!) };
  },
};

function runningTotals(values: readonly number[], add: Add): number[] {
  const totals = [values[0]!];
  for (const value of values.slice(1)) totals.push(add(totals.at(-1)!, value));
  return totals;
}

const listed = (values: readonly number[]): string[] =>
  values.flatMap((value, index) => [ORDINALS[index]!, ...digits(value)]);
