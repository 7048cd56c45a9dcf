/** PSNR and SSIM of one picture against another, on bytes. */
import { ShapeError } from "../../core/errors.ts";

/** Bytes [height, width, 3]. */
export interface Picture {
  width: number;
  height: number;
  data: ArrayLike<number>;
}

/** 10 log₁₀(255² / mean squared error), in dB; Infinity for equal pictures. */
export function psnr(a: Picture, b: Picture): number {
  expectSameSize("psnr", a, b);
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i]! - b.data[i]!) ** 2;
  return 10 * Math.log10(255 ** 2 / (sum / a.data.length));
}

const windowSize = 11;
const taps = gaussian(windowSize, 1.5);
const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];

/**
 * Structural similarity, mean over channels and all whole 11x11 windows with Gaussian weights of σ 1.5.
 * Source: Wang et al. 2004, "Image Quality Assessment", section III.B, with its K₁ = 0.01 and K₂ = 0.03.
 * @throws ShapeError for pictures smaller than a window
 */
export function ssim(a: Picture, b: Picture): number {
  expectSameSize("ssim", a, b);
  const { width, height } = a;
  if (Math.min(width, height) < windowSize)
    throw new ShapeError(`ssim: pictures of ${width}x${height} are smaller than its window of ${windowSize}`);
  let total = 0;
  for (let c = 0; c < 3; c++) {
    const plane = (value: (i: number) => number) =>
      blur(
        Float64Array.from({ length: width * height }, (_, i) => value(3 * i + c)),
        width,
        height,
      );
    const [meanA, meanB] = [plane((i) => a.data[i]!), plane((i) => b.data[i]!)];
    const [squareA, squareB] = [plane((i) => a.data[i]! ** 2), plane((i) => b.data[i]! ** 2)];
    const product = plane((i) => a.data[i]! * b.data[i]!);
    let sum = 0;
    for (let i = 0; i < meanA.length; i++) {
      const [x, y] = [meanA[i]!, meanB[i]!];
      const covariance = product[i]! - x * y;
      const variances = squareA[i]! - x * x + squareB[i]! - y * y;
      sum += ((2 * x * y + c1) * (2 * covariance + c2)) / ((x * x + y * y + c1) * (variances + c2));
    }
    total += sum / meanA.length;
  }
  return total / 3;
}

/** Weighted means over all whole windows: [height - 10, width - 10]. */
function blur(plane: Float64Array, width: number, height: number): Float64Array {
  const [outWidth, outHeight] = [width - windowSize + 1, height - windowSize + 1];
  const rows = new Float64Array(outWidth * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < outWidth; x++)
      for (const [i, tap] of taps.entries()) rows[y * outWidth + x]! += tap * plane[y * width + x + i]!;
  const result = new Float64Array(outWidth * outHeight);
  for (let y = 0; y < outHeight; y++)
    for (let x = 0; x < outWidth; x++)
      for (const [i, tap] of taps.entries()) result[y * outWidth + x]! += tap * rows[(y + i) * outWidth + x]!;
  return result;
}

function gaussian(size: number, sigma: number): number[] {
  const raw = Array.from({ length: size }, (_, i) => Math.exp(-((i - (size - 1) / 2) ** 2) / (2 * sigma ** 2)));
  const total = raw.reduce((sum, value) => sum + value, 0);
  return raw.map((value) => value / total);
}

function expectSameSize(name: string, a: Picture, b: Picture): void {
  if (a.width !== b.width || a.height !== b.height)
    throw new ShapeError(`${name}: pictures of ${a.width}x${a.height} and ${b.width}x${b.height}`);
}
