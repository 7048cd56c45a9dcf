/**
 * Classifier-free guidance: uncond + scale · (cond - uncond).
 * Source: Ho and Salimans 2022, eq. 6; the interval after Kynkäänniemi et al. 2024, "Applying Guidance in a Limited
 * Interval": near noise guidance costs variety and buys nothing.
 * The LightningDiT checkpoints were measured with guidance on the first three channels alone (a remnant of DiT, where a
 * network's other channels were variances); the others keep the conditional velocity. New models guide all.
 */
import { ConfigError } from "../../core/errors.ts";

export interface Guidance {
  /** 1 is off. */
  scale: number;
  /** Channels that are guided, from the first; default "all". */
  channels?: 3 | "all";
  /** No guidance at times before this (0 is noise); default 0. */
  from?: number;
}

/** Whether the unconditional half is needed at all. */
export function isGuidedAt({ scale, from = 0 }: Guidance, time: number): boolean {
  return scale !== 1 && time >= from;
}

/**
 * @param both velocities of one batch twice, with labels and then without; [2 · batch, channels, ...rest]
 * @param shape of one of them: [channels, ...rest]
 * @returns [batch, channels, ...rest]
 */
export function guide(
  both: Float32Array,
  [channelCount, ...rest]: readonly number[],
  { scale, channels = "all" }: Guidance,
): Float32Array<ArrayBuffer> {
  const positions = rest.reduce((product, size) => product * size, 1);
  const sampleSize = channelCount! * positions;
  const guided = (channels === "all" ? channelCount! : Math.min(channels, channelCount!)) * positions;
  if (both.length % (2 * sampleSize) !== 0)
    throw new ConfigError(`guide: ${both.length} values are no pairs of [${channelCount}, ${rest.join(", ")}]`);
  const half = both.length / 2;
  const velocity = both.slice(0, half) as Float32Array<ArrayBuffer>;
  for (let begin = 0; begin < half; begin += sampleSize) {
    for (let i = begin; i < begin + guided; i++) {
      const without = both[half + i]!;
      velocity[i] = without + scale * (both[i]! - without);
    }
  }
  return velocity;
}
