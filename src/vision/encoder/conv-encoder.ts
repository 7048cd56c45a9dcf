/**
 * A small convolutional image encoder: every stage halves the side, and the last one is a grid of features. It serves
 * as the frozen vision model that a tokenizer is aligned to, as perceptual distance and as judge of generated images,
 * wherever no large one is at hand.
 * A stage: 3x3 convolution of stride 2, normalisation, swish, then a residual 3x3 convolution with the same.
 */
import { numpy as np } from "@jax-js/jax";
import { z } from "zod";
import { expectAxes } from "../../compute/axes.ts";
import { silu } from "../../compute/layers/activations.ts";
import { type ConvParams, conv2d, initConv } from "../../compute/layers/conv.ts";
import { type GroupNormParams, groupNorm, initGroupNorm } from "../../compute/layers/group-norm.ts";
import type { Outside } from "../../compute/tensor.ts";
import type { Random } from "../../core/random.ts";

export type ConvEncoderConfig = z.output<typeof ConvEncoderConfig>;
export const ConvEncoderConfig = z.object({
  /** Channels after each halving. */
  widths: z.array(z.number().int().min(1)).min(1),
  /** Channels of the feature grid. */
  dim: z.number().int().min(1),
  /** Of the normalisation; must divide every width. */
  groups: z.number().int().min(1),
});

type StageParams = { down: ConvParams; norm1: GroupNormParams; conv: ConvParams; norm2: GroupNormParams };
export type ConvEncoderParams = { stages: StageParams[]; out: ConvParams };

/**
 * @param params borrowed
 * @param images consumed; [batch, 3, height, width] in [-1, 1]
 * @returns the activations after each stage, finest first, and the feature grid [batch, dim, height / 2^n, width / 2^n]
 */
export function convEncoder(
  { stages, out }: ConvEncoderParams,
  images: np.Array,
  { groups }: ConvEncoderConfig,
): { activations: np.Array[]; grid: np.Array } {
  expectAxes("convEncoder: images", images, ["batch", ["channels", 3], "height", "width"]);
  const activations: np.Array[] = [];
  let x = images;
  for (const { down, norm1, conv, norm2 } of stages) {
    const halved = silu(groupNorm(norm1, conv2d(down, x, { stride: 2, padding: 1 }), { groups }));
    x = halved.ref.add(silu(groupNorm(norm2, conv2d(conv, halved, { padding: 1 }), { groups })));
    activations.push(x.ref);
  }
  return { activations, grid: conv2d(out, x) };
}

/** The feature grid alone. @param images consumed */
export function featureGrid(params: ConvEncoderParams, images: np.Array, config: ConvEncoderConfig): np.Array {
  const { activations, grid } = convEncoder(params, images, config);
  for (const activation of activations) activation.dispose();
  return grid;
}

/** Mean over space: [batch, dim, height, width] to [batch, dim]; consumed. */
export function pooled(grid: np.Array): np.Array {
  return grid.mean([2, 3]);
}

/**
 * A perceptual distance in the manner of LPIPS: after each stage, features are scaled to length 1 along channels, and
 * the squared differences averaged over space and summed; then the mean over stages.
 * Source: Zhang et al. 2018, "The Unreasonable Effectiveness of Deep Features", eq. 1 with all channel weights 1.
 * @param params borrowed
 * @param x consumed; images, like `y`
 * @returns [batch], 0 for equal images
 */
export function perceptualDistance(
  params: ConvEncoderParams,
  x: np.Array,
  y: np.Array,
  config: ConvEncoderConfig,
): np.Array {
  const layersOf = (images: np.Array) => {
    const { activations, grid } = convEncoder(params, images, config);
    grid.dispose();
    return activations.map(unitChannels);
  };
  const others = layersOf(y);
  const distances = layersOf(x).map((layer, i) => np.square(layer.sub(others[i]!)).sum(1).mean([1, 2]));
  return distances.reduce((sum, distance) => sum.add(distance)).div(distances.length);
}

/** x / (‖x‖ + 1e-10) along channels, as LPIPS; the root is taken of at least 1e-20, so its gradient is finite. */
function unitChannels(x: np.Array): np.Array {
  const norm = np.sqrt(np.maximum(np.square(x.ref).sum(1, { keepdims: true }), 1e-20));
  return x.div(norm.add(1e-10));
}

/** Fresh parameters; a stream of the generator per stage, so that a further stage changes no other. */
export function initConvEncoder(rng: Random, { widths, dim }: ConvEncoderConfig): Outside<ConvEncoderParams> {
  let from = 3;
  const stages = widths.map((width, i) => {
    const stream = rng.split("stages").split(i);
    const stage = {
      down: initConv(stream.split("down"), { in: from, out: width, kernel: [3, 3] }),
      norm1: initGroupNorm(width),
      conv: initConv(stream.split("conv"), { in: width, out: width, kernel: [3, 3] }),
      norm2: initGroupNorm(width),
    };
    from = width;
    return stage;
  });
  return { stages, out: initConv(rng.split("out"), { in: from, out: dim, kernel: [1, 1] }) };
}
