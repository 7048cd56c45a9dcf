/**
 * Shape of a KL autoencoder, under the names of the official `ddconfig`.
 * "f16d32" there is `ch` 128, `ch_mult` [1, 1, 2, 2, 4] and `embed_dim` 32: four halvings, 32 latent channels.
 * Source: Rombach et al. 2022 (LDM), configs/autoencoder; Yao et al. 2025 (VA-VAE), configs/f16d32*.yaml.
 */
import { z } from "zod";
import { ConfigError } from "../../core/errors.ts";

const count = z.number().int().min(1);

export type AutoencoderConfig = z.output<typeof AutoencoderConfig>;
export const AutoencoderConfig = z.object({
  /** Channels of the latents, d. The encoder writes 2 d: mean and log variance. */
  z_channels: count,
  /** Channels of the posterior after `quant_conv`; the official files have it equal to `z_channels`. */
  embed_dim: count,
  /** Height and width of the images in pixels; decides where attention stands. */
  resolution: count,
  in_channels: count.default(3),
  out_ch: count.default(3),
  /** Width of the first level; level i has ch · ch_mult[i]. */
  ch: count,
  ch_mult: z.array(count).min(1),
  num_res_blocks: count,
  /** Sides in pixels at which attention follows every residual block. */
  attn_resolutions: z.array(count),
  /** Attention between the two residual blocks in the middle; the official files have it. */
  mid_attn: z.boolean().default(true),
  /** Groups of the normalisation; official 32, which must divide every width. */
  groups: count.default(32),
  /** Images enter as patch × patch pixels stacked into channels; official 1. Small images train 4 times as fast with 2. */
  patch: count.default(1),
});

/** How many pixels of a side become one latent: patch · 2^(levels - 1). */
export function downsampleRatio({ patch, ch_mult }: AutoencoderConfig): number {
  return patch * 2 ** (ch_mult.length - 1);
}

/** Side of the latent grid. */
export function latentSide(config: AutoencoderConfig): number {
  return config.resolution / downsampleRatio(config);
}

/**
 * @returns the configuration with its defaults
 * @throws ConfigError when sizes do not divide each other
 */
export function autoencoderConfig(given: z.input<typeof AutoencoderConfig>): AutoencoderConfig {
  const config = AutoencoderConfig.parse(given);
  const { resolution, ch, ch_mult, groups } = config;
  const ratio = downsampleRatio(config);
  if (resolution % ratio !== 0)
    throw new ConfigError(`autoencoder: resolution ${resolution} is no multiple of the downsampling ${ratio}`, {
      hint: `Use ${Math.max(1, Math.round(resolution / ratio)) * ratio} pixels, or fewer levels in ch_mult.`,
    });
  for (const width of ch_mult.map((factor) => ch * factor))
    if (width % groups !== 0)
      throw new ConfigError(`autoencoder: ${groups} groups do not divide the width ${width}`, {
        hint: "Choose groups that divide ch.",
      });
  return config;
}
