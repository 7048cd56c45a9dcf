/**
 * Where a token lies in its grid, as numbers: the fixed sine-cosine table that is added to the tokens, and the tables by
 * which queries and keys are turned. Both are computed on the host in float64 and are constants of a program.
 * Sources: He et al. 2022 (MAE), as in Peebles and Xie 2023; rotary positions in two dimensions as in EVA-02 (Fang et
 * al. 2023), over integer coordinates.
 */

/**
 * The first half of the width tells the column, the second half the row; of each half, sines come before cosines.
 * @param side tokens along each axis
 * @returns [side², width], tokens row by row
 */
export function sineCosineTable(side: number, width: number): Float32Array<ArrayBuffer> {
  const quarter = width / 4;
  const table = new Float32Array(side * side * width);
  for (let token = 0; token < side * side; token++) {
    const places = [token % side, Math.floor(token / side)];
    for (const [half, place] of places.entries()) {
      for (let i = 0; i < quarter; i++) {
        const angle = place / 10000 ** (i / quarter);
        const at = token * width + half * 2 * quarter + i;
        table[at] = Math.sin(angle);
        table[at + quarter] = Math.cos(angle);
      }
    }
  }
  return table;
}

/**
 * The first half of a head turns by the row, the second half by the column; neighbours (2i, 2i + 1) are a pair.
 * @param side tokens along each axis
 * @returns cosines and sines, both [side², headDim]
 */
export function ropeTables2d(
  side: number,
  headDim: number,
): { cos: Float32Array<ArrayBuffer>; sin: Float32Array<ArrayBuffer> } {
  const half = headDim / 2;
  const [cos, sin] = [new Float32Array(side * side * headDim), new Float32Array(side * side * headDim)];
  for (let token = 0; token < side * side; token++) {
    const places = [Math.floor(token / side), token % side];
    for (let i = 0; i < headDim; i++) {
      const axis = i < half ? 0 : 1;
      const pair = Math.floor((i % half) / 2);
      const angle = places[axis]! * 10000 ** ((-2 * pair) / half);
      cos[token * headDim + i] = Math.cos(angle);
      sin[token * headDim + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}
