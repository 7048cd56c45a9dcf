/**
 * 16-bit floats to and from float32, rounding to nearest, ties to even.
 * Works on bit patterns, so infinities, subnormals, signed zeros and NaN payloads survive: widening is exact and
 * narrowing a widened value gives the same 16 bits back, for all 65,536 of them.
 */

/** @returns float32 values; the top half of a float32 is a BF16 */
export function bfloat16ToFloat32(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16;
  return new Float32Array(words.buffer);
}

/** @returns BF16 bit patterns; values beyond the largest BF16 become infinite */
export function float32ToBfloat16(values: Float32Array<ArrayBuffer>): Uint16Array<ArrayBuffer> {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const bits = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) {
    const word = words[i]!;
    const nan = (word & 0x7fffffff) > 0x7f800000;
    // Adding just under half a unit, plus one when the kept part is odd, carries exactly when rounding goes up.
    bits[i] = nan ? narrowNaN(word, 16, 0x40, 0x7f) : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return bits;
}

/** @returns float32 values, exact */
export function float16ToFloat32(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = widenHalf(bits[i]!);
  return new Float32Array(words.buffer);
}

/** @returns F16 bit patterns; magnitudes from 65520 become infinite, below 2^-25 zero */
export function float32ToFloat16(values: Float32Array<ArrayBuffer>): Uint16Array<ArrayBuffer> {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const bits = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) bits[i] = narrowToHalf(words[i]!);
  return bits;
}

function widenHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (mantissa << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (mantissa << 13); // 112 = 127 - 15, the biases
  if (mantissa === 0) return sign;
  // A subnormal is mantissa * 2^-24: move its leading one to the implicit place.
  const shift = Math.clz32(mantissa) - 21;
  return sign | ((113 - shift) << 23) | (((mantissa << shift) & 0x3ff) << 13);
}

function narrowToHalf(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return narrowNaN(word, 13, 0x200, 0x3ff);
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520, halfway to the first value out of range
  if (magnitude >= 0x38800000) {
    const rebiased = magnitude - 0x38000000;
    return sign | ((rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13);
  }
  if (magnitude <= 0x33000000) return sign; // at most 2^-25, half the smallest subnormal
  const shift = 126 - (magnitude >>> 23); // to units of 2^-24
  const significand = (magnitude & 0x7fffff) | 0x800000;
  const kept = significand >>> shift;
  const rest = significand & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return sign | (kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0));
}

/** Keeps sign and the payload's top bits; a payload that would vanish (leaving infinity) gets the quiet bit. */
function narrowNaN(word: number, drop: number, quietBit: number, payloadMask: number): number {
  const narrowed = (word >>> 16) & 0x8000;
  const infinity = 0x7fff & ~payloadMask;
  return narrowed | infinity | ((word >>> drop) & payloadMask || quietBit);
}
