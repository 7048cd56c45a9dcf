/** Floor 2: image encoders, feature nets, and what measures images. */
export * from "./encoder/conv-encoder.ts";
export { type FeatureNet, type Features, poolGrid, spatialFeatures } from "./feature-net.ts";
export { type Eigen, eigenSymmetric } from "./metrics/eigen.ts";
export { type FrechetReport, frechetDistance, frechetReport, shrinkCovariance } from "./metrics/frechet.ts";
export { type Picture, psnr, ssim } from "./metrics/image-quality.ts";
export { classAgreement, inceptionScore } from "./metrics/inception-score.ts";
export { type LabelledFeatures, linearProbe } from "./metrics/linear-probe.ts";
export { type Moments, momentsOf } from "./metrics/moments.ts";
export { nearest, squaredDistance } from "./metrics/neighbours.ts";
export { precisionRecall } from "./metrics/precision-recall.ts";
export { OnnxNetOptions, openOnnxNet } from "./onnx-feature-net.ts";
export { resizeGrid } from "./resize-grid.ts";
