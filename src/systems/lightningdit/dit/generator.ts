/** A trained generator as a folder (card.json and model.safetensors), or an official checkpoint with its statistics. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Outside } from "../../../compute/tensor.ts";
import { writeJsonAtomic } from "../../../core/atomic.ts";
import { ConfigError, DataError, UsageError } from "../../../core/errors.ts";
import { readJson } from "../../../core/json.ts";
import type { DitConfig, DitParams } from "../../../diffusion/index.ts";
import { hashOf } from "../carded-weights.ts";
import { loadDit, saveDit } from "../checkpoints/dit-file.ts";
import type { LatentTokenizer } from "../latents/latent-tokenizer.ts";
import { checkStats, readStats } from "../latents/stats.ts";
import { GeneratorCard, type LatentScale } from "./schemas.ts";

export interface Generator {
  readonly config: DitConfig;
  /** The averaged ones. */
  readonly params: Outside<DitParams>;
  readonly latents: LatentScale;
}

/** @param params the averaged ones @returns the card with the hash of the weights */
export async function saveGenerator(
  folder: string,
  card: Omit<GeneratorCard, "sha256" | "kind">,
  params: Outside<DitParams>,
): Promise<GeneratorCard> {
  const file = join(folder, "model.safetensors");
  await saveDit(file, { params, config: card.config });
  const complete: GeneratorCard = { kind: "polymath-lightningdit", ...card, sha256: await hashOf(file) };
  await writeJsonAtomic(join(folder, "card.json"), complete);
  return complete;
}

export interface OpenGeneratorOptions {
  /** For official checkpoints: latents_stats.pt or .safetensors, or a folder with one. */
  stats?: string;
  /** For official checkpoints; default 1. */
  multiplier?: number;
  /** For official checkpoints whose tensors do not tell it. */
  config?: DitConfig;
}

/**
 * @param path a folder of ours, or an official checkpoint (.pt, .safetensors), which needs its statistics besides
 * @throws UsageError for a checkpoint without statistics: what it generates could not be decoded
 */
export async function openGenerator(
  path: string,
  { stats, multiplier = 1, config }: OpenGeneratorOptions = {},
): Promise<Generator> {
  const cardFile = join(path, "card.json");
  if (existsSync(cardFile)) {
    const card = await readJson(cardFile, GeneratorCard);
    const file = join(path, "model.safetensors");
    if ((await hashOf(file)) !== card.sha256)
      throw new DataError(`${file}: is not the file that card.json describes`, { hint: "Copy both files together." });
    const { params } = await loadDit(file, { config: card.config });
    return { config: card.config, params, latents: card.latents };
  }
  if (stats === undefined)
    throw new UsageError(
      `${path}: a checkpoint without the statistics of its latents generates nothing that can be decoded`,
      {
        hint: "Add --stats latents_stats.pt (it comes with the official checkpoints).",
      },
    );
  const loaded = await loadDit(path, { config });
  const found = await readStats(stats);
  checkStats(found, { shape: [loaded.config.channels], tokenizer: undefined }, stats);
  const latents = {
    tokenizer: found.tokenizer ?? null,
    stats: { mean: [...found.mean], std: [...found.std] },
    multiplier,
  };
  return { config: loaded.config, params: loaded.params, latents };
}

/** @throws ConfigError when a tokenizer would decode what another one's latents taught */
export function expectTokenizer({ config, latents }: Generator, tokenizer: LatentTokenizer, where: string): void {
  const { latentDim, latentSide, hash } = tokenizer;
  if (latentDim !== config.channels || latentSide !== config.grid)
    throw new ConfigError(
      `${where}: the tokenizer's latents are [${latentDim}, ${latentSide}, ${latentSide}], the generator's [${config.channels}, ${config.grid}, ${config.grid}]`,
    );
  if (latents.tokenizer !== null && latents.tokenizer !== hash)
    throw new ConfigError(
      `${where}: tokenizer ${hash.slice(0, 12)}, the generator was trained on latents of ${latents.tokenizer.slice(0, 12)}`,
      { hint: "Decode with the tokenizer whose latents the generator learned: another one turns them into noise." },
    );
}
