/**
 * nll = Σ (|x - x̂| + w · perceptual(x, x̂)) / batch: the perceptual distance of an image counts at every one of its
 * numbers, as the official code broadcasts it. (Its learnt variance is a constant 1 there, and left out here.)
 */
import { numpy as np } from "@jax-js/jax";

/** Of two batches of images, [batch]. Borrows `frozen`, consumes both images. */
export type PerceptualDistance = (frozen: any, x: np.Array, y: np.Array) => np.Array;

/**
 * @param output consumed; x̂
 * @param images consumed; x
 * @returns the sum, and its parts as means over pixels
 */
export function reconstructionLoss(
  output: np.Array,
  images: np.Array,
  perceptual: { weight: np.Array; frozen: any; distance: PerceptualDistance } | undefined,
): [nll: np.Array, parts: Record<string, np.Array>] {
  const [batch, ...rest] = images.shape as [number, ...number[]];
  const numbersPerImage = rest.reduce((product, size) => product * size, 1);
  const l1 = np.abs(output.ref.sub(images.ref)).mean();
  if (!perceptual) {
    output.dispose();
    images.dispose();
    return [l1.ref.mul(numbersPerImage), { l1 }];
  }
  const { weight, frozen, distance } = perceptual;
  const distances = distance(frozen, images, output).sum().div(batch);
  const nll = l1.ref.add(distances.ref.mul(weight.ref)).mul(numbersPerImage);
  return [nll, { l1, perceptual: distances }];
}
