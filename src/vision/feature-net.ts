/** What judges and teaches: a frozen net that turns pictures into features. Metrics name the net they were made with. */

export interface FeatureNet {
  /** For tables and reports: distances made with different nets are not comparable. */
  readonly name: string;
  /** Channels of the features. */
  readonly dim: number;
  /** Height and width of the feature grid, for pictures of the net's usual size. */
  readonly gridSide: number;
  /** Classes of its classifier; absent where it has none. */
  readonly classCount?: number;
  /**
   * @param images [count, 3, side, side] in [-1, 1], row by row
   */
  run(images: Float32Array<ArrayBuffer>, side: number): Promise<Features>;
  dispose(): void;
}

export interface Features {
  /** [count, dim, gridSide, gridSide] */
  grid: Float32Array<ArrayBuffer>;
  /** Mean over the grid: [count, dim]. */
  pooled: Float32Array<ArrayBuffer>;
  /** [count, classCount], where the net classifies. */
  logits?: Float32Array<ArrayBuffer>;
}

/** Mean over the grid of each channel. */
export function poolGrid(grid: Float32Array, places: number): Float32Array<ArrayBuffer> {
  const pooled = new Float32Array(grid.length / places);
  for (let row = 0; row < pooled.length; row++) {
    let sum = 0;
    for (let place = 0; place < places; place++) sum += grid[row * places + place]!;
    pooled[row] = sum / places;
  }
  return pooled;
}

/**
 * Features that keep where things are, for an sFID in the manner of ADM: the first channels of the grid at every place.
 * Source: Nash et al. 2021, "Generating Images with Sparse Representations", section 4.1 (there 7 of Inception's).
 * @returns [count, channels · places]
 */
export function spatialFeatures(
  grid: Float32Array,
  dim: number,
  places: number,
  channels: number,
): Float32Array<ArrayBuffer> {
  const count = grid.length / (dim * places);
  const kept = Math.min(channels, dim) * places;
  const result = new Float32Array(count * kept);
  for (let image = 0; image < count; image++)
    result.set(grid.subarray(image * dim * places, image * dim * places + kept), image * kept);
  return result;
}
