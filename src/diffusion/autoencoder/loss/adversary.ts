/** Both sides of the game with the discriminator, from one batch of images and their reconstructions. */
import { numpy as np } from "@jax-js/jax";
import {
  type DiscriminatorConfig,
  type DiscriminatorParams,
  discriminate,
  generatorLoss,
  hingeLoss,
} from "./discriminator.ts";
import { pull } from "./pull.ts";

export interface AdversaryTerms {
  /** -mean D(x̂). */
  generator: np.Array;
  /** Its gradient at the reconstructions. */
  toOutput: np.Array;
  /** The discriminator's hinge loss, whose gradient stops at the reconstructions. */
  hinge: np.Array;
  grads: DiscriminatorParams;
}

/**
 * @param params consumed
 * @param output consumed; reconstructions
 * @param images consumed
 */
export function playAdversary(
  params: DiscriminatorParams,
  output: np.Array,
  images: np.Array,
  config: DiscriminatorConfig,
): AdversaryTerms {
  const fixed = params; // no gradient of the generator's loss reaches the discriminator
  const [generator, backGenerator] = pull(
    (x: np.Array) => generatorLoss(discriminate(fixed, x.ref, config)),
    [output.ref],
  );
  const [hinge, backHinge] = pull(
    (inside: DiscriminatorParams) => {
      const real = discriminate(inside, images, config);
      return hingeLoss(real, discriminate(inside, output, config));
    },
    [params],
  );
  const [toOutput] = backGenerator(np.onesLike(generator.ref));
  const [grads] = backHinge(np.onesLike(hinge.ref));
  return { generator, toOutput, hinge, grads };
}
