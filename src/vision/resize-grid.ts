/**
 * Bilinear resizing of square planes, pixel centres aligned: PyTorch's interpolate with align_corners off, which is how
 * official code brings images to a vision model's size and feature grids to that of latents.
 * @param planes [..., from, from]
 * @returns [..., to, to]
 */
export function resizeGrid(planes: Float32Array, from: number, to: number): Float32Array<ArrayBuffer> {
  const count = planes.length / from ** 2;
  const result = new Float32Array(count * to ** 2);
  const clamp = (value: number) => Math.min(from - 1, Math.max(0, value));
  const places = Array.from({ length: to }, (_, i) => {
    const centre = clamp(((i + 0.5) * from) / to - 0.5);
    const low = Math.floor(centre);
    return { low, high: clamp(low + 1), share: centre - low };
  });
  for (let plane = 0; plane < count; plane++) {
    const at = (row: number, column: number) => planes[plane * from ** 2 + row * from + column]!;
    for (const [row, y] of places.entries())
      for (const [column, x] of places.entries()) {
        const upper = at(y.low, x.low) * (1 - x.share) + at(y.low, x.high) * x.share;
        const lower = at(y.high, x.low) * (1 - x.share) + at(y.high, x.high) * x.share;
        result[plane * to ** 2 + row * to + column] = upper * (1 - y.share) + lower * y.share;
      }
  }
  return result;
}
