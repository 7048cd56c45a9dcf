/**
 * How much of a reasoning trace served the answer (outcome efficiency) or brought a new idea (process efficiency).
 * Source: Chen et al. 2024, arXiv 2412.21187, equations 1 and 2 (papers/overthinking section 2.1).
 */

/** A stretch of reasoning that ends in an answer. */
export type JudgedSolution = { tokenCount: number; correct: boolean; strategy: string };

/**
 * Share of a response's tokens up to and including its first correct solution; 0 when none is correct.
 * @returns null for a response without tokens, which says nothing about efficiency
 */
export function responseOutcomeEfficiency(solutions: readonly JudgedSolution[]): number | null {
  const total = countTokens(solutions);
  if (total === 0) return null;
  const firstCorrect = solutions.findIndex((solution) => solution.correct);
  return firstCorrect === -1 ? 0 : countTokens(solutions.slice(0, firstCorrect + 1)) / total;
}

/**
 * Share of a response's tokens in solutions whose strategy had not occurred before; right or wrong does not matter.
 * @returns null for a response without tokens
 */
export function responseProcessEfficiency(solutions: readonly JudgedSolution[]): number | null {
  const total = countTokens(solutions);
  if (total === 0) return null;
  const distinct = solutions.filter(
    ({ strategy }, index) => solutions.findIndex((earlier) => earlier.strategy === strategy) === index,
  );
  return countTokens(distinct) / total;
}

export type Efficiency = {
  /** xi_O, 0 to 1. */
  outcome: number;
  /** xi_P, 0 to 1. */
  process: number;
  /** Mean solutions per response. */
  solutionCount: number;
  /** Mean reasoning tokens per response. */
  tokenCount: number;
  responseCount: number;
  /** Responses without a single token of reasoning in a solution; they are in no mean. */
  excludedCount: number;
};

/** Both efficiencies, averaged over responses (each response weighs the same). */
export function efficiency(responses: readonly (readonly JudgedSolution[])[]): Efficiency {
  const counted = responses.filter((solutions) => countTokens(solutions) > 0);
  return {
    outcome: mean(counted.map((solutions) => responseOutcomeEfficiency(solutions)!)),
    process: mean(counted.map((solutions) => responseProcessEfficiency(solutions)!)),
    solutionCount: mean(counted.map((solutions) => solutions.length)),
    tokenCount: mean(counted.map(countTokens)),
    responseCount: counted.length,
    excludedCount: responses.length - counted.length,
  };
}

const countTokens = (solutions: readonly JudgedSolution[]): number =>
  solutions.reduce((total, { tokenCount }) => total + tokenCount, 0);

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
