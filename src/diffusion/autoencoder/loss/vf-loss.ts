/**
 * The vision-foundation loss: pulls the grid of latents towards the feature grid of a frozen vision model.
 *   mcos  mean over places of relu(1 - m₁ - cos(z', f'))
 *   mdms  within each image, mean over pairs of places of relu(|cos(z'ᵢ, z'ⱼ) - cos(f'ᵢ, f'ⱼ)| - m₂)
 * Source: Yao et al. 2025 (VA-VAE), section 3.2; official ldm/modules/losses/contperceptual.py.
 */
import { lax, numpy as np } from "@jax-js/jax";
import { type ConvParams, conv2d, initConv } from "../../../compute/layers/conv.ts";
import type { Outside } from "../../../compute/tensor.ts";
import { ShapeError } from "../../../core/errors.ts";
import type { Random } from "../../../core/random.ts";

/** `reverse` (the default of the official recipe): latents are projected up to the features; else these down. */
export type Projection = "reverse" | "forward";

export type VfTerms = { mcos: np.Array; mdms: np.Array }; // scalars

export interface VfMargins {
  /** m₁, borrowed; scalar. */
  cos: np.Array;
  /** m₂, borrowed; scalar. */
  distmat: np.Array;
}

/**
 * @param projection borrowed; 1x1 convolution
 * @param z consumed; [batch, d, side, side]
 * @param features consumed; [batch, featureDim, side, side]
 * @throws ShapeError when the grids differ
 */
export function vfLoss(
  projection: ConvParams,
  z: np.Array,
  features: np.Array,
  { direction, margins }: { direction: Projection; margins: VfMargins },
): VfTerms {
  if (String(z.shape.slice(2)) !== String(features.shape.slice(2)))
    throw new ShapeError(
      `vfLoss: the latent grid is [${z.shape.slice(2)}], the feature grid [${features.shape.slice(2)}]`,
      {
        hint: "Extract features on the grid of the latents, or allow them to be resized (--resize-features).",
      },
    );
  const [latents, targets] =
    direction === "reverse" ? [conv2d(projection, z), features] : [z, conv2d(projection, features)];
  const a = unitVectors(latents); // [batch, dim, places]
  const b = unitVectors(targets);
  const cosine = a.ref.mul(b.ref).sum(1); // [batch, places]
  const mcos = relu(np.subtract(1, margins.cos.ref).sub(cosine)).mean();
  const distance = np.abs(gram(a).sub(gram(b))); // [batch, places, places]
  const mdms = relu(distance.sub(margins.distmat.ref)).mean();
  return { mcos, mdms };
}

/** [batch, dim, side, side] to vectors of length 1, [batch, dim, places]; x is consumed. */
export function unitVectors(x: np.Array): np.Array {
  const flat = x.reshape([x.shape[0]!, x.shape[1]!, -1]);
  // Cut below, so that a zero vector stays zero and its gradient finite.
  const squares = np.maximum(np.square(flat.ref).sum(1, { keepdims: true }), 1e-24);
  return flat.mul(np.reciprocal(np.sqrt(squares)));
}

/** Products of all pairs of places; x is consumed. */
function gram(x: np.Array): np.Array {
  return lax.dot(x.ref, x, {
    lhsBatchDims: [0],
    rhsBatchDims: [0],
    lhsContractingDims: [1],
    rhsContractingDims: [1],
  });
}

/** The gradient at 0 is 0. x is consumed. */
function relu(x: np.Array): np.Array {
  return np.where(np.greater(x.ref, 0), x, 0);
}

/** The projection between latents and features: without bias up to the features, with one down to the latents. */
export function initVfProjection(
  rng: Random,
  { latentDim, featureDim, direction }: { latentDim: number; featureDim: number; direction: Projection },
): Outside<ConvParams> {
  if (direction === "reverse") return initConv(rng, { in: latentDim, out: featureDim, kernel: [1, 1], bias: false });
  return initConv(rng, { in: featureDim, out: latentDim, kernel: [1, 1] });
}
