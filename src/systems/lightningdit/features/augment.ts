/** Two looks at one picture for learning without labels: a crop, a mirror, other colours, noise. */
import type { Random } from "../../../core/random.ts";

/**
 * Source: Chen et al. 2020, "A Simple Framework for Contrastive Learning of Visual Representations" (SimCLR), section 3;
 * milder than there, because small pictures lose their figure in a small crop and their palette in strong jitter.
 * @param image [3, side, side] in [-1, 1]
 * @returns a new picture of the same size
 */
export function lookAt(image: Float32Array, side: number, rng: Random): Float32Array {
  const plane = side * side;
  const result = new Float32Array(image.length);
  const share = 0.65 + 0.35 * rng.next(); // side of the crop
  const [left, top] = [(1 - share) * rng.next() * side, (1 - share) * rng.next() * side];
  const [mirrored, turned] = [rng.bool(), rng.bool()];
  const gains = [0, 1, 2].map(() => 1 + 0.25 * (2 * rng.next() - 1));
  const shift = 0.2 * (2 * rng.next() - 1);
  const noise = 0.05 * rng.next();
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const [u, v] = turned ? [row, column] : [column, row];
      const x = left + share * ((mirrored ? side - 1 - u : u) + 0.5) - 0.5;
      const y = top + share * (v + 0.5) - 0.5;
      for (let c = 0; c < 3; c++) {
        const value = bilinear(image, c * plane, side, x, y);
        result[c * plane + row * side + column] = gains[c]! * value + shift + noise * rng.normal();
      }
    }
  }
  return result;
}

function bilinear(image: Float32Array, offset: number, side: number, x: number, y: number): number {
  const clamp = (value: number) => Math.min(side - 1, Math.max(0, value));
  const [x0, y0] = [Math.floor(x), Math.floor(y)];
  const at = (column: number, row: number) => image[offset + clamp(row) * side + clamp(column)]!;
  const [fx, fy] = [x - x0, y - y0];
  const upper = at(x0, y0) * (1 - fx) + at(x0 + 1, y0) * fx;
  const lower = at(x0, y0 + 1) * (1 - fx) + at(x0 + 1, y0 + 1) * fx;
  return upper * (1 - fy) + lower * fy;
}
