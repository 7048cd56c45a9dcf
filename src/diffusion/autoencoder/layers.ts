/**
 * The pieces of the autoencoder, with the names of the official files: residual block, attention over space, halving
 * and doubling. All arrays are [batch, channels, height, width].
 * Source: Esser et al. 2021 (VQGAN), taming/modules/diffusionmodules/model.py, as used by LDM and VA-VAE.
 */
import { lax, nn, numpy as np } from "@jax-js/jax";
import type { Initializer } from "../../compute/init.ts";
import { silu } from "../../compute/layers/activations.ts";
import { type ConvParams, conv2d, initConv } from "../../compute/layers/conv.ts";
import { type GroupNormParams, groupNorm, initGroupNorm } from "../../compute/layers/group-norm.ts";
import type { Outside } from "../../compute/tensor.ts";
import type { Random } from "../../core/random.ts";

/** Of every normalisation here. */
const epsilon = 1e-6;

export type ResBlockParams = {
  norm1: GroupNormParams; // [in]
  conv1: ConvParams; // [out, in, 3, 3]
  norm2: GroupNormParams; // [out]
  conv2: ConvParams; // [out, out, 3, 3]
  nin_shortcut?: ConvParams; // [out, in, 1, 1], where the width changes
};

export type AttnBlockParams = {
  norm: GroupNormParams;
  q: ConvParams; // [channels, channels, 1, 1], like the next three
  k: ConvParams;
  v: ConvParams;
  proj_out: ConvParams;
};

/** Normalisation and swish, which stand before every 3x3 convolution; x is consumed. */
export function normSwish(params: GroupNormParams, x: np.Array, groups: number): np.Array {
  return silu(groupNorm(params, x, { groups, epsilon }));
}

/** 3x3 convolution that keeps the size; x is consumed. */
export function conv3x3(params: ConvParams, x: np.Array): np.Array {
  return conv2d(params, x, { padding: 1 });
}

/** @param params borrowed @param x consumed */
export function resBlock(params: ResBlockParams, x: np.Array, groups: number): np.Array {
  const inner = conv3x3(params.conv1, normSwish(params.norm1, x.ref, groups));
  const change = conv3x3(params.conv2, normSwish(params.norm2, inner, groups));
  return change.add(params.nin_shortcut ? conv2d(params.nin_shortcut, x) : x);
}

/** One head over all positions; logits are scaled by 1/sqrt(channels). @param x consumed */
export function attnBlock(params: AttnBlockParams, x: np.Array, groups: number): np.Array {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const normed = groupNorm(params.norm, x.ref, { groups, epsilon });
  const flat = (conv: ConvParams, input: np.Array) => conv2d(conv, input).reshape([batch, channels, height * width]);
  const q = flat(params.q, normed.ref).mul(channels ** -0.5); // [batch, channels, places]
  const k = flat(params.k, normed.ref);
  const v = flat(params.v, normed);
  const logits = lax.dot(q, k, {
    lhsBatchDims: [0],
    rhsBatchDims: [0],
    lhsContractingDims: [1],
    rhsContractingDims: [1],
  }); // [batch, queries, keys]
  const mixed = lax.dot(v, nn.softmax(logits, -1), {
    lhsBatchDims: [0],
    rhsBatchDims: [0],
    lhsContractingDims: [2],
    rhsContractingDims: [2],
  }); // [batch, channels, queries]
  return x.add(conv2d(params.proj_out, mixed.reshape([batch, channels, height, width])));
}

/** Halves the side: one row and column of zeros at the far end, then a strided convolution. @param x consumed */
export function downsample(params: ConvParams, x: np.Array): np.Array {
  const padded = np.pad(x, [
    [0, 0],
    [0, 0],
    [0, 1],
    [0, 1],
  ]);
  return conv2d(params, padded, { stride: 2 });
}

/** Doubles the side by repeating pixels, then convolves. @param x consumed */
export function upsample(params: ConvParams, x: np.Array): np.Array {
  return conv3x3(params, repeatPixels(x, 2));
}

/** Nearest-neighbour enlargement; x is consumed. */
export function repeatPixels(x: np.Array, times: number): np.Array {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  return np
    .broadcastTo(x.reshape([batch, channels, height, 1, width, 1]), [batch, channels, height, times, width, times])
    .reshape([batch, channels, height * times, width * times]);
}

/** [batch, c, h p, w p] to [batch, c p², h, w]: each patch of pixels becomes channels (c, row, column). x is consumed. */
export function stackPatches(x: np.Array, patch: number): np.Array {
  if (patch === 1) return x;
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const [rows, columns] = [height / patch, width / patch];
  return x
    .reshape([batch, channels, rows, patch, columns, patch])
    .transpose([0, 1, 3, 5, 2, 4])
    .reshape([batch, channels * patch * patch, rows, columns]);
}

/** The inverse of `stackPatches`; x is consumed. */
export function spreadPatches(x: np.Array, patch: number): np.Array {
  if (patch === 1) return x;
  const [batch, stacked, rows, columns] = x.shape as [number, number, number, number];
  const channels = stacked / (patch * patch);
  return x
    .reshape([batch, channels, patch, patch, rows, columns])
    .transpose([0, 1, 4, 2, 5, 3])
    .reshape([batch, channels, rows * patch, columns * patch]);
}

/** @param init of kernels; default PyTorch's, as the official code leaves it */
export function initResBlock(rng: Random, inputs: number, out: number, init?: Initializer): Outside<ResBlockParams> {
  return {
    norm1: initGroupNorm(inputs),
    conv1: initConv(rng.split("conv1"), { in: inputs, out, kernel: [3, 3], init }),
    norm2: initGroupNorm(out),
    conv2: initConv(rng.split("conv2"), { in: out, out, kernel: [3, 3], init }),
    ...(inputs !== out && {
      nin_shortcut: initConv(rng.split("nin_shortcut"), { in: inputs, out, kernel: [1, 1], init }),
    }),
  };
}

export function initAttnBlock(rng: Random, channels: number, init?: Initializer): Outside<AttnBlockParams> {
  const project = (name: string) => initConv(rng.split(name), { in: channels, out: channels, kernel: [1, 1], init });
  return {
    norm: initGroupNorm(channels),
    q: project("q"),
    k: project("k"),
    v: project("v"),
    proj_out: project("proj_out"),
  };
}
