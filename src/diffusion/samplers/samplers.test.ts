import { expect, suite, test } from "vitest";
import { Random } from "../../core/random.ts";
import { gaussianMixture } from "../flow/gaussian-mixture.ts";
import { dopri5 } from "./dopri5.ts";
import { timestepGrid } from "./grid.ts";
import { guide, isGuidedAt } from "./guidance.ts";
import { euler, heun, type State, type Velocity } from "./solver.ts";

suite("timestepGrid", () => {
  test("250 points shifted by 0.3 follow the formula, both ends exact", () => {
    const grid = timestepGrid({ points: 250, shift: 0.3 });
    expect(grid).toHaveLength(250);
    expect([grid[0], grid[249]]).toEqual([0, 1]);
    for (const i of [1, 100, 200]) {
      const t = i / 249;
      expect(grid[i]).toBeCloseTo((0.3 * t) / (1 - 0.7 * t), 14);
    }
    expect(grid[125]).toBeLessThan(0.25); // half of the points lie in the noisiest quarter
  });
  test("without a shift, or with 0, the points are equally spaced", () => {
    expect(Array.from(timestepGrid({ points: 5 }))).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(timestepGrid({ points: 5, shift: 0 })).toEqual(timestepGrid({ points: 5 }));
  });
  test("refuses what is no grid", () => {
    expect(() => timestepGrid({ points: 1 })).toThrow("points must be a whole number from 2, got 1");
    expect(() => timestepGrid({ points: 4, shift: -1 })).toThrow("shift must be a number from 0, got -1");
  });
});

/** Counts its calls. */
function counted(velocity: Velocity): Velocity & { calls: number } {
  const wrapped = Object.assign(
    (x: State, t: number) => {
      wrapped.calls++;
      return velocity(x, t);
    },
    { calls: 0 },
  );
  return wrapped;
}

// dx/dt = -2 t x from 3: x(1) = 3 e^-1.
const decay: Velocity = (x, t) => x.map((value) => -2 * t * value) as State;
const exact = 3 * Math.exp(-1);
const from = () => Float64Array.of(3);

// Two clusters of noise being sorted into four of data, followed from the same starts.
const mixture = gaussianMixture([
  { weight: 1, mean: [2, 0], deviation: 0.5 },
  { weight: 2, mean: [-1, 1], deviation: 0.3 },
  { weight: 1, mean: [0, -2], deviation: 0.7 },
]);
const flow: Velocity = (x, t) => {
  const out = new Float64Array(x.length);
  for (let i = 0; i < x.length; i += 2) out.set(mixture.velocity(x.subarray(i, i + 2), t), i);
  return out;
};
const rng = new Random("starts");
const starts = Float64Array.from({ length: 64 }, () => rng.normal());
const distance = (a: State, b: State) =>
  Math.sqrt(Array.from(a).reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length);

suite("solvers", () => {
  test("euler takes one step per interval, by hand", async () => {
    const seen: [number, number][] = [];
    const x = await euler(timestepGrid({ points: 3 }), {
      velocity: decay,
      from: from(),
      onStep: (...step) => seen.push(step),
    });
    expect(x[0]).toBe(3 * 1 * (1 - 0.5)); // dt 0.5: at t 0 nothing, at t 0.5 half of it
    expect(seen).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });
  test("heun averages the slopes at both ends, by hand", async () => {
    const x = await heun(timestepGrid({ points: 2 }), { velocity: decay, from: from() });
    expect(x[0]).toBe(3 - (0 + 2 * 3) / 2); // slope 0 at the start; -2 · 1 · 3 at the end of Euler's step
  });
  test("a grid of 250 points is 249 looks for euler, 498 for heun", async () => {
    const [one, two] = [counted(decay), counted(decay)];
    const grid = timestepGrid({ points: 250, shift: 0.3 });
    await euler(grid, { velocity: one, from: from() });
    await heun(grid, { velocity: two, from: from() });
    expect([one.calls, two.calls]).toEqual([249, 498]);
  });
  test("on a mixture's flow Euler's error halves and Heun's quarters when steps double", async () => {
    const truth = await dopri5({ velocity: flow, from: starts, atol: 1e-11, rtol: 1e-11 });
    const errors = async (solve: typeof euler) => {
      const found = [];
      for (const points of [41, 81, 161])
        found.push(distance(await solve(timestepGrid({ points }), { velocity: flow, from: starts }), truth));
      return [found[0]! / found[1]!, found[1]! / found[2]!];
    };
    for (const ratio of await errors(euler)) expect(Math.abs(ratio / 2 - 1)).toBeLessThan(0.2);
    for (const ratio of await errors(heun)) expect(Math.abs(ratio / 4 - 1)).toBeLessThan(0.2);
  });
  test("dopri5 meets its tolerance with few looks, and a tighter one takes more", async () => {
    const [rough, fine] = [counted(decay), counted(decay)];
    const x = await dopri5({ velocity: rough, from: from() });
    const y = await dopri5({ velocity: fine, from: from(), atol: 1e-10, rtol: 1e-10 });
    expect(Math.abs(x[0]! - exact)).toBeLessThan(1e-3);
    expect(Math.abs(y[0]! - exact)).toBeLessThan(1e-9);
    expect(rough.calls).toBeLessThan(60);
    expect(fine.calls).toBeGreaterThan(rough.calls);
  });
  test("dopri5's steps are those of the hardest sample of the batch", async () => {
    const stiff: Velocity = (x, t) => Float64Array.of(-x[0]!, 40 * Math.cos(40 * t));
    const [x0, x1] = await dopri5({
      velocity: stiff,
      from: Float64Array.of(1, 0),
      sampleSize: 1,
      rtol: 1e-6,
      atol: 1e-8,
    });
    expect(x0).toBeCloseTo(Math.exp(-1), 6);
    expect(x1).toBeCloseTo(Math.sin(40), 5);
  });
  test("dopri5 gives up on a flow that is no number", async () => {
    await expect(dopri5({ velocity: (x) => x.map(() => Number.NaN) as State, from: from() })).rejects.toThrow(
      "was not met after",
    );
  });
  test("end between two steps with the reason of the signal", async () => {
    const stop = new AbortController();
    const run = euler(timestepGrid({ points: 9 }), {
      velocity: decay,
      from: from(),
      signal: stop.signal,
      onStep: () => stop.abort(new Error("enough")),
    });
    await expect(run).rejects.toThrow("enough");
  });
});

suite("guidance", () => {
  // Two samples of four channels and two positions: conditional 1, 2, ..., 16; unconditional all 1.
  const both = Float32Array.from([...Array.from({ length: 16 }, (_, i) => i + 1), ...new Array(16).fill(1)]);
  const conditional = both.slice(0, 16);
  test("moves away from the unconditional velocity", () => {
    const guided = guide(both, [4, 2], { scale: 3 });
    expect(Array.from(guided)).toEqual(Array.from(conditional, (value) => 1 + 3 * (value - 1)));
  });
  test("with 3 channels leaves all but the first three of each sample as they are", () => {
    const guided = guide(both, [4, 2], { scale: 3, channels: 3 });
    for (const [i, value] of guided.entries())
      expect(value, String(i)).toBe(i % 8 < 6 ? 1 + 3 * (conditional[i]! - 1) : conditional[i]);
  });
  test("scale 1 is the conditional model", () => {
    expect(guide(both, [4, 2], { scale: 1 })).toEqual(conditional);
  });
  test("is off before its interval, and where the scale is 1", () => {
    const guidance = { scale: 4, from: 0.125 };
    expect([0, 0.124, 0.125, 1].map((t) => isGuidedAt(guidance, t))).toEqual([false, false, true, true]);
    expect(isGuidedAt({ scale: 1 }, 0.5)).toBe(false);
  });
});
