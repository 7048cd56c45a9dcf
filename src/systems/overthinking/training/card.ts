/** README.md of a self-trained reasoner, and the report of its run; every figure comes from the evaluation. */
import type { Report, ReportSection } from "../../../core/report.ts";
import type { Interval } from "../../../core/statistics/index.ts";
import { describePreference } from "../../../language/train/index.ts";
import { FIGURE_COLUMNS, figureCells, figuresTable } from "../evaluate.ts";
import type { LevelChange, RoundEvaluation, RoundSettings } from "./schemas.ts";

export function renderRoundCard(evaluation: RoundEvaluation): string {
  const { settings, loss, parameterCount, sampling, pairs, before, greedy, sampled, changes } = evaluation;
  return `---
license: apache-2.0
pipeline_tag: text-generation
---
# Polymath reasoner, concise: the same sums with fewer tokens

The embedded reasoner (${parameterCount.toLocaleString("en")} parameters) after one round of self-training on its own traces, so that it stops
once its answer is checked. Method: ${describePreference(loss)}; chosen responses of kind ${settings.positive}, the longest correct
sample rejected (Chen et al. 2024, arXiv 2412.21187).

Text form and limits are those of the reasoner: \`<s>17+25+38=\` followed by what the model writes.

## Change

On ${before.greedy[0]!.problemCount} held-out problems, paired by problem, with 95 % bootstrap intervals; ${settings.testSamples} answers to each at temperature 1.

Greedy:

${changesTable(changes.greedy)}

Temperature 1:

${changesTable(changes.sampled)}

## Figures

Intervals here are Clopper and Pearson's, which take all answers as independent.

Greedy:

${figuresTable(greedy)}

Temperature 1:

${figuresTable(sampled)}

## Training

${sampling.traceCount.toLocaleString("en")} traces of the base model at temperature 1 (${(100 * sampling.accuracy).toFixed(1)} % right) gave ${pairs.count.toLocaleString("en")} pairs: chosen ${pairs.chosenSolutions.toFixed(1)} solutions in ${pairs.chosenTokens.toFixed(0)} tokens,
rejected ${pairs.rejectedSolutions.toFixed(1)} in ${pairs.rejectedTokens.toFixed(0)}. ${describeChoice(evaluation)}

${trialsTable(evaluation)}

## Made by

\`\`\`sh
${roundCommand(settings)}
\`\`\`
`;
}

function describeChoice({ trials, chosenRate, settings, validationBase }: RoundEvaluation): string {
  const base = `the base model has ${(100 * validationBase.accuracy).toFixed(1)} % in ${validationBase.tokenCount.toFixed(1)} tokens there.`;
  return trials.length === 1
    ? `The learning rate was given, and watched on ${settings.validation} validation problems;\n${base}`
    : `Learning rate ${chosenRate} was chosen on ${settings.validation} validation problems: fewest tokens\namong the rates that keep the accuracy within a point; ${base}`;
}

/** The command line that gives these settings. */
export function roundCommand(settings: RoundSettings): string {
  const kebab = (name: string) => name.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`);
  const flags = Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `--${kebab(name)} ${Array.isArray(value) ? value.join(" ") : value}`);
  return `polymath overthinking train ${flags.join(" ")} --out reasoner-concise`;
}

const CHANGE_COLUMNS = ["level", "tokens saved % (95 %)", "accuracy, points (95 %)", "solutions (95 %)"] as const;

function changeCells({ level, tokenCut, accuracy, solutions }: LevelChange): string[] {
  const show = ({ value, low, high }: Interval, scale: number, digits: number) => {
    const [middle, from, to] = [value, low, high].map((one) => signed((scale * one).toFixed(digits)));
    return `${middle} (${from} to ${to})`;
  };
  return [String(level), show(tokenCut, 100, 1), show(accuracy, 100, 1), show(solutions, 1, 2)];
}

const signed = (text: string): string => (Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−"));

/** The changes as a Markdown table. */
export function changesTable(changes: readonly LevelChange[]): string {
  return table(CHANGE_COLUMNS, changes.map(changeCells));
}

const TRIAL_COLUMNS = ["learning rate", "steps", "validation accuracy %", "tokens", "ended by"] as const;

const trialCells = ({ trials }: RoundEvaluation): string[][] =>
  trials.map(({ lr, steps, accuracy, tokenCount, collapse }) => [
    String(lr),
    String(steps),
    (100 * accuracy).toFixed(1),
    tokenCount.toFixed(1),
    collapse ? `the guard: ${collapse.cause}` : "its last step",
  ]);

const trialsTable = (evaluation: RoundEvaluation): string => table(TRIAL_COLUMNS, trialCells(evaluation));

function table(columns: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n");
}

export function renderRoundReport(evaluation: RoundEvaluation): Report {
  const [all] = evaluation.changes.greedy as [LevelChange];
  const figures = (title: string, rows: RoundEvaluation["greedy"]): ReportSection => ({
    kind: "table",
    title,
    columns: [...FIGURE_COLUMNS],
    rows: rows.map(figureCells),
  });
  const changes = (title: string, rows: readonly LevelChange[]): ReportSection => ({
    kind: "table",
    title,
    columns: [...CHANGE_COLUMNS],
    rows: rows.map(changeCells),
  });
  return {
    title: "Self-training against overthinking",
    summary: summarise(all, evaluation),
    sections: [
      changes("Change, greedy", evaluation.changes.greedy),
      changes("Change, temperature 1", evaluation.changes.sampled),
      tokensChart(evaluation),
      figures("Before, greedy", evaluation.before.greedy),
      figures("After, greedy", evaluation.greedy),
      figures("Before, temperature 1", evaluation.before.sampled),
      figures("After, temperature 1", evaluation.sampled),
      { kind: "table", title: "Learning rates", columns: [...TRIAL_COLUMNS], rows: trialCells(evaluation) },
    ],
  };
}

/** "Greedy answers take 38.1 % fewer tokens (…) at +0.1 points of accuracy (…)." */
export function summarise({ tokenCut, accuracy }: LevelChange, { loss }: RoundEvaluation): string {
  const percent = (value: number) => signed((100 * value).toFixed(1));
  return (
    `Greedy answers take ${percent(tokenCut.value)} % fewer tokens (${percent(tokenCut.low)} to ${percent(tokenCut.high)}); ` +
    `accuracy changes by ${percent(accuracy.value)} points (${percent(accuracy.low)} to ${percent(accuracy.high)}). ${describePreference(loss)}.`
  );
}

function tokensChart({ before, greedy }: RoundEvaluation): ReportSection {
  const byLevel = (rows: RoundEvaluation["greedy"]) => rows.slice(1).map(({ tokenCount }) => tokenCount);
  return {
    kind: "chart",
    title: "Tokens of thinking by level, greedy",
    chart: {
      kind: "bar",
      x: { label: "level" },
      y: { label: "tokens" },
      categories: greedy.slice(1).map(({ level }) => String(level)),
      series: [
        { label: "before", values: byLevel(before.greedy) },
        { label: "after", values: byLevel(greedy) },
      ],
    },
  };
}
