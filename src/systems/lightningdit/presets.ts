/** Settings of the miniature: what trains on two cores in minutes. */
import { type AutoencoderConfig, autoencoderConfig } from "../../diffusion/autoencoder/index.ts";
import { type FeatureSettings, type FeatureTask, TokenizerSettings } from "./schemas.ts";

/**
 * A grid of 4 x 4 latents, by one patch each instead of by halvings: with the same arithmetic it learns twice as fast as
 * patches of 2 pixels and two halvings, for all of its width is at work on the grid.
 */
export function smallAutoencoder(d: number, side = 32): AutoencoderConfig {
  return autoencoderConfig({
    z_channels: d,
    embed_dim: d,
    resolution: side,
    ch: 64,
    ch_mult: [1],
    num_res_blocks: 1,
    attn_resolutions: [],
    mid_attn: false,
    groups: 8,
    patch: side / 4,
  });
}

/** The widths of as many halvings as lead to the 4 x 4 grid of the latents: of 32 pixels all three, of 16 the last two. */
const halvingsTo4 = (widths: number[], side: number) => widths.slice(-Math.log2(side / 4));

/** The stand-in for a vision foundation model. */
export function smallFeatures(task: FeatureTask, seed: number, side = 32): FeatureSettings {
  return {
    task,
    encoder: { widths: halvingsTo4([24, 48, 64], side), dim: 64, groups: 4 },
    side,
    count: 8000,
    steps: 600,
    batch: 64,
    lr: 2e-3,
    seed,
  };
}

/** Another net, on other pictures, by another task: who judges must not be who taught. */
export function smallJudge(task: FeatureTask, seed: number, side = 32): FeatureSettings {
  return {
    ...smallFeatures(task, seed + 1000, side),
    encoder: { widths: halvingsTo4([20, 40, 64], side), dim: 48, groups: 4 },
    steps: 900,
  };
}

export interface SmallTokenizerOptions {
  d: number;
  seed: number;
  steps: number;
  side?: number;
  /** w_hyper of the alignment; 0 trains without. */
  vfWeight?: number;
  perceptualWeight?: number;
  adversaryWeight?: number;
  wrongFeatures?: boolean;
}

/** The tokenizer of the miniature, one arm of it. */
export function smallTokenizer(options: SmallTokenizerOptions): TokenizerSettings {
  const {
    d,
    seed,
    steps,
    side,
    vfWeight = 0,
    perceptualWeight = 0,
    adversaryWeight = 0,
    wrongFeatures = false,
  } = options;
  return TokenizerSettings.parse({
    autoencoder: smallAutoencoder(d, side),
    stages: [
      {
        steps,
        vfWeight,
        perceptualWeight,
        adversaryWeight,
        adversaryFrom: Math.floor(steps / 2),
        cosMargin: 0.25,
        distmatMargin: 0.1,
      },
    ],
    batch: 32,
    lr: 3e-3,
    beta1: 0.9, // without an adversary, the usual ones learn faster than the official 0.5 and 0.9
    beta2: 0.95,
    decay: true,
    ema: 0.98,
    discriminator: { layers: 2, width: 16 },
    wrongFeatures,
    seed,
  } satisfies Parameters<typeof TokenizerSettings.parse>[0]);
}
