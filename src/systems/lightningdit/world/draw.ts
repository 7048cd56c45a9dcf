/** Draws a mark from its factors, with its signed distance field as ground truth for dense tasks. */
import type { Random } from "../../../core/random.ts";
import { labelOf, type MarkFactors } from "./factors.ts";

export interface Mark {
  /** [side, side, 3]. */
  pixels: Uint8Array<ArrayBuffer>;
  /** At each pixel's centre, in shares of the side; negative inside the figure. [side, side] */
  distance: Float32Array<ArrayBuffer>;
  label: number;
  factors: MarkFactors;
}

/** Two colours of stripes each, in [-1, 1]. */
const stripes: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[0.75, -0.15, -0.6], [0.85, 0.5, -0.5]], // ember
  [[-0.5, 0.55, -0.4], [0.3, 0.75, -0.1]], // meadow
  [[-0.6, -0.1, 0.75], [0.0, 0.5, 0.8]], // ocean
]; // biome-ignore format: a table

/** Side of a block of noise, as a share of the picture. */
const blockSize = 1 / 8;

/** @param rng draws the noise; the same stream gives the same picture */
export function drawMark(factors: MarkFactors, side: number, rng: Random): Mark {
  const { x, y, size, rotation, frequency, phase, stripeAngle, tint, ground, slope, slopeAngle, noise } = factors;
  const [cos, sin] = [Math.cos(rotation), Math.sin(rotation)];
  const [stripeX, stripeY] = [Math.cos(stripeAngle) * frequency, Math.sin(stripeAngle) * frequency];
  const [slopeX, slopeY] = [Math.cos(slopeAngle) * slope, Math.sin(slopeAngle) * slope];
  const blockCount = Math.ceil(1 / blockSize);
  const blocks = Float32Array.from({ length: blockCount ** 2 * 3 }, () => noise * rng.normal());
  const [dark, light] = stripes[factors.palette]!;
  const distanceTo = figures[factors.shape]!;
  const pixels = new Uint8Array(3 * side * side);
  const distance = new Float32Array(side * side);

  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const [u, v] = [(column + 0.5) / side, (row + 0.5) / side];
      const [dx, dy] = [u - x, v - y];
      const d = size * distanceTo((cos * dx + sin * dy) / size, (cos * dy - sin * dx) / size);
      const cover = Math.min(1, Math.max(0, 0.5 - d * side)); // one pixel of antialiasing
      const wave = 0.5 + 0.5 * Math.sin(2 * Math.PI * (stripeX * u + stripeY * v) + phase);
      const back = ground + slopeX * (u - 0.5) + slopeY * (v - 0.5);
      const block = Math.floor(v / blockSize) * blockCount + Math.floor(u / blockSize);
      const place = row * side + column;
      distance[place] = d;
      for (let c = 0; c < 3; c++) {
        const figure = dark[c]! + (light[c]! - dark[c]!) * wave + tint[c]!;
        const value = back + (figure - back) * cover + blocks[3 * block + c]!;
        pixels[3 * place + c] = Math.min(255, Math.max(0, Math.round(127.5 * value + 127.5)));
      }
    }
  }
  return { pixels, distance, label: labelOf(factors), factors };
}

/** Signed distances to figures of about unit extent around the origin, by the index of `shapes`. */
const figures: readonly ((x: number, y: number) => number)[] = [
  (x, y) => Math.hypot(x, y) - 0.95,
  (x, y) => box(x, y, 0.82, 0.82),
  triangle,
  (x, y) => Math.min(box(x, y, 1.05, 0.34), box(x, y, 0.34, 1.05)),
];

function box(x: number, y: number, halfWidth: number, halfHeight: number): number {
  const [dx, dy] = [Math.abs(x) - halfWidth, Math.abs(y) - halfHeight];
  return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(0, Math.max(dx, dy));
}

/** Equilateral, corners at distance 1.2: the farthest of its three sides (exact inside and beside a side). */
function triangle(x: number, y: number): number {
  const slanted = (Math.sqrt(3) / 2) * Math.abs(x) - 0.5 * y;
  return Math.max(y, slanted) - 0.6;
}
