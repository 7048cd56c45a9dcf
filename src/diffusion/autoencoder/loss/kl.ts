import { numpy as np } from "@jax-js/jax";
import type { Posterior } from "../autoencoder.ts";

/** KL divergence of the posterior to the standard normal: ½ Σ (mean² + exp(logvar) - 1 - logvar) / batch. Consumes it. */
export function klDivergence({ mean, logvar }: Posterior): np.Array {
  const batch = mean.shape[0]!;
  return np
    .square(mean)
    .add(np.exp(logvar.ref))
    .sub(1)
    .sub(logvar)
    .sum()
    .mul(0.5 / batch);
}
