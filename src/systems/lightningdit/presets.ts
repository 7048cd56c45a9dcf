/** Settings of the miniature: what trains on two cores in minutes. */
import { type AutoencoderConfig, autoencoderConfig } from "../../diffusion/autoencoder/index.ts";
import { type FeatureSettings, type FeatureTask, TokenizerSettings } from "./schemas.ts";

/** f8: patches of 2 pixels, then two halvings. */
export function smallAutoencoder(d: number, side = 32): AutoencoderConfig {
  return autoencoderConfig({
    z_channels: d,
    embed_dim: d,
    resolution: side,
    ch: 24,
    ch_mult: [1, 2, 2],
    num_res_blocks: 1,
    attn_resolutions: [],
    groups: 8,
    patch: 2,
  });
}

/** The stand-in for a vision foundation model. */
export function smallFeatures(task: FeatureTask, seed: number, side = 32): FeatureSettings {
  return {
    task,
    encoder: { widths: [24, 48, 64], dim: 64, groups: 4 }, // three halvings, to the grid of the latents
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
    encoder: { widths: [20, 40, 64], dim: 48, groups: 4 },
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
    lr: 1e-3,
    decay: true,
    ema: 0.98,
    discriminator: { layers: 2, width: 16 },
    wrongFeatures,
    seed,
  } satisfies Parameters<typeof TokenizerSettings.parse>[0]);
}
