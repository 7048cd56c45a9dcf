/**
 * The curve from certaindex to budget: the Pareto upper envelope of calibration points, x = certaindex, y = the units
 * that a question with it needed. Source: arXiv 2412.20993, "initial-step curve" and "dynamic curve".
 */
import type { Policy, Recording, SignalName } from "../schemas.ts";

export interface SkylineOptions {
  /** Default `entropy`. */
  signal?: SignalName;
  /** Units at which certaindex is read. */
  detectAt: number;
  /** Also read it at every later unit, for `dynamic`. Default false. */
  everyStep?: boolean;
}

type Curve = NonNullable<Policy["curve"]>;

/**
 * Values rise and budgets fall: a question is granted the largest budget that any question at least as settled needed.
 * Questions that the full budget gets wrong need nothing; a curve without any point grants `detectAt` to all.
 */
export function skyline(
  recordings: readonly Recording[],
  { signal = "entropy", detectAt, everyStep = false }: SkylineOptions,
): Curve {
  const points = recordings.flatMap((recording) => {
    const needed = unitsNeeded(recording);
    if (needed === null) return [];
    const due = recording.steps.filter(({ knob }) => knob >= detectAt);
    const read = everyStep ? due.filter(({ knob }) => knob < needed).concat(due.slice(0, 1)) : due.slice(0, 1);
    return read.flatMap(({ signals }) => {
      const value = signals[signal];
      return value === undefined ? [] : { value, knob: Math.max(needed, detectAt) };
    });
  });
  const envelope = upperEnvelope(points);
  return { signal, points: envelope.length > 0 ? envelope : [{ value: 1, knob: detectAt }] };
}

/** The smallest number of units from which on the answer is right to the end; null for a question not solved. */
export function unitsNeeded({ steps }: Recording): number | null {
  const lastWrong = steps.findLastIndex(({ correct }) => !correct);
  return steps[lastWrong + 1]?.knob ?? null;
}

/** The points that no other point exceeds in both, by rising value. */
export function upperEnvelope<Point extends { value: number; knob: number }>(points: readonly Point[]): Point[] {
  const envelope: Point[] = [];
  for (const point of [...points].sort((a, b) => b.value - a.value || b.knob - a.knob)) {
    if (envelope.length === 0 || point.knob > envelope[0]!.knob) envelope.unshift(point);
  }
  return envelope;
}
