/** `polymath train coder`: makes the model that writes programs. */
import { resolve } from "node:path";
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import type { Report } from "../../../core/report.ts";
import { openJudge } from "../judge/judge.ts";
import { needLanguage } from "../judge/languages.ts";
import { familyTable } from "./model-card.ts";
import { type CoderEvaluation, CoderSettings, FULL_SETTINGS, QUICK_SETTINGS } from "./settings.ts";
import { trainCoder } from "./train.ts";

export const trainCoderCommand = defineCommand({
  name: "train coder",
  summary: "Train the model of small Python programs, which codeelo rates",
  description:
    "Writes a Hugging Face folder with the model card; its programs are judged in the sandbox, with python3. Sizes left out take the shipped model's, or with --quick those of a test. Some minutes on two busy cores.",
  examples: [
    "polymath train coder --out models/coder",
    "polymath train coder --quick --out /tmp/coder",
    "polymath train coder --seed 1 --stages stages --out my-coder",
  ],
  options: CoderSettings.partial().extend({
    out: z.string().default("coder").describe("folder for the trained model"),
    stages: z
      .string()
      .optional()
      .meta({ label: "folder" })
      .describe("also keep the models after 10, 30 and 100 % there"),
    quick: z.boolean().default(false).describe("a tiny training in seconds, for tests"),
  }),
  journal: true,
  async run(_, { out, quick, stages, ...given }, context) {
    await needLanguage("python"); // before minutes of training, not after
    const judge = await openJudge({ cacheFolder: context.run.path("judge") });
    const sizes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const settings = { ...(quick ? QUICK_SETTINGS : FULL_SETTINGS), ...sizes };
    const evaluation = await trainCoder(settings, {
      ...context,
      judge,
      out: resolve(out),
      checkpointDir: context.run.path("checkpoints"),
      ...(stages !== undefined && { stagesDir: resolve(stages) }),
      metric: context.run.metric,
    });
    if (!evaluation) return null; // interrupted: `polymath resume` goes on
    await context.run.finish(renderReport(evaluation));
    return { out: resolve(out), ...evaluation };
  },
  print: (result) => (result ? `${result.out}\n\n${summary(result)}\n\n${familyTable(result.families)}` : ""),
});

function renderReport(evaluation: CoderEvaluation): Report {
  const { families } = evaluation;
  return {
    title: "The coder",
    summary: summary(evaluation),
    sections: [
      {
        kind: "chart",
        title: "Problems solved, by family",
        note: "The last four families never occurred in training.",
        chart: {
          kind: "bar",
          x: { label: "family" },
          y: { label: "solved, %" },
          categories: families.map(({ family }) => family),
          series: [
            { label: "pass@1", values: families.map(({ pass1 }) => 100 * pass1) },
            { label: "pass@8", values: families.map(({ pass8 }) => 100 * pass8) },
          ],
        },
      },
    ],
  };
}

function summary({ parameterCount, trained, heldOut }: CoderEvaluation): string {
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  return (
    `${parameterCount.toLocaleString("en")} parameters. pass@1 ${percent(trained.pass1)} and pass@8 ${percent(trained.pass8)} on families of the training, ` +
    `${percent(heldOut.pass1)} and ${percent(heldOut.pass8)} on families that it never saw.`
  );
}
