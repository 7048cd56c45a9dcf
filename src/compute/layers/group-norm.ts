/**
 * Group normalisation: mean and variance over the channels of one group and all of space, one group at a time.
 * Source: Wu and He 2018, "Group Normalization", eq. 1-7. Channels come first, as in PyTorch.
 */
import { numpy as np } from "@jax-js/jax";
import { ConfigError, ShapeError } from "../../core/errors.ts";
import { expectAxes } from "../axes.ts";
import { type Outside, Tensor } from "../tensor.ts";

export type GroupNormParams = {
  weight: np.Array; // [channels]
  bias: np.Array; // [channels]
};

export interface GroupNormOptions {
  groups: number;
  /** Default 1e-5 (PyTorch); autoencoders often use 1e-6. */
  epsilon?: number;
}

/**
 * @param params borrowed
 * @param x consumed; [batch, channels, ...space]
 * @throws ConfigError when `groups` does not divide the channels
 */
export function groupNorm({ weight, bias }: GroupNormParams, x: np.Array, options: GroupNormOptions): np.Array {
  const { groups, epsilon = 1e-5 } = options;
  const [channels] = expectAxes("groupNorm: weight", weight, ["channels"]);
  const shape = x.shape;
  if (shape[1] !== channels)
    throw new ShapeError(`groupNorm: x: expected [batch, channels = ${channels}, ...], got [${shape.join(", ")}]`);
  if (channels % groups !== 0) throw new ConfigError(`groupNorm: ${groups} groups do not divide ${channels} channels`);
  const grouped = x.reshape([shape[0]!, groups, -1]); // [batch, groups, channels/groups * space]
  const centred = grouped.ref.sub(grouped.mean(-1, { keepdims: true }));
  const variance = np.square(centred.ref).mean(-1, { keepdims: true });
  const y = centred.mul(np.reciprocal(np.sqrt(variance.add(epsilon)))).reshape(shape);
  const perChannel = [channels, ...shape.slice(2).map(() => 1)];
  return y.mul(weight.ref.reshape(perChannel)).add(bias.ref.reshape(perChannel));
}

/** Scale one, shift zero: plain normalisation at first. */
export function initGroupNorm(channels: number): Outside<GroupNormParams> {
  return { weight: Tensor.from(new Float32Array(channels).fill(1)), bias: Tensor.from(new Float32Array(channels)) };
}
