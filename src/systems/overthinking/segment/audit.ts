/**
 * How good cuts and clusters are, against true or hand-made ones.
 * Source: papers/overthinking section 6 ("Measurement audit"). Adjusted Rand index: Hubert and Arabie 1985, in the form
 * for counts of pairs.
 */

export type BoundaryScore = { precision: number; recall: number; f1: number; trueCount: number; foundCount: number };

/** Collects cuts over many traces; the cuts at the two ends of a text are no merit and do not count. */
export function createBoundaryAudit() {
  let [hits, foundCount, trueCount] = [0, 0, 0];
  return {
    /** @param tolerance characters by which a cut may be off, e.g. for the blanks around it; default 0 */
    add(found: readonly number[], truth: readonly number[], tolerance = 0): void {
      foundCount += found.length;
      trueCount += truth.length;
      const left = [...truth];
      for (const cut of found) {
        const at = left.findIndex((place) => Math.abs(place - cut) <= tolerance);
        if (at === -1) continue;
        left.splice(at, 1); // a true cut is found once
        hits++;
      }
    },
    score(): BoundaryScore {
      const precision = foundCount === 0 ? 1 : hits / foundCount;
      const recall = trueCount === 0 ? 1 : hits / trueCount;
      const f1 = foundCount + trueCount === 0 ? 1 : (2 * hits) / (foundCount + trueCount);
      return { precision, recall, f1, trueCount, foundCount };
    },
  };
}

/** Adjusted Rand index over the pairs of solutions of the same trace, all traces together. */
export function createClusterAudit() {
  let [together, foundOnly, trueOnly, apart] = [0, 0, 0, 0];
  return {
    add<T>(found: readonly T[], truth: readonly T[]): void {
      for (let i = 0; i < found.length; i++) {
        for (let j = 0; j < i; j++) {
          const [same, isSame] = [found[i] === found[j], truth[i] === truth[j]];
          if (same && isSame) together++;
          else if (same) foundOnly++;
          else if (isSame) trueOnly++;
          else apart++;
        }
      }
    },
    /** 1: the same partition; 0: no better than chance. */
    adjustedRand(): number {
      const above = 2 * (together * apart - trueOnly * foundOnly);
      const below = (together + trueOnly) * (trueOnly + apart) + (together + foundOnly) * (foundOnly + apart);
      return below === 0 ? 1 : above / below;
    },
  };
}
