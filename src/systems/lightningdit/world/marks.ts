/** Sets of marks: pictures with labels for whoever takes an ImageSet, and all their factors for whoever checks. */
import { Random } from "../../../core/random.ts";
import type { ImageSet } from "../../../media/image-set.ts";
import { drawMark, type Mark } from "./draw.ts";
import { labelOf, type MarkFactors, markClassNames, sampleFactors } from "./factors.ts";

/** Splits share nothing; "judge" is what only judges are trained on. */
export type MarkSplit = "train" | "validation" | "judge";

export interface MarkSet extends ImageSet {
  factors(index: number): MarkFactors;
  mark(index: number): Mark;
}

/** @param side of the pictures in pixels; default 32 */
export function marks(
  split: MarkSplit,
  { seed, count, side = 32 }: { seed: number | string; count: number; side?: number },
): MarkSet {
  const root = new Random(seed).split("marks").split(split);
  const mark = (index: number) => {
    const rng = root.split(index);
    return drawMark(sampleFactors(rng), side, rng.split("noise"));
  };
  const factors = (index: number) => sampleFactors(root.split(index));
  const labels = Int32Array.from({ length: count }, (_, index) => labelOf(factors(index)));
  // Drawn when first asked for: training comes back to every picture many times.
  const drawn: (Uint8Array | undefined)[] = Array(count);
  return {
    count,
    side,
    labels,
    classNames: markClassNames,
    factors,
    mark,
    read: (index) => (drawn[index] ??= mark(index).pixels),
    close: async () => {},
  };
}
