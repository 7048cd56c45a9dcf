/** Pictures from a generator: latents are drawn, brought back to the tokenizer's scale, and decoded. */
import type { Progress } from "../../../core/progress.ts";
import { createDitSampler, type DitSampler, type SampleOptions, sampleNoise } from "../../../diffusion/index.ts";
import { denormalise } from "../latents/latent-set.ts";
import type { LatentTokenizer } from "../latents/latent-tokenizer.ts";
import { expectTokenizer, type Generator } from "./generator.ts";

export interface DrawOptions {
  /** One class per picture. */
  labels: Int32Array<ArrayBuffer>;
  seed: number | string;
  sampling: SampleOptions;
  /** Pictures at a time; default 64. The pictures do not depend on it. */
  batch?: number;
  /** A compiled model to use again; default one for this call. */
  sampler?: DitSampler;
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * @returns [labels, channels, grid, grid] in the tokenizer's scale: what its decoder takes
 * @throws the signal's reason
 */
export async function drawLatents(
  { config, params, latents }: Generator,
  options: DrawOptions,
): Promise<Float32Array<ArrayBuffer>> {
  const { labels, seed, sampling, batch = 64, progress, signal } = options;
  const shape = [config.channels, config.grid, config.grid];
  const size = shape.reduce((product, dim) => product * dim, 1);
  const sampler = options.sampler ?? createDitSampler(config);
  const all = new Float32Array(labels.length * size);
  try {
    for (let first = 0; first < labels.length; first += batch) {
      const count = Math.min(batch, labels.length - first);
      // The last batch is filled up, so that one shape is compiled.
      const asked = new Int32Array(batch).fill(labels[first]!);
      asked.set(labels.subarray(first, first + count));
      const noise = sampleNoise(config, { seed, first, count: batch });
      const drawn = await sampler.sample({ ...sampling, params, labels: asked, noise, signal });
      all.set(drawn.subarray(0, count * size), first * size);
      progress?.update(first + count);
    }
  } finally {
    if (!options.sampler) sampler.dispose();
  }
  const { stats, multiplier } = latents;
  const known = stats && { mean: Float32Array.from(stats.mean), std: Float32Array.from(stats.std) };
  denormalise(all, shape, { stats: known, multiplier });
  return all;
}

/**
 * @returns [labels, 3, resolution, resolution], near [-1, 1]
 * @throws ConfigError when the tokenizer is another than the latents'
 */
export async function drawPictures(
  generator: Generator,
  tokenizer: LatentTokenizer,
  options: DrawOptions,
): Promise<Float32Array<ArrayBuffer>> {
  expectTokenizer(generator, tokenizer, "sample");
  return tokenizer.decode(await drawLatents(generator, options));
}

/** As many of each class as of any other, in turn: 0, 1, 2, ..., 0, 1, 2, ... */
export function labelsInTurn(count: number, classes: number): Int32Array<ArrayBuffer> {
  return Int32Array.from({ length: count }, (_, i) => i % classes);
}
