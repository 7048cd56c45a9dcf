/**
 * The KL autoencoder as pure functions: a Gaussian posterior over latents for each image, and images from latents.
 * The parameter tree has the names of the official checkpoints, so it is read and written without renaming.
 * Source: Kingma and Welling 2014; Rombach et al. 2022, section 3.1; Yao et al. 2025 (VA-VAE), section 3.
 */
import { numpy as np } from "@jax-js/jax";
import { expectAxes } from "../../compute/axes.ts";
import type { Initializer } from "../../compute/init.ts";
import { type ConvParams, conv2d, initConv } from "../../compute/layers/conv.ts";
import type { Outside } from "../../compute/tensor.ts";
import type { Random } from "../../core/random.ts";
import type { AutoencoderConfig } from "./config.ts";
import { type DecoderParams, decoderTrunk, initDecoder } from "./decoder.ts";
import { type EncoderParams, encoderTrunk, initEncoder } from "./encoder.ts";
import { conv3x3, spreadPatches } from "./layers.ts";

export type AutoencoderParams = {
  encoder: EncoderParams;
  quant_conv: ConvParams; // [2 embed_dim, 2 z_channels, 1, 1]
  post_quant_conv: ConvParams; // [z_channels, embed_dim, 1, 1]
  decoder: DecoderParams;
};

/** Diagonal Gaussian over latents; both [batch, embed_dim, side, side]. */
export type Posterior = { mean: np.Array; logvar: np.Array };

/**
 * @param params borrowed
 * @param images consumed; [batch, in_channels, resolution, resolution] in [-1, 1]
 */
export function encode(params: AutoencoderParams, images: np.Array, config: AutoencoderConfig): Posterior {
  const { in_channels, resolution } = config;
  expectAxes("autoencoder: images", images, [
    "batch",
    ["in_channels", in_channels],
    ["height", resolution],
    ["width", resolution],
  ]);
  return momentsOf(params, encoderTrunk(params.encoder, images, config));
}

/** The end of the encoder: from its trunk's output (consumed) to the posterior. */
export function momentsOf(
  { encoder, quant_conv }: { encoder: Pick<EncoderParams, "conv_out">; quant_conv: ConvParams },
  trunk: np.Array,
): Posterior {
  const moments = conv2d(quant_conv, conv3x3(encoder.conv_out, trunk)); // [batch, 2 embed_dim, side, side]
  const [mean, logvar] = np.split(moments, 2, 1) as [np.Array, np.Array];
  return { mean, logvar: np.clip(logvar, -30, 20) };
}

/** mean + exp(logvar / 2) · noise; all are consumed. */
export function samplePosterior({ mean, logvar }: Posterior, noise: np.Array): np.Array {
  return mean.add(np.exp(logvar.mul(0.5)).mul(noise));
}

/**
 * @param params borrowed
 * @param z consumed; [batch, embed_dim, side, side]
 * @returns [batch, out_ch, resolution, resolution]; near [-1, 1], not cut
 */
export function decode(params: AutoencoderParams, z: np.Array, config: AutoencoderConfig): np.Array {
  return imagesOf(params.decoder, decoderFeatures(params, z, config), config);
}

/** The decoder up to its last convolution; z is consumed. */
export function decoderFeatures(
  { post_quant_conv, decoder }: Pick<AutoencoderParams, "post_quant_conv" | "decoder">,
  z: np.Array,
  config: AutoencoderConfig,
): np.Array {
  return decoderTrunk(decoder, conv2d(post_quant_conv, z), config);
}

/** The decoder's last convolution; `features` are consumed. */
export function imagesOf(
  { conv_out }: Pick<DecoderParams, "conv_out">,
  features: np.Array,
  { patch }: AutoencoderConfig,
) {
  return spreadPatches(conv3x3(conv_out, features), patch);
}

/** Fresh parameters by the official names; `init` is that of every convolution. */
export function initAutoencoder(
  rng: Random,
  config: AutoencoderConfig,
  init?: Initializer,
): Outside<AutoencoderParams> {
  const { z_channels, embed_dim } = config;
  return {
    encoder: initEncoder(rng.split("encoder"), config, init),
    quant_conv: initConv(rng.split("quant_conv"), { in: 2 * z_channels, out: 2 * embed_dim, kernel: [1, 1], init }),
    post_quant_conv: initConv(rng.split("post_quant_conv"), { in: embed_dim, out: z_channels, kernel: [1, 1], init }),
    decoder: initDecoder(rng.split("decoder"), config, init),
  };
}
