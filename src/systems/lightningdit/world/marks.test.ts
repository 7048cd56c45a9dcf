import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { drawMark } from "./draw.ts";
import { labelOf, type MarkFactors, markClassNames, sampleFactors } from "./factors.ts";
import { marks } from "./marks.ts";

const still: MarkFactors = {
  shape: 1,
  palette: 2,
  x: 0.5,
  y: 0.5,
  size: 0.25,
  rotation: 0,
  frequency: 4,
  phase: 0,
  stripeAngle: 0,
  tint: [0, 0, 0],
  ground: -1,
  slope: 0,
  slopeAngle: 0,
  noise: 0,
};
const draw = (change: Partial<MarkFactors> = {}, side = 32) => drawMark({ ...still, ...change }, side, new Random(0));
const covered = ({ distance }: { distance: Float32Array }) => distance.filter((d) => d < 0).length / distance.length;

suite("drawMark", () => {
  test("the figure is where its factors say, on a ground of its own", () => {
    const { pixels, distance, label } = draw();
    expect([label, markClassNames[label]]).toEqual([5, "square ocean"]);
    const blue = (x: number, y: number) => pixels[3 * (32 * y + x) + 2]!;
    expect([blue(0, 0), blue(31, 31)]).toEqual([0, 0]);
    expect(blue(16, 16)).toBeGreaterThan(200);
    expect(distance[32 * 16 + 16]).toBeLessThan(0);
    // A square of half side 0.82 · 0.25 = 0.205, whose corner is 0.295 away from the picture's in both directions.
    expect(distance[0]!).toBeCloseTo(Math.hypot(0.295 - 0.5 / 32, 0.295 - 0.5 / 32), 5);
  });

  test("every shape covers what its area says", () => {
    const areas = [
      Math.PI * (0.95 * 0.3) ** 2,
      (2 * 0.82 * 0.3) ** 2,
      ((3 * Math.sqrt(3)) / 4) * (1.2 * 0.3) ** 2,
      4 * 0.34 * (2 * 1.05 - 0.34) * 0.3 ** 2, // two bars less the square in the middle
    ];
    for (const [shape, area] of areas.entries())
      expect(Math.abs(covered(draw({ shape, size: 0.3, rotation: 0.2 }, 128)) - area)).toBeLessThan(0.004);
  });

  test("turning and moving change no area", () => {
    for (const shape of [0, 1, 2, 3])
      expect(covered(draw({ shape, rotation: 0.3, x: 0.45, y: 0.6 }, 128))).toBeCloseTo(
        covered(draw({ shape }, 128)),
        2,
      );
  });

  test("stripes have their frequency: crossings of the mean along a row", () => {
    const { pixels } = draw({ shape: 0, size: 5, frequency: 4 }, 64); // the figure fills the picture
    const row = Array.from({ length: 64 }, (_, x) => pixels[3 * (64 * 32 + x) + 1]!);
    const mean = row.reduce((a, b) => a + b) / 64;
    const crossings = row.filter((value, x) => x > 0 && value > mean !== row[x - 1]! > mean).length;
    expect(Math.abs(crossings - 8)).toBeLessThanOrEqual(1);
  });
});

suite("marks", () => {
  test("the same seed and index give the same picture, others do not", () => {
    const [a, b, other] = [1, 1, 2].map((seed) => marks("train", { seed, count: 4 }));
    expect(a!.read(3)).toEqual(b!.read(3));
    expect(a!.read(3)).toBe(a!.read(3)); // drawn once
    expect(a!.read(3)).not.toEqual(other!.read(3));
    expect(marks("validation", { seed: 1, count: 4 }).read(3)).not.toEqual(a!.read(3));
  });

  test("labels and factors are those of the drawn mark", () => {
    const set = marks("train", { seed: 5, count: 30 });
    for (let index = 0; index < 30; index++) {
      const mark = set.mark(index);
      expect([set.labels[index], labelOf(set.factors(index))]).toEqual([mark.label, mark.label]);
      expect(set.factors(index)).toEqual(mark.factors);
    }
    expect(new Set(marks("train", { seed: 0, count: 500 }).labels).size).toBe(12);
  });

  test("figures stay inside the picture", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const factors = sampleFactors(new Random(seed));
        expect(covered(drawMark(factors, 32, new Random(0)))).toBeGreaterThan(0.05);
        const { distance } = drawMark(factors, 16, new Random(0));
        const corners = [0, 15, 240, 255].map((place) => distance[place]!);
        expect(Math.min(...corners)).toBeGreaterThan(0);
      }),
      { numRuns: 100 },
    );
  });
});
