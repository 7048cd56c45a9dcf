/**
 * Does a generator repeat its training pictures? Each sample's nearest neighbour is sought among training pictures and
 * equally many held-out ones of the same kind. A generator that learned the kind and not the pictures is nearer to
 * either side equally often; a share well above one half says that it repeats.
 * Samples that crowd around one picture are one finding, not many: if sides were dealt to pictures by a coin, the share
 * would have the deviation √(Σ n²) / 2N, where n counts the samples whose nearest a picture is. The interval is made of it.
 * Source: Meehan, Chaudhuri and Dasgupta 2020, "A Non-Parametric Test to Detect Data-Copying in Generative Models",
 * section 3, with the share in place of their rank statistic.
 */
import { DataError } from "../../../core/errors.ts";
import { median, normalQuantile } from "../../../core/statistics/index.ts";
import { nearest } from "../../../vision/index.ts";
import type { Memorisation } from "./schemas.ts";

export interface NeighbourSets {
  /** All are rows of `dim` numbers: pixels, or the features of a named net. */
  samples: Float32Array;
  training: Float32Array;
  heldOut: Float32Array;
  dim: number;
  /** Names what distances are measured in: "pixels", "features of ...". */
  space: string;
}

type Found = ReturnType<typeof nearest>[number];

/** The larger of the two sets of pictures is cut: more candidates are nearer by chance. */
export function findMemorised({ samples, training, heldOut, dim, space }: NeighbourSets): Memorisation {
  const [sampleCount, pictureCount] = [samples.length / dim, Math.min(training.length, heldOut.length) / dim];
  if (sampleCount < 1 || pictureCount < 1)
    throw new DataError(
      `memorisation: ${sampleCount} samples, ${training.length / dim} training and ${heldOut.length / dim} held-out pictures`,
      {
        hint: "It takes at least one of each.",
      },
    );
  const known = training.subarray(0, pictureCount * dim);
  const unknown = heldOut.subarray(0, pictureCount * dim);
  const distances = { training: [] as number[], heldOut: [] as number[] };
  let closer = 0;
  const crowd = new Map<string, number>();
  for (let row = 0; row < sampleCount; row++) {
    const [toKnown, toUnknown] = [known, unknown].map((set) => nearest(samples, row, set, dim, { k: 1 })[0]!) as [
      Found,
      Found,
    ];
    const isCloser = toKnown.distance < toUnknown.distance;
    if (isCloser) closer++;
    const picture = isCloser ? `training ${toKnown.index}` : `held-out ${toUnknown.index}`;
    crowd.set(picture, (crowd.get(picture) ?? 0) + 1);
    distances.training.push(Math.sqrt(toKnown.distance));
    distances.heldOut.push(Math.sqrt(toUnknown.distance));
  }
  const squares = crowd.values().reduce((sum, count) => sum + count * count, 0);
  const reach = (normalQuantile(0.975) * Math.sqrt(squares)) / (2 * sampleCount);
  const value = closer / sampleCount;
  return {
    sampleCount,
    pictureCount,
    closerToTraining: { value, low: Math.max(0, value - reach), high: Math.min(1, value + reach), level: 0.95 },
    trainingDistance: median(distances.training),
    heldOutDistance: median(distances.heldOut),
    space,
  };
}

/** The finding in a sentence. */
export function describeMemorisation({
  closerToTraining,
  sampleCount,
  space,
  trainingDistance,
  heldOutDistance,
}: Memorisation): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const { value, low, high } = closerToTraining;
  const finding = low > 0.5 ? "some are repeated" : high < 0.5 ? "they keep away from them" : "no sign of repetition";
  return `${percent(value)} of ${sampleCount} samples are nearer to a training picture than to a held-out one (95 %: ${percent(low)} to ${percent(high)}; one half is chance): ${finding}. Median distance in ${space}: ${trainingDistance.toPrecision(3)} to training, ${heldOutDistance.toPrecision(3)} to held-out pictures.`;
}
