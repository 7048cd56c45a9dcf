/**
 * The times at which a fixed-step sampler looks at the model.
 * Source: Esser et al. 2024, eq. 23, in LightningDiT's direction (0 is noise): t' = s t / (1 + (s - 1) t). A shift
 * below 1 puts more points near noise, where the layout of an image is decided; LightningDiT samples with 0.3.
 */
import { ConfigError } from "../../core/errors.ts";

export interface GridOptions {
  /** Points on the grid, both ends included: 250 points are 249 steps. From 2. */
  points: number;
  /** Default 1: equally spaced. 0 means the same, as in LightningDiT's own demo. */
  shift?: number;
}

/** @returns increasing times, the first 0 (noise), the last 1 (data) */
export function timestepGrid({ points, shift = 1 }: GridOptions): Float64Array {
  if (!Number.isInteger(points) || points < 2)
    throw new ConfigError(`timestepGrid: points must be a whole number from 2, got ${points}`);
  if (!(shift >= 0 && Number.isFinite(shift)))
    throw new ConfigError(`timestepGrid: shift must be a number from 0, got ${shift}`);
  const s = shift === 0 ? 1 : shift;
  return Float64Array.from({ length: points }, (_, i) => {
    const t = i / (points - 1);
    return (s * t) / (s * t + (1 - t)); // the formula's denominator, written so that the last point is exactly 1
  });
}
