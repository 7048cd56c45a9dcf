/** `polymath lightningdit features`: a small frozen vision model, to align tokenizers to or to judge pictures with. */
import { resolve } from "node:path";
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { trainFeatures } from "../features/index.ts";
import { openImages } from "../images.ts";
import { smallFeatures, smallJudge } from "../presets.ts";
import { type FeatureCard, FeatureTask } from "../schemas.ts";

export const featuresCommand = defineCommand({
  name: "lightningdit features",
  summary: "Train a small vision model that tokenizers are aligned to, or that judges pictures",
  description:
    'Without pictures of yours it learns from the world "marks", whose factors are all known. A judge is another net, from ' +
    "another seed, other pictures and another task, so that no tokenizer is measured by what it was aligned to.",
  examples: [
    "polymath lightningdit features --out features",
    "polymath lightningdit features --judge --out judge",
    "polymath lightningdit features photos/ --side 64 --task views --out my-features",
  ],
  args: z
    .array(z.string())
    .max(1)
    .meta({ label: "pictures" })
    .describe("a folder of class folders, or a CSV of path and label"),
  options: z.object({
    task: FeatureTask.optional().describe(
      "how it learns (default: dense, a judge factors; with pictures of yours views, a judge labels)",
    ),
    judge: z.boolean().default(false).describe("train the judge"),
    side: z.number().int().min(16).default(32).describe("pixels of a picture's side"),
    count: z.number().int().min(10).optional().describe("pictures to learn from"),
    holdout: z.number().int().min(2).default(2000).describe("pictures held out for the probe"),
    steps: z.number().int().min(1).optional().describe("training steps"),
    batch: z.number().int().min(2).optional().describe("pictures per step"),
    lr: z.number().positive().optional().describe("highest learning rate"),
    enlarge: z.boolean().default(false).describe("enlarge pictures smaller than the side instead of rejecting them"),
    seed: z.number().int().min(0).default(0).describe("of weights, data and order"),
    out: z.string().describe("folder for the net"),
  }),
  journal: true,
  async run(
    [source],
    { task, judge, side, holdout, enlarge, seed, out, ...given },
    context,
  ): Promise<(FeatureCard & { out: string }) | null> {
    const { run } = context;
    const chosen = task ?? (source === undefined ? (judge ? "factors" : "dense") : judge ? "labels" : "views");
    const usual = judge ? smallJudge(chosen, seed, side) : smallFeatures(chosen, seed, side);
    const settings = {
      ...usual,
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    };
    const split = judge ? ("judge" as const) : ("train" as const);
    const { count } = settings;
    const images = await openImages(
      { source, side, count, holdout, seed, folder: run.path("pictures"), split, enlarge },
      context,
    );
    try {
      const net = await trainFeatures(judge ? "judge" : "features", settings, images, {
        ...context,
        checkpointDir: run.path("checkpoints"),
        out: resolve(out),
        metric: run.metric,
      });
      if (!net) return null; // interrupted: `polymath resume` goes on
      net.dispose();
      await run.finish({ title: net.name, summary: describe(net.card), sections: [] });
      return { out: resolve(out), ...net.card };
    } finally {
      await images.close();
    }
  },
  print: (result) => (result ? `${result.out}\n${describe(result)}` : ""),
});

function describe({ name, probeAccuracy, classAccuracy }: FeatureCard): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const own = classAccuracy === undefined ? "" : `, its own classifier ${percent(classAccuracy)}`;
  return `${name}: a linear probe gets ${percent(probeAccuracy)} of held-out classes right${own}.`;
}
