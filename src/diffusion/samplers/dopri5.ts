/**
 * Runge-Kutta of order 5 with an embedded order 4 that tells the error, so that steps are as long as the tolerance
 * allows. For small experiments: the number of looks at the model is not known beforehand.
 * Source: Dormand and Prince 1980, table 2 (RK5(4)7M); the control of steps after Hairer, Nørsett and Wanner 1993,
 * section II.4, eq. 4.11-4.13, with the largest error of a batch in place of a mean: no sample is worse than another
 * because it shares its batch with easy ones.
 */
import { ConfigError } from "../../core/errors.ts";
import { advance, type SolveOptions, type State } from "./solver.ts";

/** Rows of the tableau: the time of each stage, then the weights of the stages before it. */
const stages: readonly (readonly [time: number, ...weights: number[]])[] = [
  [1 / 5, 1 / 5],
  [3 / 10, 3 / 40, 9 / 40],
  [4 / 5, 44 / 45, -56 / 15, 32 / 9],
  [8 / 9, 19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [1, 9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [1, 35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84], // also the solution of order 5
];
/** Order 5 minus order 4, over all seven stages. */
const errorWeights = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];

export interface Dopri5Options extends SolveOptions {
  /** Absolute tolerance; default 1e-6. */
  atol?: number;
  /** Relative tolerance; default 1e-3. */
  rtol?: number;
  /** Values per sample, so that the error is that of the worst one; default all are one sample. */
  sampleSize?: number;
  /** From noise to data by default. */
  start?: number;
  end?: number;
}

/** Far more than any smooth flow needs; a stiff or broken one must not run for ever. */
const mostSteps = 10_000;

/** @throws ConfigError when the tolerance cannot be met */
export async function dopri5(options: Dopri5Options): Promise<State> {
  const { velocity, from, atol = 1e-6, rtol = 1e-3, start = 0, end = 1, onStep, signal } = options;
  const sampleSize = options.sampleSize ?? from.length;
  let [x, t, dt] = [from, start, (end - start) / 100];
  let slope = await velocity(x, t);
  for (let taken = 0; taken < mostSteps; taken++) {
    signal?.throwIfAborted();
    const last = t + dt >= end;
    if (last) dt = end - t;
    const slopes = [slope];
    let next = x;
    for (const [time, ...weights] of stages) {
      next = advance(x, ...weights.map((weight, i) => [dt * weight, slopes[i]!] as const));
      slopes.push(await velocity(next, t + time * dt));
    }
    const error = worstError(x, next, slopes, { dt, atol, rtol, sampleSize });
    if (error <= 1) {
      t = last ? end : t + dt;
      x = next;
      slope = slopes[6]!; // first same as last: the next step begins with it
      onStep?.(t - start, end - start);
      if (last) return x;
    }
    // A fifth root because the error estimate shrinks with the fifth power; at most ten times longer, five times shorter.
    dt *= Math.min(10, Math.max(0.2, 0.9 * error ** -0.2));
  }
  throw new ConfigError(`dopri5: the tolerance (atol ${atol}, rtol ${rtol}) was not met after ${mostSteps} steps`, {
    hint: "Raise rtol, or sample with euler or heun.",
  });
}

/** Root mean square over one sample of error / (atol + rtol · |x|); the largest over the samples. NaN counts as endless. */
function worstError(
  x: State,
  next: State,
  slopes: readonly State[],
  { dt, atol, rtol, sampleSize }: { dt: number; atol: number; rtol: number; sampleSize: number },
): number {
  let worst = 0;
  for (let begin = 0; begin < x.length; begin += sampleSize) {
    let sum = 0;
    for (let i = begin; i < begin + sampleSize; i++) {
      const error = dt * errorWeights.reduce((total, weight, stage) => total + weight * slopes[stage]![i]!, 0);
      sum += (error / (atol + rtol * Math.max(Math.abs(x[i]!), Math.abs(next[i]!)))) ** 2;
    }
    const error = Math.sqrt(sum / sampleSize);
    worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
  }
  return worst;
}
