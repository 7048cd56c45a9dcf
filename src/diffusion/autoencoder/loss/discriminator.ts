/**
 * The PatchGAN discriminator, which says of each patch whether it is real, and its hinge losses.
 * Source: Isola et al. 2017 (pix2pix), section 3.2.2, in the form of taming/modules/discriminator/model.py: strided 4x4
 * convolutions, batch normalisation, leaky ReLU. It is only ever used in training, so the normalisation always takes
 * the statistics of the batch; running averages are neither kept nor needed.
 */
import { numpy as np } from "@jax-js/jax";
import { normal } from "../../../compute/init.ts";
import { type ConvParams, conv2d, initConv } from "../../../compute/layers/conv.ts";
import { type Outside, Tensor } from "../../../compute/tensor.ts";
import type { Random } from "../../../core/random.ts";

type BatchNormParams = { weight: np.Array; bias: np.Array }; // [channels]

/** Keyed by the places of the official nn.Sequential: convolutions at 0, 2, 5, …, normalisations at 3, 6, … */
export type DiscriminatorParams = { main: Record<string, ConvParams | BatchNormParams> };

export interface DiscriminatorConfig {
  /** Strided layers after the first; official 3. */
  layers: number;
  /** Filters of the first layer, doubled at each one up to eightfold; official 64. */
  width: number;
}

/**
 * @param params borrowed
 * @param x consumed; images [batch, channels, height, width]
 * @returns a logit for each patch, [batch, 1, rows, columns]
 */
export function discriminate({ main }: DiscriminatorParams, x: np.Array, { layers }: DiscriminatorConfig): np.Array {
  let y = leakyRelu(conv2d(main["0"] as ConvParams, x, { stride: 2, padding: 1 }));
  for (let layer = 1; layer <= layers; layer++) {
    const place = 3 * layer - 1;
    const stride = layer < layers ? 2 : 1;
    const convolved = conv2d(main[place] as ConvParams, y, { stride, padding: 1 });
    y = leakyRelu(batchNorm(main[place + 1] as BatchNormParams, convolved));
  }
  return conv2d(main[3 * layers + 2] as ConvParams, y, { padding: 1 });
}

/** -mean D(x̂): what the generator makes small. `logits` are consumed. */
export function generatorLoss(logits: np.Array): np.Array {
  return logits.mean().neg();
}

/** ½ (mean relu(1 - D(x)) + mean relu(1 + D(x̂))); both are consumed. */
export function hingeLoss(real: np.Array, fake: np.Array): np.Array {
  const relu = (value: np.Array) => np.where(np.greater(value.ref, 0), value, 0);
  return relu(np.subtract(1, real))
    .mean()
    .add(relu(fake.add(1)).mean())
    .mul(0.5);
}

function leakyRelu(x: np.Array): np.Array {
  return np.where(np.greater(x.ref, 0), x.ref, x.mul(0.2));
}

/** Over batch and space; x is consumed. */
function batchNorm({ weight, bias }: BatchNormParams, x: np.Array): np.Array {
  const centred = x.ref.sub(x.mean([0, 2, 3], { keepdims: true }));
  const variance = np.square(centred.ref).mean([0, 2, 3], { keepdims: true });
  const scale = np.reciprocal(np.sqrt(variance.add(1e-5))).mul(weight.ref.reshape([1, -1, 1, 1]));
  return centred.mul(scale).add(bias.ref.reshape([1, -1, 1, 1]));
}

/** Kernels normal with std 0.02, normalisation around 1, as the official initialisation. */
export function initDiscriminator(
  rng: Random,
  { layers, width, channels }: DiscriminatorConfig & { channels: number },
): Outside<DiscriminatorParams> {
  const main: Outside<DiscriminatorParams>["main"] = {};
  const add = (place: number, inputs: number, out: number, bias: boolean) => {
    const stream = rng.split(place);
    main[place] = initConv(stream, { in: inputs, out, kernel: [4, 4], bias, init: normal(0.02) });
  };
  add(0, channels, width, true);
  let filters = width;
  for (let layer = 1; layer <= layers; layer++) {
    const place = 3 * layer - 1;
    const next = width * Math.min(2 ** layer, 8);
    add(place, filters, next, false); // the normalisation after it has a bias of its own
    const noise = rng.split(place + 1);
    const weight = Float32Array.from({ length: next }, () => 1 + 0.02 * noise.normal());
    main[place + 1] = { weight: Tensor.from(weight), bias: Tensor.from(new Float32Array(next)) };
    filters = next;
  }
  add(3 * layers + 2, filters, 1, true);
  return { main };
}
