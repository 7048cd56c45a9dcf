/** Settings and results of the tokenizer's half of the system; the generator's are beside its files. */
import { z } from "zod";
import { AutoencoderConfig } from "../../diffusion/autoencoder/index.ts";
import { ConvEncoderConfig } from "../../vision/index.ts";

const count = z.number().int().min(1);

/**
 * How a feature net learns:
 * dense    marks only: cover, distance, shape and palette of every cell; its grid then knows what is where
 * factors  marks only: class and nuisances of the whole picture; the judge
 * labels   any labelled pictures: the class
 * views    any pictures, no labels: two crops of one picture are alike, those of others are not (SimCLR)
 */
export type FeatureTask = z.output<typeof FeatureTask>;
export const FeatureTask = z.enum(["dense", "factors", "labels", "views"]);

export type FeatureSettings = z.output<typeof FeatureSettings>;
export const FeatureSettings = z.object({
  task: FeatureTask,
  encoder: ConvEncoderConfig,
  /** Pixels of a picture's side. */
  side: count,
  /** Pictures to learn from. */
  count,
  steps: count,
  batch: count,
  lr: z.number().positive(),
  seed: z.number().int().min(0),
});

/** Stands beside the weights of a trained feature net. */
export type FeatureCard = z.output<typeof FeatureCard>;
export const FeatureCard = z.object({
  kind: z.literal("polymath-feature-net"),
  name: z.string(),
  task: FeatureTask,
  encoder: ConvEncoderConfig,
  side: count,
  classNames: z.array(z.string()).describe("empty where it does not classify"),
  seed: z.number(),
  /** Of the weights file. */
  sha256: z.string(),
  /** Share of held-out labels right: by a linear classifier on the pooled features, and by the net's own, if it has one. */
  probeAccuracy: z.number(),
  classAccuracy: z.number().optional(),
});

const share = z.number().min(0);

/** One stretch of a tokenizer's training; the first lasts from step 0, each following one from the end of that before. */
export type TokenizerStage = z.output<typeof TokenizerStage>;
export const TokenizerStage = z.object({
  steps: count,
  klWeight: share.default(1e-6),
  /** Of the perceptual distance on the toolkit's own frozen net; official 1, with VGG features. 0 leaves it out. */
  perceptualWeight: share.default(0),
  /** Of the adversary, before its adaptive factor; official 0.5. 0 leaves it out. */
  adversaryWeight: share.default(0),
  /** Step of the stage from which the adversary counts. */
  adversaryFrom: z.number().int().min(0).default(0),
  /** w_hyper of the vision-foundation loss; 0 leaves it out. */
  vfWeight: share.default(0),
  cosMargin: share.default(0.5),
  distmatMargin: share.default(0.25),
  /** Weights of its two terms. */
  mcos: share.default(1),
  mdms: share.default(1),
});

export type TokenizerSettings = z.output<typeof TokenizerSettings>;
export const TokenizerSettings = z.object({
  autoencoder: AutoencoderConfig,
  stages: z.array(TokenizerStage).min(1),
  batch: count,
  lr: z.number().positive().default(1e-4),
  beta1: z.number().min(0).max(1).default(0.5),
  beta2: z.number().min(0).max(1).default(0.9),
  /** Decay of an average of the weights, which is what is saved; absent: the weights themselves. */
  ema: z.number().min(0).max(1).optional(),
  /** Ends in half a cosine to a tenth of `lr` instead of staying constant. */
  decay: z.boolean().default(false),
  discriminator: z.object({ layers: count, width: count }).default({ layers: 3, width: 64 }),
  projection: z.enum(["reverse", "forward"]).default("reverse"),
  adaptiveVf: z.boolean().default(true),
  /** Where latent and feature grids differ: resize features bilinearly instead of stopping. */
  resizeFeatures: z.boolean().default(false),
  /** A control: every picture is aligned to the features of another one. */
  wrongFeatures: z.boolean().default(false),
  seed: z.number().int().min(0),
});

/** Stands beside the weights of a tokenizer. */
export type TokenizerCard = z.output<typeof TokenizerCard>;
export const TokenizerCard = z.object({
  kind: z.literal("polymath-tokenizer"),
  name: z.string(),
  autoencoder: AutoencoderConfig,
  /** Of the weights file: latents and their statistics carry it, so that they are not mixed with another's. */
  sha256: z.string(),
  /** How it was trained; absent for a file that came from elsewhere. */
  settings: TokenizerSettings.optional(),
  /** The net it was aligned to, if it was. */
  alignedTo: z.string().optional(),
});

export type TokenizerEvaluation = z.output<typeof TokenizerEvaluation>;
export const TokenizerEvaluation = z.object({
  tokenizer: z.string(),
  count,
  psnr: z.number(),
  ssim: z.number(),
  /** Perceptual distance on the named net. */
  perceptual: z.number().optional(),
  perceptualNet: z.string().optional(),
  /** Fréchet distance of reconstructions to the pictures, on the named net. */
  rfid: z.number(),
  rfidExtrapolated: z.number(),
  judge: z.string(),
  /** Share of reconstructions that the judge takes for their class, and of the pictures themselves. */
  classAgreement: z.number().optional(),
  classAgreementReal: z.number().optional(),
  warnings: z.array(z.string()),
});

/** What the latents are like, before any generator is trained on them. */
export type LatentHealth = z.output<typeof LatentHealth>;
export const LatentHealth = z.object({
  /** Channels of the latents, and those whose standard deviation over the set is below 1e-6. */
  channels: count,
  dead: z.array(z.number()),
  std: z.object({ min: z.number(), median: z.number(), max: z.number() }),
  /** Mean absolute correlation of two different channels. */
  correlation: z.number(),
  /** exp(entropy of the covariance's spectrum): how many directions are in use. */
  effectiveRank: z.number(),
  /** Mean posterior standard deviation over the mean spread of the means: noise the decoder has to live with. */
  noiseShare: z.number(),
  /** Mean cosine of held-out features and their best linear prediction from the latents at the same place. */
  alignment: z.number().optional(),
  alignmentNet: z.string().optional(),
  /** Share of the 10 nearest latents with the same label; chance is the largest class's share. */
  knnPurity: z.number().optional(),
  probeAccuracy: z.number().optional(),
});

export type GenerationEvaluation = z.output<typeof GenerationEvaluation>;
export const GenerationEvaluation = z.object({
  judge: z.string(),
  count,
  referenceCount: count,
  fid: z.number(),
  fidExtrapolated: z.number(),
  /** Fréchet distance of features that keep their place. */
  sfid: z.number(),
  /** On the judge's classes; absent where it has none, as the next one. */
  inceptionScore: z.number().optional(),
  /** Share of pictures that the judge takes for the class they were asked for. */
  classAgreement: z.number().optional(),
  precision: z.number(),
  recall: z.number(),
  warnings: z.array(z.string()),
});
