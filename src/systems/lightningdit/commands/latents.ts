/** `polymath lightningdit latents`: pictures to latents in the official layout, and their statistics. */
import { resolve } from "node:path";
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { openImages } from "../images.ts";
import {
  checkStats,
  computeStats,
  extractLatents,
  type LatentStats,
  openLatents,
  writeStats,
} from "../latents/index.ts";
import { loadTokenizer } from "../tokenizer/index.ts";

interface StatsResult {
  file: string;
  count: number;
  /** [channels, grid, grid] */
  shape: number[];
  mean: number[];
  std: number[];
}

const usualStats = z.int().min(2).default(10_000).describe("latents that statistics are of, at most");

async function makeStats(folder: string, count: number, seed: number): Promise<StatsResult> {
  const set = await openLatents(folder);
  try {
    const stats: LatentStats = await computeStats(set, { count, seed });
    checkStats(stats, set, folder);
    const file = await writeStats(folder, stats);
    return { file, count: set.count, shape: [...set.shape], mean: [...stats.mean], std: [...stats.std] };
  } finally {
    await set.close();
  }
}

function describeStats({ file, count, shape, std }: StatsResult): string {
  const [least, most] = [Math.min(...std), Math.max(...std)].map((value) => value.toPrecision(3));
  return `${file}\n${count} latents [${shape.join(", ")}], deviations of channels from ${least} to ${most}.`;
}

export const latentsExtractCommand = defineCommand({
  name: "lightningdit latents extract",
  summary: "Turn pictures into latents, plain and mirrored, in the official shards",
  description:
    "Writes latents_rank00_shard000.safetensors and so on, which the official trainer reads, and their statistics in the subfolder stats, where it does not take them for a shard.",
  examples: [
    "polymath lightningdit latents extract tokenizer --out latents",
    "polymath lightningdit latents extract tokenizer photos/ --out latents --enlarge",
  ],
  args: z
    .array(z.string())
    .min(1)
    .max(2)
    .meta({ label: "tokenizer pictures" })
    .describe("the tokenizer's folder, then your pictures (default: the world marks)"),
  options: z.object({
    count: z.int().min(10).default(20_000).describe("pictures, at most"),
    shard: z.int().min(1).default(10_000).describe("pictures per shard"),
    stats: usualStats,
    enlarge: z.boolean().default(false).describe("enlarge pictures smaller than the side instead of rejecting them"),
    seed: z
      .int()
      .min(0)
      .default(0)
      .describe("of the pictures, that of the tokenizer's training; and of the posterior's noise"),
    out: z.string().describe("folder for the shards"),
  }),
  journal: true,
  async run([folder, source], { count, shard, stats, enlarge, seed, out }, context): Promise<StatsResult | null> {
    const { run, progress, signal } = context;
    const tokenizer = await loadTokenizer(folder!);
    const side = tokenizer.config.resolution;
    const images = await openImages(
      { source, side, count, holdout: 2, seed, folder: run.path("pictures"), enlarge },
      context,
    );
    try {
      const written = await extractLatents({
        tokenizer,
        pictures: images.train,
        folder: resolve(out),
        seed,
        shardSize: shard,
        progress,
        signal,
      });
      if (!written) return null; // interrupted: `polymath resume` goes on
      const result = await makeStats(resolve(out), stats, seed);
      await run.finish({ title: "Latents", summary: describeStats(result), sections: [] });
      return result;
    } finally {
      tokenizer.dispose();
      await images.close();
    }
  },
  print: (result) => (result ? describeStats(result) : ""),
});

export const latentsStatsCommand = defineCommand({
  name: "lightningdit latents stats",
  summary: "Compute mean and deviation of each channel of a folder of latents, and refuse unfit ones",
  examples: ["polymath lightningdit latents stats latents"],
  args: z.tuple([z.string().meta({ label: "latents" }).describe("folder of shards, ours or official")]),
  options: z.object({ count: usualStats, seed: z.int().min(0).default(0).describe("which latents are drawn") }),
  run: ([folder], { count, seed }) => makeStats(resolve(folder), count, seed),
  print: describeStats,
});
