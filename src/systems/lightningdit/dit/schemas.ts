/** Settings and results of the generator's half of the system. */
import { z } from "zod";
import { DitConfig, FlowRecipe } from "../../../diffusion/index.ts";

/** What a generator must know of the latents it was trained on: without it its samples are noise to any decoder. */
export type LatentScale = z.output<typeof LatentScale>;
export const LatentScale = z.object({
  /** Hash of the tokenizer; null where the shards did not tell it, as the official ones. */
  tokenizer: z.string().nullable(),
  /** Null for runs without normalisation, on SD-VAE. */
  stats: z.object({ mean: z.array(z.number()), std: z.array(z.number()) }).nullable(),
  multiplier: z.number().positive(),
});

/** Stands beside the weights of a generator. */
export type GeneratorCard = z.output<typeof GeneratorCard>;
export const GeneratorCard = z.object({
  kind: z.literal("polymath-lightningdit"),
  config: DitConfig,
  recipe: FlowRecipe,
  latents: LatentScale,
  seed: z.number(),
  /** Of the weights file. */
  sha256: z.string(),
});

/** Nearest neighbours of samples among training pictures and among as many held-out ones. */
export type Memorisation = z.output<typeof Memorisation>;
export const Memorisation = z.object({
  /** Samples, and pictures on each side. */
  sampleCount: z.int(),
  pictureCount: z.int(),
  /** Share of samples nearer to a training picture than to any held-out one; one half where nothing is memorised. */
  closerToTraining: z.object({ value: z.number(), low: z.number(), high: z.number(), level: z.number() }),
  /** Medians over the samples of the distance to the nearest. */
  trainingDistance: z.number(),
  heldOutDistance: z.number(),
  /** What distances are measured in. */
  space: z.string(),
});
