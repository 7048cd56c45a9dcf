/** Floor 1: pictures in and out, sets of them, nothing model-specific. */
export { type CropOptions, centreCrop } from "./centre-crop.ts";
export { imageGrid } from "./grid.ts";
export { type DecodeOptions, decodeImage, encodePng, type RgbImage, writePng } from "./image.ts";
export { type ImageEntry, type ImageList, listImages } from "./image-list.ts";
export { type ImageSet, imageSetOf, type PackOptions, packImages, readSigned } from "./image-set.ts";
export { fromSigned, toSigned } from "./pixels.ts";
export { type Filter, resample } from "./resample.ts";
