/** `polymath train chains`: makes the model of the miniature. */
import { resolve } from "node:path";
import { z } from "zod";
import { defineCommand } from "../../core/command.ts";
import type { Report } from "../../core/report.ts";
import { fastTable } from "./chains/model-card.ts";
import { type ChainsEvaluation, ChainsSettings, FULL_SETTINGS, QUICK_SETTINGS } from "./chains/settings.ts";
import { trainChains } from "./chains.ts";

export const trainChainsCommand = defineCommand({
  name: "train chains",
  summary: "Train the model of digit chains, on which certaindex is tried",
  description:
    "Writes a Hugging Face folder with the model card. Sizes left out take the shipped model's, or with --quick those of a test. Some ten minutes on two free cores, more than twenty on busy ones.",
  examples: [
    "polymath train chains --out models/chains",
    "polymath train chains --quick --out /tmp/chains",
    "polymath train chains --layers 2 --steps 12000 --out my-chains",
  ],
  options: ChainsSettings.partial().extend({
    out: z.string().default("chains").describe("folder for the trained model"),
    quick: z.boolean().default(false).describe("a tiny training in a minute, for tests"),
  }),
  journal: true,
  async run(_, { out, quick, ...given }, context) {
    const sizes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const settings = { ...(quick ? QUICK_SETTINGS : FULL_SETTINGS), ...sizes };
    const evaluation = await trainChains(settings, {
      ...context,
      out: resolve(out),
      checkpointDir: context.run.path("checkpoints"),
      metric: context.run.metric,
    });
    if (!evaluation) return null; // interrupted: `polymath resume` goes on
    await context.run.finish(renderReport(evaluation));
    return { out: resolve(out), ...evaluation };
  },
  print: (result) => (result ? `${result.out}\n\n${summary(result)}\n\n${fastTable(result.fast)}` : ""),
});

function renderReport(evaluation: ChainsEvaluation): Report {
  const { fast } = evaluation;
  return {
    title: "The model of digit chains",
    summary: summary(evaluation),
    sections: [
      {
        kind: "chart",
        title: "Accuracy of one answer and of majorities",
        note: "Clean questions need one answer, noisy ones many, and no number of answers helps with broken ones.",
        chart: {
          kind: "bar",
          x: { label: "class of question" },
          y: { label: "right, %" },
          categories: fast.map((row) => row.class),
          series: (["single", "majority8", "majority20"] as const).map((field) => ({
            label: { single: "single", majority8: "majority of 8", majority20: "majority of 20" }[field],
            values: fast.map((row) => 100 * row[field]),
          })),
        },
      },
    ],
  };
}

function summary({ parameterCount, evenGain, think, verdict }: ChainsEvaluation): string {
  return (
    `${parameterCount.toLocaleString("en")} parameters. Majority of 20 answers is ${evenGain.toFixed(1)} points above majority of 8 on the judged mix; ` +
    `${(100 * think.clean).toFixed(1)} % of clean questions right when thinking, ${(100 * think.probe).toFixed(1)} % of probes and AUC ${verdict.auc.toFixed(3)} of verdicts.`
  );
}
