/** Scores of a model on problems of the world, over all levels and by level. */
import { clopperPearson } from "../../core/statistics/index.ts";
import { efficiency } from "./metrics.ts";
import type { Figures } from "./schemas.ts";
import type { SolvedProblem } from "./solve.ts";
import { LEVELS } from "./world/problem.ts";

/** One row for all levels, then one for each level that occurs. */
export function figuresByLevel(solved: readonly SolvedProblem[]): Figures[] {
  const levels = LEVELS.filter((level) => solved.some((one) => one.level === level));
  return [
    figuresOf("all", solved),
    ...levels.map((level) =>
      figuresOf(
        level,
        solved.filter((one) => one.level === level),
      ),
    ),
  ];
}

function figuresOf(level: Figures["level"], solved: readonly SolvedProblem[]): Figures {
  const share = (holds: (one: SolvedProblem) => boolean | undefined) => solved.filter(holds).length / solved.length;
  const correct = clopperPearson(solved.filter((one) => one.correct).length, solved.length);
  const { outcome, process, solutionCount, tokenCount } = efficiency(solved.map((one) => one.solutions));
  return {
    level,
    problemCount: solved.length,
    accuracy: correct.value,
    accuracyInterval: [correct.low, correct.high],
    firstCorrect: share((one) => one.solutions[0]?.correct),
    solutionCount,
    tokenCount,
    outcome,
    process,
    malformed: share((one) => one.trace.faults.length > 0),
  };
}

export const FIGURE_COLUMNS = [
  "level",
  "problems",
  "accuracy % (95 %)",
  "first solution right %",
  "solutions",
  "tokens",
  "xi_O %",
  "xi_P %",
  "malformed %",
] as const;

export function figureCells(row: Figures): string[] {
  const percent = (value: number) => (100 * value).toFixed(1);
  return [
    String(row.level),
    String(row.problemCount),
    `${percent(row.accuracy)} (${row.accuracyInterval.map(percent).join("–")})`,
    percent(row.firstCorrect),
    row.solutionCount.toFixed(2),
    row.tokenCount.toFixed(1),
    percent(row.outcome),
    percent(row.process),
    percent(row.malformed),
  ];
}

/** The figures as a Markdown table, for the terminal and the model card. */
export function figuresTable(rows: readonly Figures[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(FIGURE_COLUMNS),
    line(FIGURE_COLUMNS.map(() => "---")),
    ...rows.map((row) => line(figureCells(row))),
  ].join("\n");
}
