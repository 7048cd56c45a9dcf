/** Between pictures (bytes, channels last) and what models take: float32 in [-1, 1], channels first. */
import type { RgbImage } from "./image.ts";

/** Bytes [side, side, 3] to [3, side, side] in [-1, 1]: byte / 127.5 - 1, written into `into` from `offset` on. */
export function toSigned(bytes: Uint8Array, into: Float32Array, offset = 0): void {
  const plane = bytes.length / 3;
  for (let i = 0; i < plane; i++)
    for (let c = 0; c < 3; c++) into[offset + c * plane + i] = bytes[3 * i + c]! / 127.5 - 1;
}

/**
 * [3, height, width] in [-1, 1] to a picture: clamp(127.5 x + 128, 0, 255) and the fraction cut off, as the official
 * tokenizer writes it.
 */
export function fromSigned(values: Float32Array, width: number, height = width, offset = 0): RgbImage {
  const plane = width * height;
  const data = new Uint8Array(3 * plane);
  for (let i = 0; i < plane; i++)
    for (let c = 0; c < 3; c++)
      data[3 * i + c] = Math.min(255, Math.max(0, 127.5 * values[offset + c * plane + i]! + 128));
  return { width, height, data };
}
