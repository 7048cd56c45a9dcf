/**
 * The figures of one trace: efficiencies, first correct solution, which solutions brought a new strategy.
 * Source: papers/overthinking section 2.1 (equations 1 and 2). Where strategies are unknown, process efficiency is a
 * pair of bounds (section 2.4, ours).
 */
import type { Solution } from "../schemas.ts";

/** `reasoning`: as the published code counts. `full`: the final answer's text belongs to the last solution. */
export type TokenBasis = "reasoning" | "full";

export type TraceFigures = {
  /** By the chosen basis. */
  tokenCount: number;
  solutionCount: number;
  /** xi_O; null when a verdict that it depends on is missing. */
  outcome: number | null;
  /** xi_P at least and at most; equal when every strategy is known. */
  process: [low: number, high: number];
  /** Of the first correct solution, from 0; null: none, or unknown. */
  firstCorrect: number | null;
  /** Per solution; null: its strategy is unknown. */
  isNew: (boolean | null)[];
  /** After the first correct solution; 0 when there is none. */
  wastedTokenCount: number;
  /** Of them, in strategies that had occurred before. */
  repeatedTokenCount: number;
};

export type Measurable = { solutions: readonly Solution[]; answerTokenCount: number };

/** @returns null for a trace without tokens, which says nothing about efficiency */
export function figuresOfTrace(trace: Measurable, basis: TokenBasis = "reasoning"): TraceFigures | null {
  const solutions = withBasis(trace, basis);
  const tokenCount = countTokens(solutions);
  if (tokenCount === 0) return null;
  const firstCorrect = solutions.findIndex(({ correct }) => correct === true);
  const isNew = findNew(solutions);
  const needed = firstCorrect === -1 ? solutions : solutions.slice(0, firstCorrect + 1);
  const isJudged = needed.every(({ correct }) => correct !== null);
  const rest = solutions.slice(needed.length);
  return {
    tokenCount,
    solutionCount: solutions.length,
    outcome: !isJudged ? null : firstCorrect === -1 ? 0 : countTokens(needed) / tokenCount,
    process: processBounds(solutions, isNew).map((tokens) => tokens / tokenCount) as [number, number],
    firstCorrect: isJudged && firstCorrect !== -1 ? firstCorrect : null,
    isNew,
    wastedTokenCount: countTokens(rest),
    repeatedTokenCount: countTokens(rest.filter((_, index) => isNew[needed.length + index] === false)),
  };
}

/** Solutions of zero tokens say nothing and go; in the full basis the final answer's text comes to the last. */
function withBasis({ solutions, answerTokenCount }: Measurable, basis: TokenBasis): Solution[] {
  const counted = solutions.filter(({ tokenCount }) => tokenCount > 0);
  const last = counted.at(-1);
  if (basis === "reasoning" || !last) return counted;
  return [...counted.slice(0, -1), { ...last, tokenCount: last.tokenCount + answerTokenCount }];
}

function findNew(solutions: readonly Solution[]): (boolean | null)[] {
  const seen = new Set<string>();
  return solutions.map(({ strategy }, index) => {
    if (strategy === null) return index === 0 ? true : null; // nothing comes before the first
    const isNew = !seen.has(strategy);
    seen.add(strategy);
    return isNew;
  });
}

/**
 * Tokens of new strategies. At most: every unknown solution is a new one. At least: it repeats an earlier one, or is
 * itself the first of a strategy that then counts with the fewer tokens of the two. That bound may lie a little too low
 * where one unknown solution stands before several new strategies; it is never too high.
 */
function processBounds(solutions: readonly Solution[], isNew: readonly (boolean | null)[]): [number, number] {
  let [low, high, fewest] = [0, 0, Number.POSITIVE_INFINITY];
  for (const [index, { strategy, tokenCount }] of solutions.entries()) {
    if (isNew[index] !== false) high += tokenCount;
    if (strategy === null) {
      // The first solution counts whatever its strategy; the same tokens need not be counted again for a later one.
      if (index === 0) low += tokenCount;
      fewest = index === 0 ? 0 : Math.min(fewest, tokenCount);
    } else if (isNew[index]) low += Math.min(tokenCount, fewest);
  }
  return [low, high];
}

const countTokens = (solutions: readonly Solution[]): number =>
  solutions.reduce((total, { tokenCount }) => total + tokenCount, 0);
