/** `polymath lightningdit dit train`: a generator on a folder of latents. */
import { resolve } from "node:path";
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { UsageError } from "../../../core/errors.ts";
import { countDitParameters, DitConfig, ditSizes, FlowRecipe } from "../../../diffusion/index.ts";
import { loadDit } from "../checkpoints/dit-file.ts";
import { ditConfigOf, readConfig, recipeOf } from "../config/read.ts";
import { type TrainGeneratorOptions, trainGenerator } from "../dit/index.ts";
import { openLatents } from "../latents/index.ts";
import { tokenizerAt } from "./dit-options.ts";

interface Result {
  out: string;
  parameterCount: number;
  steps: number;
  squares: number | null;
}

const sizes = Object.keys(ditSizes) as [keyof typeof ditSizes, ...(keyof typeof ditSizes)[]];
const recipe = FlowRecipe.shape;

const options = z.object({
  config: z
    .string()
    .optional()
    .meta({ label: "file" })
    .describe("the official YAML; then only --latents, --tokenizer and --out are read besides"),
  latents: z
    .string()
    .optional()
    .meta({ label: "folder" })
    .describe("shards and their statistics (default: data.data_path of --config)"),
  tokenizer: z.string().optional().meta({ label: "folder" }).describe("decodes pictures of samples while it trains"),
  size: z.enum(sizes).default("nano").describe("depth, width and heads by a published name; nano trains in minutes"),
  patch: recipe.batch.default(1).describe("latent positions per token, along each axis"),
  classes: z.int().positive().optional().describe("number of classes (default: the highest label, plus one)"),
  steps: recipe.steps.default(2000),
  batch: recipe.batch.default(128),
  lr: z.number().positive().default(1e-3).describe("learning rate, constant (official 2e-4)"),
  ema: z.number().min(0).lt(1).default(0.995).describe("decay of the averaged weights (official 0.9999)"),
  clip: z.number().min(0).default(1).describe("largest norm of a gradient, 0 for no limit (official)"),
  timesteps: z.enum(["lognormal", "uniform"]).default("lognormal").describe("law of the times looked at"),
  uniformFrom: recipe.uniformFrom,
  direction: z.boolean().default(true).describe("add the loss of the velocity's direction"),
  qkNorm: z.boolean().default(false).describe("normalise queries and keys: steadier training"),
  init: z.string().optional().meta({ label: "checkpoint" }).describe("weights to begin with"),
  sampleEvery: z.int().positive().default(500).describe("steps between pictures of samples"),
  checkpointEvery: z.int().positive().default(500).describe("steps between checkpoints"),
  seed: z.int().min(0).default(0).describe("of weights, noise and order"),
  out: z.string().describe("folder for the generator"),
});
type Options = z.output<typeof options>;

export const ditTrainCommand = defineCommand({
  name: "lightningdit dit train",
  summary: "Train a latent diffusion transformer, with pictures of its samples while it learns",
  description:
    "Takes a folder of `lightningdit latents extract`, or an official one. The official YAML configuration is taken as it is with --config. " +
    "Killed anywhere, `polymath resume` ends with the same bytes.",
  examples: [
    "polymath lightningdit dit train --latents latents --tokenizer tokenizer --out generator",
    "polymath lightningdit dit train --config lightningdit_xl.yaml --out generator",
  ],
  options,
  journal: true,
  async run(_, given, context): Promise<Result | null> {
    const { run } = context;
    const tokenizer = await tokenizerAt(given.tokenizer);
    let squares: number | null = null;
    try {
      const settings = given.config === undefined ? await fromOptions(given) : await fromFile(given.config, given);
      const generator = await trainGenerator(
        { ...settings, tokenizer, sampleEvery: given.sampleEvery },
        {
          ...context,
          dir: run.path("generator"),
          out: resolve(given.out),
          metric(name, step, value) {
            if (name === "squares") squares = value;
            run.metric(name, step, value);
          },
        },
      );
      if (!generator) return null; // interrupted: `polymath resume` goes on
      const result = {
        out: resolve(given.out),
        parameterCount: countDitParameters(generator.config),
        steps: settings.recipe.steps,
        squares,
      };
      await run.finish({ title: "Generator", summary: describe(result), sections: [] });
      return result;
    } finally {
      tokenizer?.dispose();
    }
  },
  print: (result) => (result ? `${result.out}\n${describe(result)}` : ""),
});

function describe({ parameterCount, steps, squares }: Result): string {
  const loss = squares === null ? "" : ` Squared error of the velocity at the end: ${squares.toFixed(4)}.`;
  return `${parameterCount.toLocaleString("en")} parameters, ${steps} steps.${loss}`;
}

async function fromOptions(given: Options): Promise<TrainGeneratorOptions> {
  const { latents, size, patch, qkNorm, clip, seed, checkpointEvery } = given;
  if (latents === undefined)
    throw new UsageError("dit train: --latents or --config: expected one of them", {
      hint: "Make latents with: polymath lightningdit latents extract.",
    });
  const set = await openLatents(latents);
  await set.close();
  const [channels = 0, grid = 0] = set.shape;
  const classes = given.classes ?? Math.max(...set.labels) + 1;
  const config = DitConfig.parse({ ...ditSizes[size], patch, grid, channels, classes, qkNorm });
  const { steps, batch, lr, ema, timesteps, uniformFrom, direction } = given;
  const recipe = FlowRecipe.parse({
    steps,
    batch,
    lr,
    ema,
    timesteps,
    uniformFrom,
    direction,
    ...(clip > 0 && { clipNorm: clip }),
  });
  return { latents: resolve(latents), config, recipe, seed, checkpointEvery, ...(await initial(given.init, config)) };
}

async function fromFile(file: string, given: Options): Promise<TrainGeneratorOptions> {
  const yaml = await readConfig(file);
  const config = ditConfigOf(yaml);
  return {
    latents: resolve(given.latents ?? yaml.data.data_path),
    config,
    recipe: recipeOf(yaml),
    seed: yaml.train.global_seed,
    normalise: yaml.data.latent_norm,
    multiplier: yaml.data.latent_multiplier,
    checkpointEvery: yaml.train.ckpt_every,
    ...(await initial(given.init ?? yaml.train.weight_init ?? undefined, config)),
  };
}

async function initial(checkpoint: string | undefined, config: DitConfig) {
  return checkpoint === undefined ? {} : { params: (await loadDit(checkpoint, { config, weights: "model" })).params };
}
