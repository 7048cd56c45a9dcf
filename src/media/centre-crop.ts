/**
 * The centre crop of ADM, which every ImageNet generator is trained and judged on: halved with a box filter while twice
 * the size or more, brought to size bicubically, cut in the middle.
 * Source: Dhariwal and Nichol 2021, guided-diffusion/image_datasets.py, center_crop_arr.
 */
import { DataError } from "../core/errors.ts";
import type { RgbImage } from "./image.ts";
import { resample } from "./resample.ts";

export interface CropOptions {
  /** What becomes of a picture with a side shorter than the crop: an error (default), or it is enlarged as ADM does. */
  small?: "reject" | "enlarge";
  /** For messages. */
  name?: string;
}

/** @param side of the square result, in pixels */
export function centreCrop(
  image: RgbImage,
  side: number,
  { small = "reject", name = "image" }: CropOptions = {},
): RgbImage {
  const shorter = Math.min(image.width, image.height);
  if (shorter < side && small === "reject")
    throw new DataError(`${name}: is ${image.width}x${image.height}, smaller than the crop of ${side}x${side}`, {
      hint: "Choose a smaller size, or allow small pictures to be enlarged.",
    });
  let current = image;
  while (Math.min(current.width, current.height) >= 2 * side)
    current = resample(current, Math.floor(current.width / 2), Math.floor(current.height / 2), "box");
  const scale = side / Math.min(current.width, current.height);
  current = resample(current, roundHalfEven(current.width * scale), roundHalfEven(current.height * scale), "bicubic");
  return cut(current, Math.floor((current.width - side) / 2), Math.floor((current.height - side) / 2), side);
}

function cut({ width, data }: RgbImage, left: number, top: number, side: number): RgbImage {
  const result = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    const start = ((top + y) * width + left) * 3;
    result.set(data.subarray(start, start + side * 3), y * side * 3);
  }
  return { width: side, height: side, data: result };
}

/** As Python rounds: 2.5 to 2. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
