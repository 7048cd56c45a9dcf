/** Frozen nets: trained here, or given as files. */
export { type ConvFeatureNet, loadNet } from "./net.ts";
export { trainFeatures } from "./train.ts";
