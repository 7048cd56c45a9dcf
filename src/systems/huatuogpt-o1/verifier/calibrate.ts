/**
 * How a verifier's probabilities and thresholds hold up against known verdicts: accuracy, precision and recall over
 * thresholds, and whether a probability of 0.8 is right in 80 % of its cases.
 */

import { formatInterval } from "../../../core/format.ts";
import type { ReportSection } from "../../../core/report.ts";
import { clopperPearson, type Interval } from "../../../core/statistics/index.ts";
import { publishedThreshold } from "./folder.ts";

/** The probability that a response is right, and whether it is. */
export interface Scored {
  score: number;
  label: boolean;
}

export interface ThresholdFigures {
  threshold: number;
  accuracy: Interval;
  /** Right among those taken for right; null where none was. */
  precision: Interval | null;
  /** Taken for right among the right ones; null where there is none. */
  recall: Interval | null;
}

export interface Bin {
  from: number;
  to: number;
  count: number;
  /** Of the probabilities; null for an empty bin. */
  meanScore: number | null;
  /** Share of right ones. */
  right: Interval | null;
}

export interface Calibration {
  count: number;
  thresholds: ThresholdFigures[];
  /** The threshold of the sweep with the highest accuracy; the one nearest the published 0.4 among equals. */
  best: number;
  bins: Bin[];
  /** Expected calibration error: mean distance of a bin's probabilities from its share of right ones, 0 to 1. */
  calibrationError: number;
}

const sweep = [0.1, 0.2, 0.3, publishedThreshold, 0.5, 0.6, 0.7, 0.8, 0.9];
const binCount = 10;

/** @param scored at least one */
export function calibrate(scored: readonly Scored[]): Calibration {
  const thresholds = sweep.map((threshold) => figuresAt(scored, threshold));
  const top = Math.max(...thresholds.map(({ accuracy }) => accuracy.value));
  const best = thresholds
    .filter(({ accuracy }) => accuracy.value === top)
    .map(({ threshold }) => threshold)
    .sort((a, b) => Math.abs(a - publishedThreshold) - Math.abs(b - publishedThreshold))[0]!;
  const bins = Array.from({ length: binCount }, (_, index) => binOf(scored, index / binCount, (index + 1) / binCount));
  const calibrationError = bins.reduce(
    (sum, { count, meanScore, right }) =>
      sum + (count / scored.length) * Math.abs((meanScore ?? 0) - (right?.value ?? 0)),
    0,
  );
  return { count: scored.length, thresholds, best, bins, calibrationError };
}

/** A response counts as right above the threshold, not at it. */
export function figuresAt(scored: readonly Scored[], threshold: number): ThresholdFigures {
  const taken = scored.filter(({ score }) => score > threshold);
  const rightTaken = taken.filter(({ label }) => label).length;
  const rightCount = scored.filter(({ label }) => label).length;
  const wrongLeft = scored.length - taken.length - (rightCount - rightTaken);
  return {
    threshold,
    accuracy: clopperPearson(rightTaken + wrongLeft, scored.length),
    precision: taken.length > 0 ? clopperPearson(rightTaken, taken.length) : null,
    recall: rightCount > 0 ? clopperPearson(rightTaken, rightCount) : null,
  };
}

/** The last bin holds probability 1 as well. */
function binOf(scored: readonly Scored[], from: number, to: number): Bin {
  const inside = scored.filter(({ score }) => score >= from && (score < to || (to === 1 && score === 1)));
  const count = inside.length;
  if (count === 0) return { from, to, count, meanScore: null, right: null };
  const meanScore = inside.reduce((sum, { score }) => sum + score, 0) / count;
  return { from, to, count, meanScore, right: clopperPearson(inside.filter(({ label }) => label).length, count) };
}

export const showPercent = (interval: Interval | null): string =>
  interval ? formatInterval(100 * interval.value, [100 * interval.low, 100 * interval.high], "%") : "none";

export function calibrationSections({ thresholds, bins }: Calibration): ReportSection[] {
  const filled = bins.filter(({ count }) => count > 0);
  return [
    {
      kind: "table",
      title: "Thresholds",
      note: "with 95 % intervals by Clopper and Pearson; the published threshold is 0.4",
      columns: ["right above", "accuracy", "precision", "recall"],
      rows: thresholds.map(({ threshold, accuracy, precision, recall }) => [
        threshold,
        ...[accuracy, precision, recall].map(showPercent),
      ]),
    },
    {
      kind: "table",
      title: "Reliability",
      columns: ["probability", "pairs", "mean probability", "share right"],
      rows: filled.map(({ from, to, count, meanScore, right }) => [
        `${from.toFixed(1)} to ${to.toFixed(1)}`,
        count,
        meanScore!.toFixed(3),
        showPercent(right),
      ]),
    },
    {
      kind: "chart",
      title: "Reliability",
      note: "On the diagonal a probability is what it says.",
      chart: {
        kind: "line",
        x: { label: "probability" },
        y: { label: "share right" },
        series: [
          {
            label: "verifier",
            points: filled.map(({ meanScore, right }) => ({
              x: meanScore!,
              y: right!.value,
              interval: [right!.low, right!.high] as [number, number],
            })),
          },
          { label: "diagonal", points: [0, 1].map((at) => ({ x: at, y: at })) },
        ],
      },
    },
  ];
}
