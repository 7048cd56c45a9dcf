/** Lets a model solve problems and checks what it wrote: batched generation, parsing, judging. */
import type { Generator } from "../../language/generate/index.ts";
import type { JudgedSolution } from "./metrics.ts";
import { promptIds } from "./tokenizer.ts";
import { judgeSolutions, type ParsedTrace, parseTrace } from "./world/parse.ts";
import { type Level, levelOf, type Problem, trueSum } from "./world/problem.ts";
import { CONTEXT_LENGTH } from "./world/teacher.ts";

export type SolvedProblem = {
  problem: Problem;
  level: Level;
  /** Everything the model wrote. */
  text: string;
  trace: ParsedTrace;
  solutions: JudgedSolution[];
  answer: number | null;
  correct: boolean;
};

export interface SolveOptions {
  /** 0 is greedy (default); 1 is the distribution that was learned. */
  temperature?: number;
  /** Default 0; only matters above temperature 0. */
  seed?: number | string;
  /** Problems at a time; default 64. */
  maxBatch?: number;
  /** Each piece of text as it is written. */
  onText?(problemIndex: number, text: string): void;
  /** Each problem as it is finished, in the order of finishing. */
  onSolved?(problemIndex: number, solved: SolvedProblem): void;
  signal?: AbortSignal;
}

export interface SolveResult {
  /** In the order of the problems. */
  solved: SolvedProblem[];
  /** All tokens written, and how fast. */
  tokenCount: number;
  tokensPerSecond: number;
}

/** @param generator of a model trained on this world (`createGenerator` with the reasoner's folder) */
export async function solveSums(
  generator: Generator,
  problems: readonly Problem[],
  options: SolveOptions = {},
): Promise<SolveResult> {
  const { temperature = 0, seed = 0, maxBatch, onText, onSolved, signal } = options;
  const solved: SolvedProblem[] = [];
  const generation = await generator.generate({
    prompts: problems.map(promptIds),
    maxTokens: CONTEXT_LENGTH,
    temperature,
    seed,
    maxBatch,
    signal,
    onToken: onText && ((index, { text }) => onText(index, text)),
    onFinish(index, { text }) {
      solved[index] = checkText(problems[index]!, text);
      onSolved?.(index, solved[index]);
    },
  });
  const { tokenCount, tokensPerSecond } = generation;
  return { solved, tokenCount, tokensPerSecond };
}

/** Parses and judges what was written for a problem. */
export function checkText(problem: Problem, text: string): SolvedProblem {
  const trace = parseTrace(text);
  const solutions = judgeSolutions(trace, problem);
  const correct = trace.answer === trueSum(problem);
  return { problem, level: levelOf(problem), text, trace, solutions, answer: trace.answer, correct };
}
