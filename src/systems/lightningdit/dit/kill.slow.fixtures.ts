/** Extracts latents and trains a generator on them inside the folder it is given; for kill.slow.test.ts. */
import { join } from "node:path";
import { createLog } from "../../../core/log.ts";
import { DitConfig, FlowRecipe } from "../../../diffusion/index.ts";
import { computeStats, extractLatents, openLatents, writeStats } from "../latents/index.ts";
import { marks } from "../world.ts";
import { trainGenerator } from "./index.ts";

const dir = process.argv[2]!;
const context = {
  log: createLog(),
  progress: () => ({ update() {}, stop() {} }),
  signal: new AbortController().signal,
};
const latents = join(dir, "latents");
/** Every eighth pixel of the picture: what latents are does not matter here. */
const tokenizer = {
  hash: "tok",
  latentDim: 3,
  latentSide: 2,
  async encode(images: Float32Array) {
    const mean = Float32Array.from({ length: images.length / 64 }, (_, i) => images[64 * i]!);
    return { mean, logvar: new Float32Array(mean.length).fill(-2) };
  },
  decode: async (z: Float32Array<ArrayBuffer>) => z,
};
await extractLatents({
  ...context,
  tokenizer,
  pictures: marks("train", { seed: 1, count: 240, side: 16 }),
  folder: latents,
  seed: 2,
  shardSize: 40,
  batch: 8,
});
const set = await openLatents(latents);
await writeStats(latents, await computeStats(set));
await set.close();
const config = DitConfig.parse({ depth: 1, width: 16, heads: 1, grid: 2, channels: 3, classes: 12 });
const recipe = FlowRecipe.parse({ steps: 90, batch: 32, lr: 1e-2, ema: 0.9 });
await trainGenerator(
  { latents, config, recipe, seed: 3, checkpointEvery: 7 },
  { ...context, dir: join(dir, "run"), out: join(dir, "generator") },
);
