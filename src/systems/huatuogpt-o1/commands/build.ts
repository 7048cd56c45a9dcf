/** `polymath huatuo build`: one file that says all, and a model out of a bank of questions. */
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { build } from "../pack/build.ts";
import { readPack } from "../pack/read.ts";
import { type BuildResult, buildReport, describeBuild } from "../pack/report.ts";
import { stepNames } from "../pack/steps.ts";
import { accountOptions } from "./options.ts";

export const buildCommand = defineCommand({
  name: "huatuo build",
  summary: "Make a small model of a field's own from its exam questions, as one YAML file says",
  description:
    "Factory, search, merge, sft, verifier, rl and eval, one after the other, with the options of the single commands as " +
    "sections of the file. Questions held out are never trained on. The run's folder has problems.json, searched.json, " +
    "merged.json, model/, evaluation.json and one report; killed anywhere, `polymath resume` goes on.",
  examples: [
    "polymath huatuo build pack.yaml --dry-run",
    "polymath huatuo build pack.yaml --until merge --max-tokens-total 2000000 --prices prices.json",
  ],
  args: z.tuple([z.string().meta({ label: "pack.yaml" }).describe("the domain pack")]),
  options: z.object({
    until: z.enum(stepNames).optional().describe("stop after this step"),
    dryRun: z.boolean().default(false).describe("say what would be done and asked at most, and ask nothing"),
    ...accountOptions,
    maxTokensTotal: accountOptions.maxTokensTotal.describe("budget of teacher and judges, all steps together"),
  }),
  journal: true,
  async run([file], { until, dryRun, ...account }, context): Promise<BuildResult | null> {
    const { log, run } = context;
    const pack = await readPack(file);
    if (pack.notice !== undefined) log.warn(pack.notice);
    const result = await build({ pack, file, account, until, dryRun }, context);
    if (!result) return null; // interrupted: `polymath resume` goes on
    await run.finish(buildReport(pack, result));
    return result;
  },
  print: (result) => (result ? describeBuild(result) : ""),
});
