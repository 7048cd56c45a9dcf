/**
 * The straight path from noise to data: x_t = t · x1 + (1 - t) · x0, velocity u = x1 - x0.
 * Time runs from 0 (noise) to 1 (data), as in SiT and LightningDiT; FLUX counts the other way.
 * Source: Liu et al. 2023, "Flow Straight and Fast", eq. 1; Lipman et al. 2023, "Flow Matching", section 4.
 */
import type { numpy as np } from "@jax-js/jax";
import { expectAxes } from "../../compute/axes.ts";

/** What a training step sees of each example. */
export type FlowBatch = {
  /** x1; [batch, channels, height, width] */
  data: np.Array;
  /** x0, standard normal; the shape of `data` */
  noise: np.Array;
  /** t from 0 (noise) to 1 (data); [batch] */
  timesteps: np.Array;
};

/**
 * A point of each path and the velocity there.
 * @param batch consumed
 * @returns `timesteps` is handed through
 */
export function pointOnPath({ data, noise, timesteps }: FlowBatch): {
  point: np.Array;
  velocity: np.Array;
  timesteps: np.Array;
} {
  const [batch] = expectAxes("pointOnPath: data", data, ["batch", "channels", "height", "width"]);
  expectAxes("pointOnPath: timesteps", timesteps, [["batch", batch]]);
  const t = timesteps.ref.reshape([batch, 1, 1, 1]);
  const velocity = data.sub(noise.ref);
  const point = noise.add(t.mul(velocity.ref)); // x0 + t (x1 - x0): the same point in one product
  return { point, velocity, timesteps };
}
