import { valueAndGrad } from "@jax-js/jax";
import { expect, suite, test } from "vitest";
import { compile } from "../../compute/compile.ts";
import { normal } from "../../compute/init.ts";
import { Tensor } from "../../compute/tensor.ts";
import { Random } from "../../core/random.ts";
import { gaussianMixture } from "./gaussian-mixture.ts";
import { pointOnPath } from "./linear-path.ts";
import { drawTimesteps } from "./timesteps.ts";
import { velocityLoss } from "./velocity-loss.ts";

const tensor = (values: number[]) => Tensor.from(values, [1, values.length, 1, 1]);
const numbers = async (leaf: unknown) => Array.from((await (leaf as Tensor).data()) as Float32Array);

suite("pointOnPath", () => {
  test("is noise at 0, data at 1, and a straight line between", async () => {
    const run = compile((batch: any) => pointOnPath(batch) as any);
    const at = async (t: number) => {
      const { point, velocity } = (await run({
        data: tensor([3, -1]),
        noise: tensor([1, 1]),
        timesteps: Tensor.from([t]),
      })) as any;
      return [await numbers(point), await numbers(velocity)];
    };
    expect(await at(0)).toEqual([
      [1, 1],
      [2, -2],
    ]);
    expect(await at(1)).toEqual([
      [3, -1],
      [2, -2],
    ]);
    expect(await at(0.25)).toEqual([
      [1.5, 0.5],
      [2, -2],
    ]);
    run.dispose();
  });
});

suite("drawTimesteps", () => {
  const draw = (kind: "uniform" | "lognormal", step = 0, uniformFrom?: number) =>
    drawTimesteps({ kind, uniformFrom }, { step, count: 20_000, rng: new Random("times") });
  const share = (times: Float32Array, below: number) => times.filter((t) => t < below).length / times.length;

  test("lognormal is the sigmoid of a standard normal", () => {
    const times = draw("lognormal");
    expect(Math.min(...times)).toBeGreaterThan(0);
    expect(Math.max(...times)).toBeLessThan(1);
    // P(sigmoid(z) < x) = Φ(log(x / (1 - x)))
    expect(share(times, 0.5)).toBeCloseTo(0.5, 1);
    expect(share(times, 1 / (1 + Math.E))).toBeCloseTo(0.1587, 2);
    expect(share(times, 1 / (1 + Math.exp(-1.6449)))).toBeCloseTo(0.95, 2);
    const rng = new Random("times"); // number by number
    expect(times[0]).toBe(Math.fround(1 / (1 + Math.exp(-rng.normal()))));
  });
  test("uniform is uniform", () => {
    for (const x of [0.1, 0.5, 0.9]) expect(share(draw("uniform"), x)).toBeCloseTo(x, 1);
  });
  test("switches to uniform at the step it was told", () => {
    expect(draw("lognormal", 599, 600)).toEqual(draw("lognormal"));
    expect(draw("lognormal", 600, 600)).toEqual(draw("uniform"));
  });
});

suite("velocityLoss", () => {
  const run = compile((a: any, b: any) => velocityLoss(a, b) as any);
  const lossOf = async (a: number[], b: number[]) => {
    const { squares, direction } = (await run(tensor(a), tensor(b))) as any;
    return [await squares.item(), await direction.item()];
  };
  test("is the mean square and one minus the cosine", async () => {
    expect(await lossOf([3, 4], [4, 3])).toEqual([1, expect.closeTo(1 - 24 / 25, 6)]);
    expect(await lossOf([1, 0], [0, 1])).toEqual([1, 1]);
    expect((await lossOf([1, 1], [-2, -2]))[1]).toBeCloseTo(2, 6);
    expect((await lossOf([1, 2], [10, 20]))[1]).toBeCloseTo(0, 6); // the direction alone counts
  });
  test("takes the cosine along the channels, position by position", async () => {
    const places = (values: number[]) => Tensor.from(values, [1, 2, 1, 2]); // channels x positions
    const { direction } = (await run(places([1, 0, 0, 1]), places([1, 1, 0, 0]))) as any;
    expect(await direction.item()).toBeCloseTo((0 + 1) / 2, 6); // (1, 0) on (1, 0); (0, 1) on (1, 0)
  });
  test("agrees with a plain implementation on random velocities", async () => {
    const [a, b] = [normal(1)(new Random(1), [3, 4, 2, 2]), normal(2)(new Random(2), [3, 4, 2, 2])];
    const { squares, direction } = (await run(a, b)) as any;
    const [x, y] = [a.host as Float32Array, b.host as Float32Array];
    let [sum, cosines] = [0, 0];
    for (let i = 0; i < x.length; i++) sum += (x[i]! - y[i]!) ** 2;
    for (let example = 0; example < 3; example++)
      for (let place = 0; place < 4; place++) {
        const at = (c: number) => example * 16 + c * 4 + place;
        const dot = (u: Float32Array, v: Float32Array) =>
          [0, 1, 2, 3].reduce((total, c) => total + u[at(c)]! * v[at(c)]!, 0);
        cosines += dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
      }
    expect(await squares.item()).toBeCloseTo(sum / 48, 5);
    expect(await direction.item()).toBeCloseTo(1 - cosines / 12, 6);
  });
  test("a prediction of exactly zero has finite gradients, as in PyTorch", async () => {
    const gradient = compile(valueAndGrad((a: any, b: any) => velocityLoss(a, b).direction) as any);
    const [value, slope] = (await gradient(tensor([0, 0]), tensor([3, 4]))) as any;
    expect(await value.item()).toBe(1);
    const [first, second] = await numbers(slope);
    expect(first! / -0.6e8).toBeCloseTo(1, 4); // -velocity / (5 · 1e-8)
    expect(second! / -0.8e8).toBeCloseTo(1, 4);
    gradient.dispose();
  });
});

suite("gaussianMixture", () => {
  test("of one Gaussian at the origin with deviation 1 has the velocity of the schedule alone", () => {
    const { velocity } = gaussianMixture([{ weight: 1, mean: [0, 0], deviation: 1 }]);
    // E[x1 - x0 | x_t] = ((t - (1 - t)) / (t² + (1 - t)²)) x
    expect(velocity([2, -4], 0)).toEqual([-2, 4]);
    expect(velocity([2, -4], 0.5)).toEqual([0, 0]);
    expect(velocity([2, -4], 0.75)[0]).toBeCloseTo((0.5 / 0.625) * 2, 12);
  });
  test("at the start points to the mean of the data", () => {
    const { velocity } = gaussianMixture([
      { weight: 3, mean: [4], deviation: 0.1 },
      { weight: 1, mean: [-4], deviation: 0.1 },
    ]);
    expect(velocity([0], 0)[0]).toBeCloseTo(2, 12); // (3 · 4 - 1 · 4) / 4
    expect(velocity([0], 0, 1)[0]).toBeCloseTo(-4, 12);
  });
  test("is the mean of x1 - x0 over pairs that pass through the point", () => {
    const mixture = gaussianMixture([
      { weight: 1, mean: [2], deviation: 0.5 },
      { weight: 2, mean: [-1], deviation: 0.3 },
    ]);
    const [rng, time] = [new Random("pairs"), 0.6];
    let [sum, count] = [0, 0];
    for (let i = 0; i < 400_000; i++) {
      const [x1, x0] = [mixture.draw(rng).point[0]!, rng.normal()];
      if (Math.abs(time * x1 + (1 - time) * x0 - 0.4) > 0.03) continue;
      sum += x1 - x0;
      count++;
    }
    expect(count).toBeGreaterThan(2000);
    expect(Math.abs(sum / count - mixture.velocity([0.4], time)[0]!)).toBeLessThan(0.1); // its standard error is 0.03
  });
  test("draws components by their weights", () => {
    const mixture = gaussianMixture([
      { weight: 1, mean: [5], deviation: 0.1 },
      { weight: 3, mean: [-5], deviation: 0.1 },
    ]);
    const drawn = Array.from({ length: 4000 }, (_, i) => mixture.draw(new Random(i)));
    expect(drawn.filter(({ component }) => component === 1).length / 4000).toBeCloseTo(0.75, 1);
    expect(drawn.every(({ point, component }) => Math.sign(point[0]!) === (component === 0 ? 1 : -1))).toBe(true);
  });
  test("refuses means of different lengths", () => {
    expect(() =>
      gaussianMixture([
        { weight: 1, mean: [1], deviation: 1 },
        { weight: 1, mean: [1, 2], deviation: 1 },
      ]),
    ).toThrow(RangeError);
  });
});
