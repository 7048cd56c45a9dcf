/** `polymath lightningdit tokenizer train`: an autoencoder whose latents are accurate and easy to generate. */
import { resolve } from "node:path";
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { DataError } from "../../../core/errors.ts";
import { validate } from "../../../core/schema.ts";
import { readYaml } from "../../../core/yaml.ts";
import type { FeatureNet } from "../../../vision/index.ts";
import { loadNet } from "../features/index.ts";
import { openFeatureNet } from "../features/open.ts";
import { openImages } from "../images.ts";
import { smallTokenizer } from "../presets.ts";
import { TokenizerSettings } from "../schemas.ts";
import { trainTokenizer } from "../tokenizer/index.ts";

interface Result {
  out: string;
  sha256: string;
  psnr: number | null;
}

export const tokenizerTrainCommand = defineCommand({
  name: "lightningdit tokenizer train",
  summary: "Train a tokenizer, with or without alignment to a vision model",
  description:
    "Pictures of held-out images and their reconstructions are written into the run folder while it learns. With --settings, " +
    "a YAML or JSON file states everything: the autoencoder (official ddconfig names) and any number of stages with their weights and margins.",
  examples: [
    "polymath lightningdit tokenizer train --features features --out tokenizer",
    "polymath lightningdit tokenizer train --d 32 --vf 0 --out unaligned",
    "polymath lightningdit tokenizer train photos/ --settings my.yaml --features dinov2.onnx --out tokenizer",
  ],
  args: z
    .array(z.string())
    .max(1)
    .meta({ label: "pictures" })
    .describe("a folder of class folders, or a CSV of path and label"),
  options: z.object({
    features: z
      .string()
      .optional()
      .meta({ label: "net" })
      .describe("what to align to: a folder of `lightningdit features`, or an ONNX file"),
    perceptual: z
      .string()
      .optional()
      .meta({ label: "net" })
      .describe("folder of the net for the perceptual distance (default: --features)"),
    settings: z
      .string()
      .optional()
      .meta({ label: "file" })
      .describe("YAML or JSON; the options below are then not used"),
    d: z.number().int().min(1).default(16).describe("latent channels"),
    vf: z.number().min(0).optional().describe("weight of the alignment (default 0.3 with --features, else 0)"),
    perceptualWeight: z.number().min(0).default(0).describe("weight of the perceptual distance; official 1"),
    adversary: z.number().min(0).default(0).describe("weight of the adversary, from half the steps on; official 0.5"),
    wrongFeatures: z.boolean().default(false).describe("a control: align every picture to the features of another"),
    steps: z.number().int().min(1).default(800).describe("training steps"),
    side: z.number().int().min(16).default(32).describe("pixels of a picture's side"),
    count: z.number().int().min(10).default(20_000).describe("pictures to learn from"),
    holdout: z.number().int().min(2).default(1000).describe("pictures held out"),
    enlarge: z.boolean().default(false).describe("enlarge pictures smaller than the side instead of rejecting them"),
    seed: z.number().int().min(0).default(0).describe("of weights, data and order"),
    out: z.string().describe("folder for the tokenizer"),
  }),
  journal: true,
  async run([source], options, context): Promise<Result | null> {
    const { run } = context;
    const {
      d,
      steps,
      seed,
      perceptualWeight,
      adversary: adversaryWeight,
      wrongFeatures,
      count,
      holdout,
      enlarge,
    } = options;
    const vfWeight = options.vf ?? (options.features === undefined ? 0 : 0.3);
    const settings = options.settings
      ? await readSettings(options.settings)
      : smallTokenizer({
          d,
          steps,
          seed,
          side: options.side,
          vfWeight,
          perceptualWeight,
          adversaryWeight,
          wrongFeatures,
        });
    const side = settings.autoencoder.resolution;
    const features = options.features === undefined ? undefined : await openFeatureNet(options.features);
    const perceptual = await openPerceptual(settings, options.perceptual ?? options.features);
    const images = await openImages(
      { source, side, count, holdout, seed: settings.seed, folder: run.path("pictures"), enlarge },
      context,
    );
    let psnr: number | null = null;
    try {
      const tokenizer = await trainTokenizer(
        "tokenizer",
        settings,
        { ...images, features, perceptual },
        {
          ...context,
          dir: run.path("tokenizer"),
          out: resolve(options.out),
          metric(name, step, value) {
            if (name === "psnr") psnr = value;
            run.metric(name, step, value);
          },
        },
      );
      if (!tokenizer) return null; // interrupted: `polymath resume` goes on
      tokenizer.dispose();
      const result = { out: resolve(options.out), sha256: tokenizer.hash, psnr };
      await run.finish({ title: "Tokenizer", summary: describe(result, features), sections: [] });
      return result;
    } finally {
      features?.dispose();
      await images.close();
    }
  },
  print: (result) => (result ? `${result.out}\n${describe(result)}` : ""),
});

function describe({ psnr, sha256 }: Result, features?: FeatureNet): string {
  const quality = psnr === null ? "" : ` PSNR ${psnr.toFixed(2)} dB on held-out pictures.`;
  return `Tokenizer ${sha256.slice(0, 12)}${features ? `, aligned to ${features.name}` : ""}.${quality}`;
}

async function readSettings(file: string): Promise<TokenizerSettings> {
  const result = validate(TokenizerSettings, await readYaml(file));
  if ("value" in result) return result.value;
  throw new DataError(`${file}: ${result.problem.message}`, { hint: result.problem.hint });
}

async function openPerceptual({ stages }: TokenizerSettings, place: string | undefined) {
  const isUsed = stages.some(({ perceptualWeight }) => perceptualWeight > 0);
  return isUsed && place !== undefined && !place.endsWith(".onnx") ? loadNet(place) : undefined;
}
