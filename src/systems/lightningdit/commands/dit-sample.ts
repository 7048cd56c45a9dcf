/** `polymath lightningdit dit sample`: pictures from a generator. */
import { join, resolve } from "node:path";
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { UsageError } from "../../../core/errors.ts";
import { Random } from "../../../core/random.ts";
import { fromSigned, writePng } from "../../../media/index.ts";
import { ditConfigOf, readConfig, samplingOf } from "../config/read.ts";
import { drawPictures, labelsInTurn, openGenerator, writeGrid } from "../dit/index.ts";
import { loadTokenizer } from "../tokenizer/index.ts";
import { samplingFrom, samplingOptions } from "./dit-options.ts";

interface Result {
  out: string;
  count: number;
  perSecond: number;
}

export const ditSampleCommand = defineCommand({
  name: "lightningdit dit sample",
  summary: "Draw pictures from a generator: any solver, any guidance",
  description:
    "Takes a folder of `lightningdit dit train`, or an official checkpoint with its statistics. The tokenizer must be the one whose latents the generator learned.",
  examples: [
    "polymath lightningdit dit sample generator --tokenizer tokenizer --out samples",
    "polymath lightningdit dit sample generator --tokenizer tokenizer --labels 3,3,7 --cfg 3 --cfg-from 0.1 --out samples",
  ],
  args: z.tuple([
    z.string().meta({ label: "generator" }).describe("folder, or .pt or .safetensors of the official code"),
  ]),
  options: z.object({
    tokenizer: z.string().meta({ label: "folder" }).describe("decodes the latents"),
    stats: z.string().optional().meta({ label: "file" }).describe("latents_stats.pt, for an official checkpoint"),
    config: z
      .string()
      .optional()
      .meta({ label: "file" })
      .describe("the official YAML: model, sampling and latent scale"),
    labels: z.string().optional().describe('classes, e.g. "3,3,7" (default: all in turn)'),
    count: z.int().positive().default(48).describe("pictures, where --labels does not say"),
    random: z.boolean().default(false).describe("classes at random instead of in turn"),
    ...samplingOptions,
    batch: z.int().positive().default(64).describe("pictures at a time; they do not depend on it"),
    each: z.boolean().default(false).describe("a file for every picture besides the sheet"),
    seed: z.int().min(0).default(0).describe("of the noise"),
    out: z.string().describe("folder for the pictures"),
  }),
  journal: true,
  async run([path], options, context): Promise<Result> {
    const { run, progress, signal } = context;
    const { count, random, batch, each, seed } = options;
    const file = options.config === undefined ? undefined : await readConfig(options.config);
    const generator = await openGenerator(path, {
      stats: options.stats,
      ...(file && { config: ditConfigOf(file), multiplier: file.data.latent_multiplier }),
    });
    const tokenizer = await loadTokenizer(options.tokenizer);
    try {
      const { classes } = generator.config;
      const labels =
        options.labels === undefined ? drawLabels(count, classes, random, seed) : parseLabels(options.labels, classes);
      const bar = progress({ label: "sample", total: labels.length, unit: "pictures" });
      const begun = performance.now();
      const sampling = samplingFrom(options, file && samplingOf(file));
      const pictures = await drawPictures(generator, tokenizer, {
        labels,
        seed,
        sampling,
        batch,
        progress: bar,
        signal,
      });
      bar.stop();
      const perSecond = labels.length / ((performance.now() - begun) / 1000);
      const out = resolve(options.out);
      await writeGrid(join(out, "sheet.png"), pictures, labels.length, Math.min(12, labels.length));
      if (each) {
        const size = pictures.length / labels.length;
        const side = tokenizer.config.resolution;
        for (const [i] of labels.entries())
          await writePng(join(out, `${String(i).padStart(6, "0")}.png`), fromSigned(pictures, side, side, i * size));
      }
      const result = { out, count: labels.length, perSecond };
      await run.finish({ title: "Samples", summary: describe(result), sections: [] });
      return result;
    } finally {
      tokenizer.dispose();
    }
  },
  print: describe,
});

function describe({ out, count, perSecond }: Result): string {
  return `${join(out, "sheet.png")}: ${count} pictures, ${perSecond.toPrecision(3)} per second.`;
}

function drawLabels(count: number, classes: number, random: boolean, seed: number): Int32Array<ArrayBuffer> {
  if (!random) return labelsInTurn(count, classes);
  const rng = new Random(seed).split("labels");
  return Int32Array.from({ length: count }, () => rng.int(0, classes - 1));
}

function parseLabels(text: string, classes: number): Int32Array<ArrayBuffer> {
  const labels = text.split(",").map((word) => {
    const label = Number(word.trim());
    if (Number.isInteger(label) && label >= 0 && label < classes && word.trim() !== "") return label;
    throw new UsageError(`--labels: "${word.trim()}" is no class from 0 to ${classes - 1}`);
  });
  return Int32Array.from(labels);
}
