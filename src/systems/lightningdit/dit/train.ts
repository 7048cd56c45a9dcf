/**
 * Trains a generator on a folder of latents and saves its averaged weights. While it trains, the same few noises are
 * sampled again and again and decoded, so that one sees it learn.
 */
import { join } from "node:path";
import type { Outside } from "../../../compute/tensor.ts";
import type { StepReport } from "../../../compute/train.ts";
import type { CommandContext } from "../../../core/command.ts";
import { ConfigError } from "../../../core/errors.ts";
import {
  createDitSampler,
  type DitConfig,
  type DitParams,
  type FlowRecipe,
  trainDit,
} from "../../../diffusion/index.ts";
import { fromSigned, imageGrid, writePng } from "../../../media/index.ts";
import { checkLabels, examplesOf, intoMemory, type LatentSet, openLatents } from "../latents/latent-set.ts";
import type { LatentTokenizer } from "../latents/latent-tokenizer.ts";
import { checkStats, readStats } from "../latents/stats.ts";
import { type Generator, openGenerator, saveGenerator } from "./generator.ts";
import { drawPictures, labelsInTurn } from "./sample.ts";
import type { LatentScale } from "./schemas.ts";

export interface TrainGeneratorOptions {
  /** Folder of latent shards and their statistics. */
  latents: string;
  config: DitConfig;
  recipe: FlowRecipe;
  seed: number;
  /** (z - mean) / std; default true. Off for SD-VAE, whose multiplier stands for it. */
  normalise?: boolean;
  /** Default 1. */
  multiplier?: number;
  /** Decodes the samples shown while training; without one there are none. */
  tokenizer?: LatentTokenizer;
  /** Spent: weights to begin with. */
  params?: Outside<DitParams>;
  /** Steps between checkpoints; default 500. */
  checkpointEvery?: number;
  /** Steps between pictures of samples; default 500. */
  sampleEvery?: number;
}

export interface TrainGeneratorContext extends Pick<CommandContext, "log" | "progress" | "signal"> {
  /** Checkpoints and pictures of samples; an unfinished training in it is gone on with. */
  dir: string;
  /** Where the generator goes. */
  out: string;
  metric?(name: string, step: number, value: number): void;
}

/** Data sets up to this stay in memory: reading 200 rows of a step from disk costs as much as a small model's step. */
const mostBytesInMemory = 2 ** 30;

/** @returns the generator, or null when `signal` stopped the training before its end */
export async function trainGenerator(
  options: TrainGeneratorOptions,
  context: TrainGeneratorContext,
): Promise<Generator | null> {
  const { config, recipe, seed, tokenizer, params } = options;
  const opened = await openLatents(options.latents);
  try {
    expectShape(opened, config, options.latents);
    checkLabels(opened.labels, config.classes, options.latents);
    const scale = await scaleOf(opened, options);
    const bytes = 8 * opened.count * opened.shape.reduce((product, dim) => product * dim, 1);
    const set = bytes <= mostBytesInMemory ? await intoMemory(opened) : opened;
    const { stats, multiplier } = scale;
    const known = stats && { mean: Float32Array.from(stats.mean), std: Float32Array.from(stats.std) };
    const watch =
      tokenizer && createSampleWatch(config, scale, tokenizer, { seed, folder: join(context.dir, "samples") });
    const progress = context.progress({ label: "train generator", total: recipe.steps, unit: "steps" });
    try {
      const trained = await trainDit({
        config,
        recipe,
        seed,
        examples: examplesOf(set, { stats: known, multiplier }),
        ...(params && { params }),
        checkpointDir: join(context.dir, "checkpoints"),
        checkpointEvery: options.checkpointEvery ?? 500,
        ...(watch && {
          evaluate: async ({ step, ema }) => watch.look(step, ema!),
          evaluateEvery: options.sampleEvery ?? 500,
        }),
        onStep: (report) => tellStep(report, recipe, context),
        progress,
        signal: context.signal,
      });
      if (trained.stopped) return null;
      await saveGenerator(context.out, { config, recipe, latents: scale, seed }, trained.ema!);
      return await openGenerator(context.out);
    } finally {
      progress.stop();
      watch?.dispose();
    }
  } finally {
    await opened.close();
  }
}

function tellStep(
  { step, loss, metrics, skipped, lr }: StepReport,
  { steps }: FlowRecipe,
  { metric, log }: TrainGeneratorContext,
): void {
  if (skipped) log.warn("step-skip", { step, reason: "the gradients hold NaN or infinity", lr });
  if (!metric || skipped || (step % 10 !== 0 && step !== steps)) return;
  for (const [name, value] of Object.entries({ loss, ...metrics })) metric(name, step, value);
}

/** @throws ConfigError when the model is made for other latents */
function expectShape({ shape }: LatentSet, { channels, grid }: DitConfig, where: string): void {
  if (String(shape) !== String([channels, grid, grid]))
    throw new ConfigError(`${where}: latents [${shape.join(", ")}], the model takes [${channels}, ${grid}, ${grid}]`, {
      hint: "Set the model's channels and grid (in_chans, image_size / downsample_ratio) to those of the latents.",
    });
}

async function scaleOf(
  set: LatentSet,
  { latents, normalise = true, multiplier = 1 }: TrainGeneratorOptions,
): Promise<LatentScale> {
  const tokenizer = set.tokenizer ?? null;
  if (!normalise) return { tokenizer, stats: null, multiplier };
  const stats = await readStats(latents);
  checkStats(stats, set, latents);
  return { tokenizer, stats: { mean: [...stats.mean], std: [...stats.std] }, multiplier };
}

const [shownColumns, shownCount] = [12, 48];

/** Samples of all classes in turn, from noises that stay the same. */
function createSampleWatch(
  config: DitConfig,
  latents: LatentScale,
  tokenizer: LatentTokenizer,
  { seed, folder }: { seed: number; folder: string },
) {
  const sampler = createDitSampler(config);
  const labels = labelsInTurn(shownCount, config.classes);
  return {
    /** @param params borrowed */
    async look(step: number, params: Outside<DitParams>): Promise<Record<string, number>> {
      const sampling = { points: 26 };
      const pictures = await drawPictures({ config, params, latents }, tokenizer, {
        labels,
        seed: `${seed}/watch`,
        sampling,
        batch: shownCount,
        sampler,
      });
      await writeGrid(join(folder, `step-${String(step).padStart(8, "0")}.png`), pictures, shownCount, shownColumns);
      return {};
    },
    dispose: () => sampler.dispose(),
  };
}

/** @param pictures [count, 3, side, side] */
export async function writeGrid(file: string, pictures: Float32Array, count: number, columns: number): Promise<void> {
  const size = pictures.length / count;
  const side = Math.sqrt(size / 3);
  const each = Array.from({ length: count }, (_, i) => fromSigned(pictures, side, side, i * size));
  await writePng(file, imageGrid(each, columns));
}
