/**
 * Which times a training step looks at.
 * "lognormal" is the field's short name for the logit-normal law: t = sigmoid(N(0, 1)), most of it in the middle of the
 * path (Esser et al. 2024, "Scaling Rectified Flow Transformers", section 3.1). LightningDiT's 800-epoch run switched to
 * uniform times for its last 400,000 of a million steps, which `uniformFrom` says in one number.
 */
import type { Random } from "../../core/random.ts";

export interface TimestepLaw {
  kind: "uniform" | "lognormal";
  /** Step (from 0) from which times are uniform whatever `kind` says; default never. */
  uniformFrom?: number;
}

/** @returns `count` times from 0 (noise) to 1 (data) */
export function drawTimesteps(
  { kind, uniformFrom = Number.POSITIVE_INFINITY }: TimestepLaw,
  { step, count, rng }: { step: number; count: number; rng: Random },
): Float32Array<ArrayBuffer> {
  const draw = kind === "uniform" || step >= uniformFrom ? () => rng.next() : () => 1 / (1 + Math.exp(-rng.normal()));
  return Float32Array.from({ length: count }, draw);
}
