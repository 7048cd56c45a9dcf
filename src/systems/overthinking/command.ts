/** The commands of this system: those over files of responses from commands/, and `polymath train reasoner`. */
import { resolve } from "node:path";
import { z } from "zod";
import { defineCommand } from "../../core/command.ts";
import type { Report, ReportSection } from "../../core/report.ts";
import { FIGURE_COLUMNS, figureCells, figuresTable } from "./evaluate.ts";
import { FULL_SETTINGS, QUICK_SETTINGS, trainReasoner } from "./reasoner.ts";
import { type Figures, type ReasonerEvaluation, ReasonerSettings } from "./schemas.ts";

export { analyzeCommand } from "./commands/analyze.ts";
export { auditCommand } from "./commands/audit.ts";
export { metricsCommand } from "./commands/metrics.ts";
export { pairsCommand } from "./commands/pairs.ts";
export { solveCommand } from "./commands/solve.ts";
export { overthinkingTrainCommand } from "./training/command.ts";

export const trainReasonerCommand = defineCommand({
  name: "train reasoner",
  summary: "Train the embedded reasoner: a tiny model that adds, and overthinks it",
  description:
    "Writes a Hugging Face folder with the model card. Sizes left out take the shipped model's, or with --quick those of a test.",
  examples: [
    "polymath train reasoner --out models/reasoner",
    "polymath train reasoner --quick --out /tmp/reasoner",
    "polymath train reasoner --dim 128 --layers 3 --steps 4000 --out my-reasoner",
  ],
  options: ReasonerSettings.partial().extend({
    out: z.string().default("reasoner").describe("folder for the trained model"),
    quick: z.boolean().default(false).describe("a tiny model in a few minutes, for tests"),
  }),
  journal: true,
  async run(_, { out, quick, ...given }, context) {
    const sizes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const settings = { ...(quick ? QUICK_SETTINGS : FULL_SETTINGS), ...sizes };
    const evaluation = await trainReasoner(settings, {
      ...context,
      out: resolve(out),
      checkpointDir: context.run.path("checkpoints"),
      metric: context.run.metric,
    });
    if (!evaluation) return null; // interrupted: `polymath resume` goes on
    await context.run.finish(renderReport(evaluation));
    return { out: resolve(out), ...evaluation };
  },
  print: (result) =>
    result
      ? `${result.out}\n\nGreedy:\n${figuresTable(result.greedy)}\n\nTemperature 1:\n${figuresTable(result.sampled)}`
      : "",
});

function renderReport({ greedy, sampled, parameterCount }: ReasonerEvaluation): Report {
  const [all] = greedy;
  const accuracy = (100 * all!.accuracy).toFixed(1);
  return {
    title: "The embedded reasoner",
    summary: `${accuracy} % of ${all!.problemCount} held-out sums right, in ${all!.solutionCount.toFixed(1)} solutions each (greedy); ${parameterCount.toLocaleString("en")} parameters.`,
    sections: [
      figuresSection("Greedy", greedy),
      figuresSection("Temperature 1", sampled),
      roundsSection(greedy, sampled),
    ],
  };
}

function figuresSection(title: string, rows: readonly Figures[]): ReportSection {
  return { kind: "table", title, columns: [...FIGURE_COLUMNS], rows: rows.map(figureCells) };
}

function roundsSection(greedy: readonly Figures[], sampled: readonly Figures[]): ReportSection {
  const byLevel = (rows: readonly Figures[]) => rows.slice(1).map(({ solutionCount }) => solutionCount);
  return {
    kind: "chart",
    title: "The easier the problem, the more often it is solved again",
    chart: {
      kind: "bar",
      x: { label: "level" },
      y: { label: "solutions per answer" },
      categories: greedy.slice(1).map(({ level }) => String(level)),
      series: [
        { label: "greedy", values: byLevel(greedy) },
        { label: "temperature 1", values: byLevel(sampled) },
      ],
    },
  };
}
