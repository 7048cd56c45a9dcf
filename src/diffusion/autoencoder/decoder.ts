/** The decoder: latents to images. Its levels are numbered from the finest, as in the official files: `up.0` is last. */
import type { numpy as np } from "@jax-js/jax";
import type { Initializer } from "../../compute/init.ts";
import { type ConvParams, initConv } from "../../compute/layers/conv.ts";
import { type GroupNormParams, initGroupNorm } from "../../compute/layers/group-norm.ts";
import type { Outside } from "../../compute/tensor.ts";
import type { Random } from "../../core/random.ts";
import type { AutoencoderConfig } from "./config.ts";
import { hasAttention, initLevel, initMid, type LevelParams, type MidParams, runLevel, runMid } from "./encoder.ts";
import { conv3x3, normSwish, upsample } from "./layers.ts";

export type DecoderParams = {
  conv_in: ConvParams; // [widest, z_channels, 3, 3]
  mid: MidParams;
  up: (LevelParams & { upsample?: { conv: ConvParams } })[]; // up.0 has no upsample
  norm_out: GroupNormParams;
  conv_out: ConvParams; // [out_ch patch², ch, 3, 3]
};

/**
 * All but the last convolution, which the adaptive weight of the loss looks at.
 * @param params borrowed
 * @param z consumed; [batch, z_channels, side, side]
 * @returns [batch, ch, resolution / patch, resolution / patch]
 */
export function decoderTrunk(params: Omit<DecoderParams, "conv_out">, z: np.Array, { groups }: AutoencoderConfig) {
  let x = runMid(params.mid, conv3x3(params.conv_in, z), groups);
  for (const level of params.up.toReversed()) {
    x = runLevel(level, x, groups);
    if (level.upsample) x = upsample(level.upsample.conv, x);
  }
  return normSwish(params.norm_out, x, groups);
}

export function initDecoder(rng: Random, config: AutoencoderConfig, init?: Initializer): Outside<DecoderParams> {
  const { out_ch, ch, ch_mult, num_res_blocks, z_channels, patch, resolution } = config;
  const widest = ch * ch_mult.at(-1)!;
  const up = ch_mult.map((factor, i) => {
    const stream = rng.split("up").split(i);
    const [from, to] = [ch * (ch_mult[i + 1] ?? ch_mult.at(-1)!), ch * factor];
    const attends = hasAttention(config, resolution / patch / 2 ** i);
    const level = initLevel(stream, { from, to, blockCount: num_res_blocks + 1, attends, init });
    if (i === 0) return level;
    return {
      ...level,
      upsample: { conv: initConv(stream.split("upsample"), { in: to, out: to, kernel: [3, 3], init }) },
    };
  });
  return {
    conv_in: initConv(rng.split("conv_in"), { in: z_channels, out: widest, kernel: [3, 3], init }),
    mid: initMid(rng.split("mid"), widest, config, init),
    up,
    norm_out: initGroupNorm(ch * ch_mult[0]!),
    conv_out: initConv(rng.split("conv_out"), { in: ch * ch_mult[0]!, out: out_ch * patch ** 2, kernel: [3, 3], init }),
  };
}
