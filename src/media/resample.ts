/**
 * Resizing as Pillow does it, pixel for pixel: Fréchet distances depend on the kernel and on antialiasing (Parmar et al.
 * 2022, "On Aliased Resizing"), and the published numbers were made with Pillow. Kernels grow with the reduction; each
 * direction is rounded to 8 bits before the next, rows first.
 * Source: Pillow, src/libImaging/Resample.c.
 */
import type { RgbImage } from "./image.ts";

export type Filter = "box" | "bilinear" | "bicubic";

/** Half width of each kernel, and its weight at a distance in pixels of the smaller image. */
const kernels: Record<Filter, { support: number; weight(x: number): number }> = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weight: bicubic },
};

/** Keys's kernel with a = -0.5 (Pillow's; OpenCV and PyTorch take -0.75). */
function bicubic(x: number): number {
  const a = -0.5;
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
}

export function resample(image: RgbImage, width: number, height: number, filter: Filter): RgbImage {
  const rows = width === image.width ? image : resampleRows(image, width, filter);
  if (height === rows.height) return rows;
  return flip(resampleRows(flip(rows), height, filter));
}

interface Taps {
  first: number;
  weights: number[];
}

function tapsOf(from: number, to: number, filter: Filter): Taps[] {
  const { support, weight } = kernels[filter];
  const scale = from / to;
  const spread = Math.max(scale, 1);
  return Array.from({ length: to }, (_, place) => {
    const centre = (place + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support * spread + 0.5));
    const last = Math.min(from, Math.trunc(centre + support * spread + 0.5));
    const raw = Array.from({ length: last - first }, (_, i) => weight((i + first - centre + 0.5) / spread));
    const total = raw.reduce((sum, value) => sum + value, 0);
    // Pillow computes with 22-bit fixed-point weights.
    return { first, weights: raw.map((value) => Math.round((value / total) * 2 ** 22)) };
  });
}

function resampleRows({ width, height, data }: RgbImage, to: number, filter: Filter): RgbImage {
  const taps = tapsOf(width, to, filter);
  const result = new Uint8Array(to * height * 3);
  for (let y = 0; y < height; y++) {
    for (const [x, { first, weights }] of taps.entries()) {
      for (let c = 0; c < 3; c++) {
        let sum = 2 ** 21; // half, so that the shift below rounds
        for (const [i, weight] of weights.entries()) sum += weight * data[(y * width + first + i) * 3 + c]!;
        result[(y * to + x) * 3 + c] = Math.min(255, Math.max(0, Math.floor(sum / 2 ** 22)));
      }
    }
  }
  return { width: to, height, data: result };
}

/** Rows become columns. */
function flip({ width, height, data }: RgbImage): RgbImage {
  const result = new Uint8Array(data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) result[(x * height + y) * 3 + c] = data[(y * width + x) * 3 + c]!;
  return { width: height, height: width, data: result };
}
