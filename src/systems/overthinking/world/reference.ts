/**
 * What the teacher itself scores, by simulation: the figures a well-trained base model should come near,
 * beside two ideal policies that think less (papers/overthinking section 6, reference table).
 */
import { Random } from "../../../core/random.ts";
import { efficiency } from "../metrics.ts";
import { LEVELS, type Level, sampleProblem, trueSum } from "./problem.ts";
import { type TaughtSolution, type TeacherTrace, teach } from "./teacher.ts";

export type PolicyFigures = {
  policy: "overthinking" | "stop after first" | "stop on agreement";
  /** 0 to 1, over all levels and by level. */
  accuracy: number;
  accuracyByLevel: Record<Level, number>;
  solutionsByLevel: Record<Level, number>;
  solutionCount: number;
  tokenCount: number;
  outcome: number;
  process: number;
};

type Outcome = { level: Level; solutions: TaughtSolution[]; correct: boolean };

/** Simulates the three policies on the same traces of fresh problems. */
export function simulateReference(options: { perLevel?: number; seed?: number } = {}): PolicyFigures[] {
  const { perLevel = 4000, seed = 0 } = options;
  const rng = new Random(seed).split("reference");
  const traces = LEVELS.flatMap((level) =>
    Array.from({ length: perLevel }, (_, index) => {
      const stream = rng.split(level).split(index);
      return { level, trace: teach(sampleProblem(stream, level, "train"), stream) };
    }),
  );
  const policies: Record<PolicyFigures["policy"], (trace: TeacherTrace) => TaughtSolution[]> = {
    overthinking: (trace) => trace.solutions,
    "stop after first": (trace) => trace.solutions.slice(0, 1),
    "stop on agreement": untilAgreement,
  };
  return Object.entries(policies).map(([policy, keep]) => {
    const outcomes = traces.map(({ level, trace }): Outcome => {
      const solutions = keep(trace);
      const answer = policy === "overthinking" ? trace.answer : solutions.at(-1)!.answer;
      return { level, solutions, correct: answer === trueSum(trace.problem) };
    });
    return { policy: policy as PolicyFigures["policy"], ...summarise(outcomes) };
  });
}

/** The solutions up to the second of two that agree. */
function untilAgreement({ solutions }: TeacherTrace): TaughtSolution[] {
  const end = solutions.findIndex(({ answer }, index) =>
    solutions.slice(0, index).some((earlier) => earlier.answer === answer),
  );
  return end === -1 ? solutions : solutions.slice(0, end + 1);
}

function summarise(outcomes: Outcome[]) {
  const figures = efficiency(
    outcomes.map(({ solutions }) => solutions.map((solution) => ({ ...solution, tokenCount: solution.tokens.length }))),
  );
  const byLevel = (value: (outcome: Outcome) => number) =>
    Object.fromEntries(
      LEVELS.map((level) => {
        const values = outcomes.filter((outcome) => outcome.level === level).map(value);
        return [level, values.reduce((a, b) => a + b, 0) / values.length];
      }),
    ) as Record<Level, number>;
  return {
    accuracy: outcomes.filter(({ correct }) => correct).length / outcomes.length,
    accuracyByLevel: byLevel(({ correct }) => Number(correct)),
    solutionsByLevel: byLevel(({ solutions }) => solutions.length),
    solutionCount: figures.solutionCount,
    tokenCount: figures.tokenCount,
    outcome: figures.outcome,
    process: figures.process,
  };
}
