/** Measures against closed forms and numbers worked out by hand. */
import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { Random } from "../../core/random.ts";
import { eigenSymmetric } from "./eigen.ts";
import { frechetDistance, frechetReport, shrinkCovariance } from "./frechet.ts";
import { psnr, ssim } from "./image-quality.ts";
import { classAgreement, inceptionScore } from "./inception-score.ts";
import { linearProbe } from "./linear-probe.ts";
import { type Moments, momentsOf } from "./moments.ts";
import { nearest } from "./neighbours.ts";
import { precisionRecall } from "./precision-recall.ts";

const moments = (mean: number[], covariance: number[]): Moments => ({
  count: 1000,
  dim: mean.length,
  mean: Float64Array.from(mean),
  covariance: Float64Array.from(covariance),
});
const normals = (seed: string, count: number) => {
  const rng = new Random(seed);
  return Float64Array.from({ length: count }, () => rng.normal());
};
const picture = (value: (x: number, y: number, c: number) => number, side = 12) => ({
  width: side,
  height: side,
  data: Array.from({ length: 3 * side * side }, (_, i) =>
    value(Math.floor(i / 3) % side, Math.floor(i / 3 / side), i % 3),
  ),
});

suite("eigenSymmetric", () => {
  test("of [[2, 1], [1, 2]] finds 1 and 3", () => {
    const { values, vectors } = eigenSymmetric(Float64Array.of(2, 1, 1, 2), 2);
    expect(values).toBeAllclose([1, 3], { rtol: 1e-14 });
    expect(Math.abs(vectors[1]!)).toBeCloseTo(Math.SQRT1_2, 12);
  });

  test("V diag(values) Vᵀ is the matrix, and Vᵀ V the identity", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer(), (n, seed) => {
        const raw = normals(`eigen ${seed}`, n * n);
        const matrix = raw.map((_, i) => raw[i]! + raw[(i % n) * n + Math.floor(i / n)]!);
        const { values, vectors } = eigenSymmetric(matrix, n);
        const back = (weight: (k: number) => number, i: number, j: number) =>
          Array.from({ length: n }, (_, k) => vectors[i * n + k]! * weight(k) * vectors[j * n + k]!).reduce(
            (a, b) => a + b,
          );
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) {
            expect(back((k) => values[k]!, i, j)).toBeCloseTo(matrix[i * n + j]!, 10);
            expect(back(() => 1, i, j)).toBeCloseTo(i === j ? 1 : 0, 10);
          }
        expect([...values]).toEqual([...values].sort((a, b) => a - b));
      }),
      { numRuns: 40 },
    );
  });

  test("repeated and zero eigenvalues", () => {
    expect(eigenSymmetric(new Float64Array(9), 3).values).toBeAllclose([0, 0, 0]);
    expect(eigenSymmetric(Float64Array.of(5, 0, 0, 5), 2).values).toBeAllclose([5, 5]);
  });
});

suite("frechetDistance", () => {
  test("in one dimension is (μ₁ - μ₂)² + (σ₁ - σ₂)²", () => {
    expect(frechetDistance(moments([1], [4]), moments([4], [25]))).toBeCloseTo(9 + 9, 12);
  });

  test("of covariances that do not commute", () => {
    // Σ₁ = diag(4, 1), Σ₂ = [[2, 1], [1, 2]]: Σ₁^½ Σ₂ Σ₁^½ = [[8, 2], [2, 2]], whose root has the trace
    // √(trace + 2 √determinant) = √(10 + 2 √12).
    const distance = frechetDistance(moments([0, 0], [4, 0, 0, 1]), moments([0, 0], [2, 1, 1, 2]));
    expect(distance).toBeCloseTo(5 + 4 - 2 * Math.sqrt(10 + 2 * Math.sqrt(12)), 12);
  });

  test("is 0 for equal sets, and symmetric", () => {
    const [a, b] = [momentsOf(normals("a", 60), 3), momentsOf(normals("b", 90), 3)];
    expect(frechetDistance(a, a)).toBeCloseTo(0, 10);
    expect(frechetDistance(a, b)).toBeCloseTo(frechetDistance(b, a), 10);
  });

  test("names both dimensions when they differ", () => {
    expect(() => frechetDistance(moments([0], [1]), moments([0, 0], [1, 0, 0, 1]))).toThrow(
      "features of 1 and 2 dimensions",
    );
  });
});

suite("frechetReport", () => {
  test("extrapolation takes most of the small-sample bias away", () => {
    // Two samples of one distribution: the true distance is 0, what is measured is bias.
    const [dim, count] = [8, 200];
    const { distance, extrapolated, warnings } = frechetReport(
      normals("x", dim * count),
      normals("y", 40 * dim * count),
      dim,
    );
    expect(distance).toBeGreaterThan(0.1);
    expect(Math.abs(extrapolated)).toBeLessThan(distance / 3);
    expect(warnings).toEqual([]);
  });

  test("refuses fewer vectors than features, or shrinks and says so", () => {
    const [few, many] = [normals("few", 5 * 8), normals("many", 100 * 8)];
    expect(() => frechetReport(few, many, 8)).toThrow("5 vectors of 8 features do not determine a covariance");
    const report = frechetReport(few, many, 8, { shrink: true });
    expect(report.shrinkage).toBeGreaterThan(0);
    expect(report.warnings[0]).toContain("compare with nothing else");
    expect(frechetReport(normals("some", 20 * 8), many, 8).warnings[0]).toContain("biased upwards");
  });

  test("shrinkage keeps the trace, and shrinks white noise to a multiple of the identity", () => {
    const features = normals("white", 6 * 30);
    const { moments: shrunk, weight } = shrinkCovariance(momentsOf(features, 6), features);
    const trace = ({ covariance }: Moments) =>
      Array.from({ length: 6 }, (_, i) => covariance[i * 7]!).reduce((a, b) => a + b);
    expect(trace(shrunk)).toBeCloseTo(trace(momentsOf(features, 6)), 10);
    expect(weight).toBeGreaterThan(0.5);
  });
});

test("momentsOf: mean and covariance with divisor n - 1", () => {
  const { mean, covariance } = momentsOf([1, 2, 3, 6, 5, 4], 2);
  expect(mean).toBeAllclose([3, 4]);
  expect(covariance).toBeAllclose([4, 2, 2, 4]);
  expect(() => momentsOf([1, Number.NaN, 3, 6], 2)).toThrow("feature vector 0 holds NaN");
  expect(() => momentsOf([1, 2], 2)).toThrow("1 feature vectors have no covariance");
});

suite("scores", () => {
  test("inceptionScore is 1 for unsure classifiers and the class count for sure and even ones", () => {
    expect(inceptionScore([0, 0, 0, 0], 2)).toBeCloseTo(1, 12);
    expect(inceptionScore([50, 0, 0, 0, 50, 0, 0, 0, 50], 3)).toBeCloseTo(3, 8);
    expect(inceptionScore([50, 0, 50, 0], 2)).toBeCloseTo(1, 8); // sure, but always of the same
  });

  test("inceptionScore by hand: p = (0.9, 0.1) and (0.5, 0.5)", () => {
    const kl = (p: number, q: number) => p * Math.log(p / q);
    const expected = Math.exp((kl(0.9, 0.7) + kl(0.1, 0.3) + kl(0.5, 0.7) + kl(0.5, 0.3)) / 2);
    expect(inceptionScore([Math.log(0.9), Math.log(0.1), 0, 0], 2)).toBeCloseTo(expected, 12);
  });

  test("classAgreement counts the most likely class", () => {
    expect(classAgreement([1, 2, 5, 3, 0, 9], 2, [1, 0, 0])).toBeCloseTo(2 / 3, 12);
  });
});

suite("neighbours", () => {
  test("nearest first, without the row itself", () => {
    const points = [0, 10, 1, 4];
    expect(nearest(points, 0, points, 1, { k: 2, skip: 0 })).toEqual([
      { index: 2, distance: 1 },
      { index: 3, distance: 16 },
    ]);
  });

  test("precision and recall of samples in one of two clusters", () => {
    const real = [0, 1, 2, 3, 100, 101, 102, 103];
    const samples = [0.5, 1.5, 2.5, 1.2, 50];
    // Four of five samples lie near real ones. Radii (k = 1) of the samples: 0.7, 0.3, 1, 0.3 and 47.5 around 50.
    const { precision, recall } = precisionRecall(samples, real, 1, 1);
    expect(precision).toBeCloseTo(4 / 5, 12);
    expect(recall).toBeCloseTo(3 / 8 + 1 / 8, 12); // 0, 1, 2 and 3 lie inside some ball; 100… do not
    expect(() => precisionRecall([1, 2, 3], real, 1)).toThrow("3 samples have no 3 neighbours");
  });
});

suite("linearProbe", () => {
  test("tells separable classes and not random labels", () => {
    const rng = new Random("probe");
    const draw = (count: number, separable: boolean) => {
      const labels = Int32Array.from({ length: count }, () => rng.int(0, 2));
      const features = [...labels].flatMap((label) =>
        [0, 1, 2].map((k) => (separable && k === label ? 3 : 0) + rng.normal() * 0.5),
      );
      return { features, labels };
    };
    const options = { dim: 3, classCount: 3 };
    expect(linearProbe(draw(200, true), draw(200, true), options)).toBeGreaterThan(0.97);
    expect(linearProbe(draw(200, false), draw(300, false), options)).toBeLessThan(0.45);
  });

  test("a constant feature does no harm", () => {
    const set = { features: [7, -1, 7, 1, 7, -2, 7, 2], labels: [0, 1, 0, 1] };
    expect(linearProbe(set, set, { dim: 2, classCount: 2 })).toBe(1);
  });
});

suite("pictures", () => {
  test("psnr: an error of 1 everywhere is 48.13 dB", () => {
    const grey = picture(() => 100);
    expect(
      psnr(
        grey,
        picture(() => 101),
      ),
    ).toBeCloseTo(20 * Math.log10(255), 10);
    expect(
      psnr(
        grey,
        picture((x) => 100 + (x % 2) * 2),
      ),
    ).toBeCloseTo(10 * Math.log10(255 ** 2 / 2), 10);
    expect(psnr(grey, grey)).toBe(Infinity);
  });

  test("ssim of two flat pictures is the luminance term", () => {
    const c1 = (0.01 * 255) ** 2;
    const expected = (2 * 100 * 150 + c1) / (100 ** 2 + 150 ** 2 + c1);
    expect(
      ssim(
        picture(() => 100),
        picture(() => 150),
      ),
    ).toBeCloseTo(expected, 10);
  });

  test("ssim of one window by hand: an inverted checkerboard", () => {
    const [a, b] = [
      picture((x, y) => 128 + ((x + y) % 2 ? 20 : -20), 11),
      picture((x, y) => 128 - ((x + y) % 2 ? 20 : -20), 11),
    ];
    // Weights of even and odd places of the window.
    const taps = Array.from({ length: 11 }, (_, i) => Math.exp(-((i - 5) ** 2) / 4.5));
    const total = taps.reduce((x, y) => x + y);
    const sign = taps.reduce((sum, tap, i) => sum + (i % 2 ? -tap : tap), 0) / total;
    const shift = -20 * sign * sign; // mean of a less 128
    const variance = 400 - shift * shift;
    const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];
    const [x, y] = [128 + shift, 128 - shift];
    const expected = ((2 * x * y + c1) * (-2 * variance + c2)) / ((x * x + y * y + c1) * (2 * variance + c2));
    expect(ssim(a, b)).toBeCloseTo(expected, 10);
    expect(ssim(a, a)).toBeCloseTo(1, 12);
  });

  test("say what does not fit", () => {
    expect(() =>
      psnr(
        picture(() => 0),
        picture(() => 0, 13),
      ),
    ).toThrow("12x12 and 13x13");
    expect(() =>
      ssim(
        picture(() => 0, 8),
        picture(() => 0, 8),
      ),
    ).toThrow("smaller than its window of 11");
  });
});
