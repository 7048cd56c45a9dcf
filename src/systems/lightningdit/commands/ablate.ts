/** `polymath lightningdit ablate`: what each part of the generator's recipe is worth on your latents' kind. */
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { ablationSections, ablationTable, summarise, type VariantSummary } from "../ablation/report.ts";
import { runAblation } from "../ablation/run.ts";
import { Arm, frontierPlan } from "../frontier/index.ts";

export const ablateCommand = defineCommand({
  name: "lightningdit ablate",
  summary: "Take each part out of the generator's recipe in turn, and measure what it was worth",
  description:
    "Lognormal times, direction loss, SwiGLU, RMSNorm, rotary positions and beta2, on the world marks, with intervals over seeds. " +
    "A part that does not help at this size is told as such.",
  examples: ["polymath lightningdit ablate", "polymath lightningdit ablate --seeds 5 --steps 1500"],
  options: z.object({
    d: z.int().positive().default(32).describe("latent channels of the tokenizer"),
    arm: Arm.default("aligned").describe("how the tokenizer was trained"),
    steps: z.int().positive().optional().describe("steps of each generator (default 500)"),
    tokenizerSteps: z.int().positive().default(2400).describe("steps of each seed's tokenizer; short ones blur"),
    seeds: z.int().positive().default(3).describe("how many seeds"),
    seed: z.int().min(0).default(0).describe("the first of the seeds"),
  }),
  journal: true,
  async run(_, { d, arm, steps, tokenizerSteps, seeds, seed }, context): Promise<VariantSummary[] | null> {
    const usual = { ...frontierPlan("quick", seed, seeds), tokenizerSteps };
    const plan = steps === undefined ? usual : { ...usual, recipe: { ...usual.recipe, steps }, budgets: [steps] };
    const rows = await runAblation(plan, { d, arm }, { ...context, dir: context.run.path("ablation") });
    if (!rows) return null; // interrupted: `polymath resume` goes on
    const summaries = summarise(rows);
    await context.run.finish({ title: "The recipe, part by part", sections: ablationSections(summaries) });
    return summaries;
  },
  print: (summaries) => (summaries ? ablationTable(summaries) : ""),
});
