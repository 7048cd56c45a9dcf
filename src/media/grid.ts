import { ShapeError } from "../core/errors.ts";
import type { RgbImage } from "./image.ts";

/**
 * Pictures of one size side by side, row by row, on white.
 * @param gap pixels between neighbours; default 2
 * @throws ShapeError when sizes differ or there is nothing to show
 */
export function imageGrid(images: readonly RgbImage[], columns: number, gap = 2): RgbImage {
  const [first] = images;
  if (!first) throw new ShapeError("imageGrid: there are no pictures");
  const { width, height } = first;
  const odd = images.find((image) => image.width !== width || image.height !== height);
  if (odd) throw new ShapeError(`imageGrid: pictures of ${width}x${height} and ${odd.width}x${odd.height}`);
  const rows = Math.ceil(images.length / columns);
  const total = { width: columns * (width + gap) - gap, height: rows * (height + gap) - gap };
  const data = new Uint8Array(3 * total.width * total.height).fill(255);
  for (const [index, image] of images.entries()) {
    const left = (index % columns) * (width + gap);
    const top = Math.floor(index / columns) * (height + gap);
    for (let y = 0; y < height; y++)
      data.set(image.data.subarray(3 * y * width, 3 * (y + 1) * width), 3 * ((top + y) * total.width + left));
  }
  return { ...total, data };
}
