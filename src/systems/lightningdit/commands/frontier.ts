/** `polymath lightningdit frontier`: reconstruction against generation, for tokenizers of several widths, aligned or not. */
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { UsageError } from "../../../core/errors.ts";
import { textTable } from "../../../core/text-table.ts";
import {
  Arm,
  frontierPlan,
  frontierSections,
  frontierTable,
  type Measurement,
  runFrontier,
} from "../frontier/index.ts";

export const frontierCommand = defineCommand({
  name: "lightningdit frontier",
  summary: "Measure the trade between reconstruction and generation over latent widths and alignment",
  description:
    "Trains for each point a tokenizer and the same small generator on the world marks, and judges both by a net that had no part in training. " +
    "Every finished point is a file in the run folder: `polymath resume` goes on with the next.",
  examples: [
    "polymath lightningdit frontier --quick",
    "polymath lightningdit frontier --points 4:unaligned,16:aligned --seeds 1",
    "polymath lightningdit frontier --full",
  ],
  options: z.object({
    quick: z.boolean().default(false).describe("minutes on two cores; the default"),
    full: z
      .boolean()
      .default(false)
      .describe("three seeds, longer training, for the first seed more widths and each term alone"),
    points: z
      .string()
      .optional()
      .describe(`latent channels and arm of each, e.g. "4:unaligned,32:aligned"; arms: ${Arm.options.join(", ")}`),
    seeds: z.int().positive().optional().describe("how many seeds (default 1, with --full 3)"),
    seed: z.int().min(0).default(0).describe("the first of the seeds"),
  }),
  journal: true,
  async run(_, { quick, full, points, seeds, seed }, context): Promise<Measurement[] | null> {
    if (quick && full) throw new UsageError("--quick and --full: expected one of them", { hint: "Leave one out." });
    const usual = frontierPlan(full ? "full" : "quick", seed, seeds ?? (full ? 3 : 1));
    const plan = {
      ...usual,
      ...(points !== undefined && { points: parsePoints(points), sidePoints: [] }),
    };
    const measurements = await runFrontier(plan, { ...context, dir: context.run.path("frontier") });
    if (!measurements) return null; // interrupted: `polymath resume` goes on
    await context.run.finish({ title: "Reconstruction and generation", sections: frontierSections(measurements) });
    return measurements;
  },
  print: (measurements) => {
    if (!measurements) return "";
    const { columns, rows } = frontierTable(measurements);
    return textTable(columns, rows);
  },
});

export function parsePoints(text: string): { d: number; arm: Arm }[] {
  return text.split(",").map((word) => {
    const [width = "", name = "unaligned"] = word.trim().split(":");
    const [d, arm] = [Number(width), Arm.safeParse(name)];
    if (Number.isInteger(d) && d > 0 && arm.success) return { d, arm: arm.data };
    throw new UsageError(`--points: "${word.trim()}": expected CHANNELS:ARM`, {
      hint: `Arms are ${Arm.options.join(", ")}.`,
    });
  });
}
