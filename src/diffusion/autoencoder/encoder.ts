/** The encoder: images to the moments (mean and log variance, stacked) of their latents. */
import type { numpy as np } from "@jax-js/jax";
import type { Initializer } from "../../compute/init.ts";
import { type ConvParams, initConv } from "../../compute/layers/conv.ts";
import { type GroupNormParams, initGroupNorm } from "../../compute/layers/group-norm.ts";
import type { Outside } from "../../compute/tensor.ts";
import type { Random } from "../../core/random.ts";
import type { AutoencoderConfig } from "./config.ts";
import {
  type AttnBlockParams,
  attnBlock,
  conv3x3,
  downsample,
  initAttnBlock,
  initResBlock,
  normSwish,
  type ResBlockParams,
  resBlock,
  stackPatches,
} from "./layers.ts";

/** Blocks of one resolution; `attn` has one entry per block, or is absent. */
export type LevelParams = { block: ResBlockParams[]; attn?: AttnBlockParams[] };
export type MidParams = { block_1: ResBlockParams; attn_1?: AttnBlockParams; block_2: ResBlockParams };

export type EncoderParams = {
  conv_in: ConvParams; // [ch, in_channels patch², 3, 3]
  down: (LevelParams & { downsample?: { conv: ConvParams } })[]; // the last one has no downsample
  mid: MidParams;
  norm_out: GroupNormParams;
  conv_out: ConvParams; // [2 z_channels, widest, 3, 3]
};

/**
 * All but the last convolution, which the adaptive weight of the loss looks at.
 * @param params borrowed
 * @param images consumed; [batch, in_channels, resolution, resolution] in [-1, 1]
 * @returns [batch, widest, side, side]
 */
export function encoderTrunk(params: Omit<EncoderParams, "conv_out">, images: np.Array, config: AutoencoderConfig) {
  const { groups, patch } = config;
  let x = conv3x3(params.conv_in, stackPatches(images, patch));
  for (const level of params.down) {
    x = runLevel(level, x, groups);
    if (level.downsample) x = downsample(level.downsample.conv, x);
  }
  return normSwish(params.norm_out, runMid(params.mid, x, groups), groups);
}

/** @param x consumed */
export function runLevel(level: LevelParams, x: np.Array, groups: number): np.Array {
  for (const [index, block] of level.block.entries()) {
    x = resBlock(block, x, groups);
    const attention = level.attn?.[index];
    if (attention) x = attnBlock(attention, x, groups);
  }
  return x;
}

/** @param x consumed */
export function runMid({ block_1, attn_1, block_2 }: MidParams, x: np.Array, groups: number): np.Array {
  const first = resBlock(block_1, x, groups);
  return resBlock(block_2, attn_1 ? attnBlock(attn_1, first, groups) : first, groups);
}

export function initEncoder(rng: Random, config: AutoencoderConfig, init?: Initializer): Outside<EncoderParams> {
  const { in_channels, ch, ch_mult, num_res_blocks, z_channels, patch, resolution } = config;
  let width = ch;
  const down = ch_mult.map((factor, i) => {
    const stream = rng.split("down").split(i);
    const level = initLevel(stream, {
      from: width,
      to: ch * factor,
      blockCount: num_res_blocks,
      attends: hasAttention(config, resolution / patch / 2 ** i),
      init,
    });
    width = ch * factor;
    if (i === ch_mult.length - 1) return level;
    return {
      ...level,
      downsample: { conv: initConv(stream.split("downsample"), { in: width, out: width, kernel: [3, 3], init }) },
    };
  });
  return {
    conv_in: initConv(rng.split("conv_in"), { in: in_channels * patch ** 2, out: ch, kernel: [3, 3], init }),
    down,
    mid: initMid(rng.split("mid"), width, config, init),
    norm_out: initGroupNorm(width),
    conv_out: initConv(rng.split("conv_out"), { in: width, out: 2 * z_channels, kernel: [3, 3], init }),
  };
}

export function hasAttention({ attn_resolutions }: AutoencoderConfig, side: number): boolean {
  return attn_resolutions.includes(side);
}

export interface LevelInit {
  from: number;
  to: number;
  blockCount: number;
  attends: boolean;
  init?: Initializer;
}

export function initLevel(rng: Random, { from, to, blockCount, attends, init }: LevelInit): Outside<LevelParams> {
  const indices = Array.from({ length: blockCount }, (_, i) => i);
  const block = indices.map((i) => initResBlock(rng.split("block").split(i), i === 0 ? from : to, to, init));
  if (!attends) return { block };
  return { block, attn: indices.map((i) => initAttnBlock(rng.split("attn").split(i), to, init)) };
}

export function initMid(
  rng: Random,
  width: number,
  { mid_attn }: AutoencoderConfig,
  init?: Initializer,
): Outside<MidParams> {
  return {
    block_1: initResBlock(rng.split("block_1"), width, width, init),
    ...(mid_attn && { attn_1: initAttnBlock(rng.split("attn_1"), width, init) }),
    block_2: initResBlock(rng.split("block_2"), width, width, init),
  };
}
