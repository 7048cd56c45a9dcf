/** The tables behind the claim's rows: every arm, over all levels and by level, and how it was trained. */
import type { ReportSection } from "../../../core/report.ts";
import type { Interval } from "../../../core/statistics/index.ts";
import { changesByLevel } from "../training/judge.ts";
import type { LevelChange } from "../training/schemas.ts";
import { meanScores, type ProblemScores } from "../training/scores.ts";
import { LEVELS } from "../world/problem.ts";
import type { Plan } from "./arms.ts";
import type { Experiment, Measurement } from "./measure.ts";

export function claimSections(experiment: Experiment, plan: Plan): ReportSection[] {
  const [greedy, sampled] = (["greedy", "sampled"] as const).map((decoding) => changesOf(experiment, decoding));
  return [
    { kind: "text", title: "Plan", text: describePlan(plan) },
    armsTable("Arms, greedy", "greedy", experiment),
    armsTable("Arms, temperature 1", "sampled", experiment),
    levelTable("Tokens saved by level, greedy, %", greedy!, ({ tokenCut }) => percent(tokenCut)),
    levelTable("Accuracy change by level, greedy, points", greedy!, ({ accuracy }) => percent(accuracy)),
    levelTable("Accuracy change by level, temperature 1, points", sampled!, ({ accuracy }) => percent(accuracy)),
    levelTable("Change of solutions by level, greedy", greedy!, ({ solutions }) => shown(solutions, 1, 2)),
    trainingTable(experiment),
  ];
}

function describePlan(plan: Plan): string {
  return (
    `For each of ${plan.seeds.length === 1 ? "one seed" : `${plan.seeds.length} seeds`}: ${plan.problems} problems of the training side, ${plan.samples} traces each at temperature 1 by the base model; ` +
    `${plan.epochs} epochs of ${plan.batch} pairs a step. The learning rate of a loss is chosen with its first arm and seed, on ${plan.validation} validation problems (fewest tokens within a point of the base's accuracy). ` +
    `Test: ${plan.testPerLevel} held-out problems of each of 5 levels, greedy and ${plan.testSamples} answers at temperature 1. ` +
    "Intervals: paired bootstrap, seeds drawn first and then problems."
  );
}

type Decoding = "greedy" | "sampled";

type ArmChanges = readonly (readonly [name: string, changes: readonly LevelChange[]])[];

function changesOf({ base, arms }: Experiment, decoding: Decoding): ArmChanges {
  const scores = (measured: readonly Measurement[]) => measured.map((one) => one[decoding]);
  return [...arms].map(([name, measured]) => [name, changesByLevel(scores(base), scores(measured))] as const);
}

function armsTable(title: string, decoding: Decoding, { base, arms }: Experiment): ReportSection {
  const row = (name: string, measured: readonly Measurement[]) => {
    const all: ProblemScores[] = measured.flatMap((one) => one[decoding]);
    const { accuracy, tokenCount, solutionCount, outcome, process, firstCorrect } = meanScores(all);
    const hard = meanScores(all.filter(({ level }) => level === 5)).accuracy;
    const shares = [accuracy, hard, firstCorrect, outcome, process].map((share) => (100 * share).toFixed(1));
    return [name, ...shares.slice(0, 2), solutionCount.toFixed(2), tokenCount.toFixed(1), ...shares.slice(2)];
  };
  return {
    kind: "table",
    title,
    columns: ["arm", "accuracy %", "level 5 %", "solutions", "tokens", "first right %", "xi_O %", "xi_P %"],
    rows: [row("base", base), ...[...arms].map(([name, measured]) => row(name, measured))],
  };
}

function levelTable(title: string, arms: ArmChanges, cell: (change: LevelChange) => string): ReportSection {
  return {
    kind: "table",
    title,
    columns: ["arm", "all", ...LEVELS.map((level) => `level ${level}`)],
    rows: arms.map(([name, changes]) => [name, ...changes.map(cell)]),
  };
}

function trainingTable({ base, arms }: Experiment): ReportSection {
  const before = base[0]!.validation;
  return {
    kind: "table",
    title: "Training",
    note: `Validation figures are of the first seed; the base has ${(100 * before.accuracy).toFixed(1)} % in ${before.tokenCount.toFixed(1)} tokens.`,
    columns: [
      "arm",
      "learning rate",
      "pairs",
      "validation accuracy %",
      "validation tokens",
      "within a point",
      "stopped by the guard",
    ],
    rows: [...arms].map(([name, measured]) => {
      const [first] = measured as [Measurement, ...Measurement[]];
      const stops = measured.flatMap(({ seed, collapse }) => (collapse ? [`seed ${seed}: ${collapse.cause}`] : []));
      return [
        name,
        first.lr,
        first.pairs,
        (100 * first.validation.accuracy).toFixed(1),
        first.validation.tokenCount.toFixed(1),
        first.isWithinTolerance ? "yes" : "no",
        stops.join("; ") || "no",
      ];
    }),
  };
}

const percent = (interval: Interval) => shown(interval, 100, 1);

const shown = ({ value, low, high }: Interval, scale: number, digits: number): string => {
  const [middle, from, to] = [value, low, high].map((one) => (scale * one).toFixed(digits).replace("-", "−"));
  return `${middle} (${from} to ${to})`;
};
