/** Solved problems of the world "Sums" as samples of the pair builder. */
import type { PairSample, SampleSet } from "../schemas.ts";
import type { SolvedProblem } from "../solve.ts";
import { type Problem, renderPrompt } from "../world/problem.ts";
import { END_OF_THINKING, splitTokens, THINK } from "../world/vocabulary.ts";

/** @returns the sample whose pieces, joined, are the text; what stands before the first mark of thinking is opening */
export function sumsSample({ text, trace, solutions, correct }: SolvedProblem): PairSample {
  const start = text.indexOf(THINK) === -1 ? 0 : text.indexOf(THINK) + THINK.length;
  const end = text.indexOf(END_OF_THINKING, start);
  const [opening, closing] = [text.slice(0, start), end === -1 ? "" : text.slice(end)];
  return {
    opening,
    closing,
    solutions: trace.solutions.map((solution, index) => ({
      text: solution.text,
      answer: String(solution.answer),
      correct: solutions[index]!.correct,
      strategy: solution.strategy === "unknown" ? null : solution.strategy,
      tokenCount: solution.tokenCount,
    })),
    answer: trace.answer === null ? null : String(trace.answer),
    correct,
    frameTokenCount: splitTokens(opening + closing).length,
  };
}

/** @param solved all of the same problem */
export function sumsSampleSet(problem: Problem, solved: readonly SolvedProblem[], greedy?: SolvedProblem): SampleSet {
  const prompt = renderPrompt(problem);
  return { id: prompt, prompt, samples: solved.map(sumsSample), ...(greedy && { greedy: sumsSample(greedy) }) };
}
