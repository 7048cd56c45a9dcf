/** The mixture world: a trained transformer against the velocity that is best, and samples against the data. */
import { expect, suite, test } from "vitest";
import { Random } from "../../core/random.ts";
import { type Component, gaussianMixture } from "../flow/gaussian-mixture.ts";
import { DitConfig } from "../transformer/config.ts";
import { createDitSampler } from "../transformer/sample-dit.ts";
import { FlowRecipe } from "./recipe.ts";
import { type LatentExamples, trainDit } from "./train-dit.ts";

const worlds: [string, Component[]][] = [
  [
    "2-D",
    [
      { weight: 1, mean: [1.5, 0], deviation: 0.6 },
      { weight: 2, mean: [-1, 1], deviation: 0.5 },
      { weight: 1, mean: [0, -1.5], deviation: 0.7 },
    ],
  ],
  [
    "8-D",
    [
      { weight: 1, mean: [1, 1, 1, 1, 0, 0, 0, 0], deviation: 0.7 },
      { weight: 1, mean: [0, 0, 0, 0, -1, -1, -1, -1], deviation: 0.5 },
    ],
  ],
];

suite.each(worlds)("a mixture in %s", (_, components) => {
  const mixture = gaussianMixture(components);
  const { dimension } = mixture;
  const classes = components.length;
  const config = DitConfig.parse({ depth: 2, width: 64, heads: 1, grid: 1, channels: dimension, classes });
  /** Fresh draws at each visit: there is nothing to memorise. */
  const examples: LatentExamples = {
    count: 100_000,
    read(indices, rng) {
      const drawn = indices.map(() => mixture.draw(rng));
      return {
        latents: Float32Array.from(drawn.flatMap(({ point }) => point)),
        labels: Int32Array.from(drawn, ({ component }) => component),
      };
    },
  };

  test("the velocity is within 5 % of the closed form, with labels and without", async () => {
    const recipe = FlowRecipe.parse({
      steps: 4000,
      batch: 512,
      lr: 2e-3,
      beta2: 0.99,
      ema: 0.998,
      clipNorm: 1,
      timesteps: "uniform",
      direction: false,
      labelDropout: 0.5,
    });
    const { ema } = await trainDit({ config, recipe, examples, seed: 5 });
    const sampler = createDitSampler(config);
    const rng = new Random("points on paths");
    let [wrong, right] = [0, 0];
    for (let time = 0.05; time < 1; time += 0.1) {
      const drawn = Array.from({ length: 256 }, (_, i) => ({ ...mixture.draw(rng), known: i % 2 === 0 }));
      const points = drawn.map(({ point }) => point.map((x1) => time * x1 + (1 - time) * rng.normal()));
      const labels = Int32Array.from(drawn, ({ component, known }) => (known ? component : classes));
      const found = await sampler.velocity(ema!, labels)(Float32Array.from(points.flat()), time);
      for (const [i, { component, known }] of drawn.entries()) {
        const best = mixture.velocity(points[i]!, time, known ? component : undefined);
        for (const [d, value] of best.entries()) {
          wrong += (found[i * dimension + d]! - value) ** 2;
          right += value ** 2;
        }
      }
    }
    sampler.dispose();
    console.info(`${dimension}-D: relative error ${Math.sqrt(wrong / right).toFixed(4)}`);
    expect(Math.sqrt(wrong / right)).toBeLessThan(0.05);
  });
});
