/** Draws latents from a diffusion transformer: solver, grid and guidance around the compiled model. */
import { compile } from "../../compute/compile.ts";
import { type Outside, Tensor } from "../../compute/tensor.ts";
import { ConfigError } from "../../core/errors.ts";
import { Random } from "../../core/random.ts";
import { dopri5 } from "../samplers/dopri5.ts";
import { type GridOptions, timestepGrid } from "../samplers/grid.ts";
import { type Guidance, guide, isGuidedAt } from "../samplers/guidance.ts";
import { euler, heun, type State, type Velocity } from "../samplers/solver.ts";
import type { DitConfig } from "./config.ts";
import { type DitInputs, type DitParams, dit } from "./transformer.ts";

export interface SampleOptions extends GridOptions {
  /** Default "euler". dopri5 chooses its own times and ignores `points` and `shift`. */
  method?: "euler" | "heun" | "dopri5";
  /** Of dopri5; default 1e-6. */
  atol?: number;
  /** Of dopri5; default 1e-3. */
  rtol?: number;
  /** Default none. */
  guidance?: Guidance;
}

export interface SampleRequest extends SampleOptions {
  /** Borrowed; the averaged ones, where there are any. */
  params: Outside<DitParams>;
  /** One per sample; `classes` is no label. */
  labels: Int32Array<ArrayBuffer>;
  /** Where samples begin: standard normal, [labels, channels, grid, grid]; `sampleNoise` makes it. */
  noise: Float32Array<ArrayBuffer>;
  /** Called after each step. */
  onStep?(done: number, of: number): void;
  signal?: AbortSignal;
}

export interface DitSampler {
  /** @returns normalised latents, [labels, channels, grid, grid] */
  sample(request: SampleRequest): Promise<Float32Array<ArrayBuffer>>;
  /** The field that a solver follows, for one set of labels. */
  velocity(params: Outside<DitParams>, labels: Int32Array<ArrayBuffer>, guidance?: Guidance): Velocity;
  dispose(): void;
}

/**
 * Each sample's noise is a function of the seed and its number, so that samples do not depend on the size of batches.
 * @param first number of the first sample
 */
export function sampleNoise(
  { channels, grid }: Pick<DitConfig, "channels" | "grid">,
  { seed, first, count }: { seed: number | string; first: number; count: number },
): Float32Array<ArrayBuffer> {
  const size = channels * grid * grid;
  const rng = new Random(seed).split("samples");
  const noise = new Float32Array(count * size);
  for (let i = 0; i < count; i++) {
    const stream = rng.split(first + i);
    for (let k = 0; k < size; k++) noise[i * size + k] = stream.normal();
  }
  return noise;
}

/** Compiles once per number of samples: keep one for all batches of a run. */
export function createDitSampler(config: DitConfig): DitSampler {
  const { channels, grid, classes } = config;
  const sampleSize = channels * grid * grid;
  const program = compile((params: DitParams, inputs: DitInputs) => dit(params, inputs, config), { name: "dit" });

  const look = async (
    params: Outside<DitParams>,
    x: Float32Array<ArrayBuffer>,
    time: number,
    labels: Int32Array<ArrayBuffer>,
  ) => {
    const velocity = await program(params, {
      latents: Tensor.from(x, [labels.length, channels, grid, grid]),
      timesteps: Tensor.from(new Float32Array(labels.length).fill(time)),
      labels: Tensor.from(labels),
    });
    const values = (await velocity.data()) as Float32Array<ArrayBuffer>;
    velocity.dispose();
    return values;
  };

  const velocity: DitSampler["velocity"] = (params, labels, guidance = { scale: 1 }) => {
    const unlabelled = new Int32Array(labels.length).fill(classes);
    const twice = Int32Array.from([...labels, ...unlabelled]);
    return async (x: State, time: number) => {
      const latents = Float32Array.from(x);
      if (!isGuidedAt(guidance, time)) return look(params, latents, time, labels);
      const both = new Float32Array(2 * latents.length);
      both.set(latents);
      both.set(latents, latents.length);
      return guide(await look(params, both, time, twice), [channels, grid, grid], guidance);
    };
  };

  return {
    velocity,
    async sample({ params, labels, noise, method = "euler", guidance, atol, rtol, ...request }) {
      const wrong = labels.find((label) => label < 0 || label > classes);
      if (wrong !== undefined)
        throw new ConfigError(
          `sample: label ${wrong} is none of the ${classes} classes (0 to ${classes - 1}) or ${classes}, no label`,
        );
      const { onStep, signal } = request;
      if (noise.length !== labels.length * sampleSize)
        throw new ConfigError(`sample: ${noise.length} numbers of noise for ${labels.length} samples of ${sampleSize}`);
      const solve = { velocity: velocity(params, labels, guidance), from: noise, onStep, signal };
      if (method === "dopri5") return (await dopri5({ ...solve, atol, rtol, sampleSize })) as Float32Array<ArrayBuffer>;
      const solver = method === "heun" ? heun : euler;
      return (await solver(timestepGrid(request), solve)) as Float32Array<ArrayBuffer>;
    },
    dispose: () => program.dispose(),
  };
}
