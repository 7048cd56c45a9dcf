/** How good a set of made pictures is beside real ones, on a named judge: everything generators are compared by. */
import {
  classAgreement,
  type FeatureNet,
  frechetReport,
  inceptionScore,
  precisionRecall,
  spatialFeatures,
} from "../../../vision/index.ts";
import type { GenerationEvaluation } from "../schemas.ts";

export interface PictureRows {
  /** [count, 3, side, side] in [-1, 1]. */
  images: Float32Array<ArrayBuffer>;
  side: number;
}

export interface GenerationOptions {
  judge: FeatureNet;
  /** The class that each made picture was asked for. */
  labels?: ArrayLike<number>;
  /** With fewer pictures than features, shrink covariances instead of refusing. */
  shrink?: boolean;
  /** Channels of the grid that sFID keeps; default so many that at most 64 numbers come out. */
  spatialChannels?: number;
}

export async function evaluateGeneration(
  made: PictureRows,
  real: PictureRows,
  { judge, labels, shrink, spatialChannels }: GenerationOptions,
): Promise<GenerationEvaluation> {
  const [a, b] = [await judge.run(made.images, made.side), await judge.run(real.images, real.side)];
  const places = judge.gridSide ** 2;
  const channels = spatialChannels ?? Math.max(1, Math.min(judge.dim, Math.floor(64 / places)));
  const fid = frechetReport(a.pooled, b.pooled, judge.dim, { shrink });
  const spatial = (grid: Float32Array) => spatialFeatures(grid, judge.dim, places, channels);
  const sfid = frechetReport(spatial(a.grid), spatial(b.grid), channels * places, { shrink });
  const { precision, recall } = precisionRecall(a.pooled, b.pooled, judge.dim);
  const classes = judge.classCount;
  return {
    judge: judge.name,
    count: fid.sampleCount,
    referenceCount: fid.referenceCount,
    fid: fid.distance,
    fidExtrapolated: fid.extrapolated,
    sfid: sfid.distance,
    precision,
    recall,
    ...(a.logits && classes !== undefined && { inceptionScore: inceptionScore(a.logits, classes) }),
    ...(a.logits && classes !== undefined && labels && { classAgreement: classAgreement(a.logits, classes, labels) }),
    warnings: [...fid.warnings, ...sfid.warnings.map((text) => `sFID: ${text}`)],
  };
}
