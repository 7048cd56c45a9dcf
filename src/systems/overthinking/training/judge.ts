/** Models on the same held-out problems: greedy, and several answers to each at temperature 1. */
import type { CommandContext } from "../../../core/command.ts";
import { createGenerator, type DecoderModel } from "../../../language/generate/index.ts";
import { type SolvedProblem, solveSums } from "../solve.ts";
import { sumsTokenizer } from "../tokenizer.ts";
import { LEVELS, type Problem } from "../world/problem.ts";
import type { LevelChange } from "./schemas.ts";
import { changeOf, type ProblemScores, pairedIntervals, scoreProblems, tokenCut } from "./scores.ts";

export interface JudgedModel {
  /** One answer per problem. */
  greedy: SolvedProblem[];
  /** Several answers per problem. */
  sampled: SolvedProblem[][];
}

export interface JudgeOptions {
  problems: readonly Problem[];
  /** Answers to each at temperature 1. */
  samples: number;
  seed: number;
  label: string;
}

/** @returns null when `signal` stopped it */
export async function judgeModel(
  model: DecoderModel,
  { problems, samples, seed, label }: JudgeOptions,
  { progress, signal }: Pick<CommandContext, "progress" | "signal">,
): Promise<JudgedModel | null> {
  const generator = createGenerator({ model, tokenizer: sumsTokenizer() });
  const total = problems.length * (1 + samples);
  const bar = progress({ label, total, unit: "answers" });
  let done = 0;
  const onSolved = () => bar.update(++done);
  try {
    const { solved: greedy } = await solveSums(generator, problems, { signal, onSolved });
    const repeated = problems.flatMap((problem) => Array.from({ length: samples }, () => problem));
    const { solved } = await solveSums(generator, repeated, { temperature: 1, seed, signal, onSolved });
    if (signal.aborted) return null;
    const sampled = problems.map((_, at) => solved.slice(at * samples, (at + 1) * samples));
    bar.stop();
    return { greedy, sampled };
  } finally {
    generator.dispose();
  }
}

/** Scores by problem: of the greedy answer, of the sampled ones, and of all together. */
export function scoresOf({ greedy, sampled }: JudgedModel): Record<Decoding, ProblemScores[]> {
  const single = greedy.map((one) => [one]);
  return {
    greedy: scoreProblems(single),
    sampled: scoreProblems(sampled),
    together: scoreProblems(sampled.map((answers, at) => [greedy[at]!, ...answers])),
  };
}

export type Decoding = "greedy" | "sampled" | "together";

/** One row over all levels, then one for each. @param before @param after one list of problems per seed, in one order */
export function changesByLevel(
  before: readonly (readonly ProblemScores[])[],
  after: readonly (readonly ProblemScores[])[],
): LevelChange[] {
  return (["all", ...LEVELS] as const).map((level) => {
    const pairs = before.map((scores, seed) =>
      scores.flatMap((score, at) =>
        level === "all" || score.level === level ? [[score, after[seed]![at]!] as const] : [],
      ),
    );
    const statistics = { tokenCut, accuracy: changeOf("accuracy"), solutions: changeOf("solutionCount") };
    return { level, ...pairedIntervals(pairs, statistics, { seed: `level ${level}` }) };
  });
}
