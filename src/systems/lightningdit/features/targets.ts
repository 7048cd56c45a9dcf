/** What a net that learns from marks has to tell: of every cell of its grid, or of the whole picture. */
import { Tensor } from "../../../compute/tensor.ts";
import type { Mark, MarkFactors, MarkSet } from "../world.ts";

/** Distances are told up to this, in shares of the side. */
const farthest = 0.25;
/** A cell with less of the figure has no shape or palette to tell. */
const leastCover = 0.1;

/** Per place of the grid, row by row. */
interface Cells {
  /** Share of the cell that the figure covers. */
  cover: Float32Array;
  /** Mean signed distance, cut at ±`farthest` and scaled to [-1, 1]. */
  distance: Float32Array;
}

function cellsOf({ distance }: Mark, side: number, gridSide: number): Cells {
  const cell = side / gridSide;
  const cells = { cover: new Float32Array(gridSide ** 2), distance: new Float32Array(gridSide ** 2) };
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const place = Math.floor(row / cell) * gridSide + Math.floor(column / cell);
      const d = distance[row * side + column]!;
      cells.cover[place]! += (d < 0 ? 1 : 0) / cell ** 2;
      cells.distance[place]! += Math.max(-1, Math.min(1, d / farthest)) / cell ** 2;
    }
  }
  return cells;
}

/** The targets of the heads of the dense task; all [batch, gridSide²]. Marks are drawn once, however often they are asked for. */
export function denseTargets(set: MarkSet, gridSide: number): (indices: readonly number[]) => Record<string, Tensor> {
  const places = gridSide ** 2;
  const known = new Map<number, Cells>();
  const cellsAt = (index: number) => {
    const cells = known.get(index) ?? cellsOf(set.mark(index), set.side, gridSide);
    known.set(index, cells);
    return cells;
  };
  return (indices) => {
    const shape = [indices.length, places];
    const cells = indices.map(cellsAt);
    const all = (key: keyof Cells) => {
      const values = new Float32Array(indices.length * places);
      for (const [i, cell] of cells.entries()) values.set(cell[key], i * places);
      return values;
    };
    const repeat = (value: (factors: MarkFactors) => number) => {
      const values = new Int32Array(indices.length * places);
      for (const [i, index] of indices.entries()) values.fill(value(set.factors(index)), i * places, (i + 1) * places);
      return Tensor.from(values, shape);
    };
    const cover = all("cover");
    return {
      cover: Tensor.from(cover, shape),
      distance: Tensor.from(all("distance"), shape),
      shape: repeat((factors) => factors.shape),
      palette: repeat((factors) => factors.palette),
      weight: Tensor.from(
        cover.map((share) => (share >= leastCover ? 1 : 0)),
        shape,
      ),
    };
  };
}

/** The nuisances as numbers of about unit variance; angles as sines and cosines of what a picture can tell. */
export const factorCount = 14;

export function factorTargets(all: readonly MarkFactors[]): Tensor {
  const rows = all.flatMap((factors) => {
    const { x, y, size, frequency, stripeAngle, tint, ground, slope, slopeAngle, noise } = factors;
    return [
      (x - 0.5) / 0.09,
      (y - 0.5) / 0.09,
      (size - 0.28) / 0.035,
      (frequency - 4.25) / 1,
      1.4 * Math.cos(2 * stripeAngle), // stripes look the same after half a turn
      1.4 * Math.sin(2 * stripeAngle),
      ...tint.map((value) => value / 0.115),
      (ground + 0.2) / 0.23,
      (slope * Math.cos(slopeAngle)) / 0.2,
      (slope * Math.sin(slopeAngle)) / 0.2,
      (noise - 0.07) / 0.03,
      (size * frequency - 1.2) / 0.3, // stripes on the figure
    ];
  });
  return Tensor.from(rows, [all.length, factorCount]);
}
