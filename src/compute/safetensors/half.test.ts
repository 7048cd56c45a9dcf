import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from "./half.ts";

const allBits = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
const anyFloat = fc.integer().map((bits) => new Float32Array(Int32Array.of(bits).buffer));

/** The nearest of all finite candidates and the two infinities; of two equally near, the one with even bits. */
function nearest(
  value: number,
  finite: readonly number[],
  bitsOf: (value: number) => number,
  overflow: number,
): number {
  if (Math.abs(value) >= overflow) return Math.sign(value) * Infinity;
  let low = 0;
  let high = finite.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (finite[middle]! <= value) low = middle;
    else high = middle;
  }
  const [below, above] = [finite[low]!, finite[high]!];
  if (value - below !== above - value) return value - below < above - value ? below : above;
  return bitsOf(below) % 2 === 0 ? below : above;
}

suite.for([
  // The overflow limits lie halfway between the largest finite value and the power of two after it.
  { name: "BF16", widen: bfloat16ToFloat32, narrow: float32ToBfloat16, overflow: 2 ** 128 - 2 ** 119, one: 0x3f80 },
  { name: "F16", widen: float16ToFloat32, narrow: float32ToFloat16, overflow: 65520, one: 0x3c00 },
])("$name", ({ name, widen, narrow, overflow, one }) => {
  const bitsOf = (value: number) => narrow(Float32Array.of(value))[0]!;

  test("widening and narrowing give back all 65,536 patterns", () => {
    expect(narrow(widen(allBits))).toEqual(allBits);
  });

  test("knows its landmarks", () => {
    expect(bitsOf(1)).toBe(one);
    expect(bitsOf(-1)).toBe(one + 0x8000);
    expect([bitsOf(0), bitsOf(-0)]).toEqual([0, 0x8000]);
    const smallest = name === "F16" ? 2 ** -24 : 2 ** -133;
    expect([...widen(Uint16Array.of(1, 2, 0x8001))]).toEqual([smallest, 2 * smallest, -smallest]);
    expect(widen(Uint16Array.of(bitsOf(Infinity), bitsOf(-Infinity)))).toEqual(Float32Array.of(Infinity, -Infinity));
    expect(widen(Uint16Array.of(bitsOf(overflow), bitsOf(-3.4e38)))).toEqual(Float32Array.of(Infinity, -Infinity));
  });

  test("every NaN stays a NaN of its sign", () => {
    const payload = fc.integer({ min: 1, max: 0x7fffff });
    fc.assert(
      fc.property(payload, fc.boolean(), (bits, negative) => {
        const word = (0x7f800000 | bits | (negative ? 0x80000000 : 0)) >>> 0;
        const narrowed = narrow(new Float32Array(Uint32Array.of(word).buffer));
        expect(widen(narrowed)[0]).toBeNaN();
        expect(narrowed[0]! >= 0x8000).toBe(negative);
      }),
    );
  });

  test("rounds to nearest, ties to even", () => {
    const finite = [...widen(allBits)].filter(Number.isFinite).sort((a, b) => a - b);
    // Half of the cases in this format's range, where float32's own bits seldom fall for F16; ties among them.
    const nearby = fc.tuple(fc.nat(finite.length - 2), fc.constantFrom(0, 0.25, 0.5, 0.75)).map(([index, part]) => {
      const [below, above] = [finite[index]!, finite[index + 1]!];
      return Float32Array.of(below + (above - below) * part);
    });
    fc.assert(
      fc.property(fc.oneof(anyFloat, nearby), (value) => {
        fc.pre(!Number.isNaN(value[0]));
        expect(widen(narrow(value))[0]! + 0).toBe(nearest(value[0]!, finite, bitsOf, overflow) + 0);
      }),
      { numRuns: 5000 },
    );
  });
});
