/**
 * Generators and their tokenizers, found by their cards: in the models that ship, in the runs of this system, and in
 * folders beside the runs, where `--out runs/mine/generator` puts one. A tokenizer belongs to a generator by the hash of
 * its weights, wherever it lies.
 */
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { FeatureCard, GeneratorCard, TokenizerCard } from "../../../systems/lightningdit/index.ts";
import type { RunIndex } from "../runs/run-index.ts";
import type { GeneratorOffer } from "./contract.ts";

/** A generator that can be opened. */
export interface FoundGenerator {
  offer: GeneratorOffer;
  folder: string;
  /** Of its weights: another one under the same name is another generator. */
  hash: string;
  tokenizerFolder: string;
}

export interface FoundGenerators {
  generators: FoundGenerator[];
  withoutTokenizer: string[];
}

const maxRuns = 40;
/** Down to a tokenizer of a frontier: frontier/seed-0/d32-aligned/tokenizer. */
const maxDepth = 4;

export interface Places {
  index: RunIndex;
  /** Folder of all runs. */
  runsFolder: string;
  /** Of the models that ship. */
  modelsFolder: string;
}

/** A folder that is looked through. */
interface Place {
  name: string;
  run: string | null;
  dir: string;
}

export async function findGenerators(where: Places): Promise<FoundGenerators> {
  const read = await Promise.all(
    (await placesIn(where)).map(async (place) => ({ place, parts: await partsIn(place.dir) })),
  );
  const tokenizers = new Map(
    read.flatMap(({ parts }) => parts.tokenizers.map((one) => [one.card.sha256, one] as const)),
  );
  const found: FoundGenerators = { generators: [], withoutTokenizer: [] };
  for (const { place, parts } of read) {
    for (const { folder, card } of parts.generators) {
      const id = [place.name, ...relative(place.dir, folder).split(sep)].join("/");
      const tokenizer = card.latents.tokenizer === null ? undefined : tokenizers.get(card.latents.tokenizer);
      if (!tokenizer) {
        found.withoutTokenizer.push(id);
        continue;
      }
      const { classes, channels, grid } = card.config;
      const names = parts.classNames.find((one) => one.length === classes);
      found.generators.push({
        offer: {
          id,
          run: place.run,
          classNames: names ?? Array.from({ length: classes }, (_, label) => String(label)),
          side: tokenizer.card.autoencoder.resolution,
          channels,
          grid,
          steps: card.recipe.steps,
          tokenizer: tokenizer.card.name,
        },
        folder,
        hash: card.sha256,
        tokenizerFolder: tokenizer.folder,
      });
    }
  }
  return found;
}

async function placesIn({ index, runsFolder, modelsFolder }: Places): Promise<Place[]> {
  const all = await index.all();
  const runs = all.filter(
    ({ info }) => info && (/^(lightningdit|train) /.test(info.command) || info.args.flat()[0] === "lightningdit"), // or its claim
  );
  const isRun = new Set(all.map(({ dir }) => basename(dir)));
  const beside = (await foldersIn(runsFolder)).filter((name) => !isRun.has(name));
  return [
    ...(await foldersIn(modelsFolder)).map((name) => ({
      name: `models/${name}`,
      run: null,
      dir: join(modelsFolder, name),
    })),
    ...beside.map((name) => ({ name: `runs/${name}`, run: null, dir: join(runsFolder, name) })),
    ...runs.slice(0, maxRuns).map(({ key, dir }) => ({ name: key, run: key, dir })),
  ];
}

interface Parts {
  generators: { folder: string; card: GeneratorCard }[];
  tokenizers: { folder: string; card: TokenizerCard }[];
  /** Of the nets that judge by class. */
  classNames: string[][];
}

async function partsIn(dir: string): Promise<Parts> {
  const parts: Parts = { generators: [], tokenizers: [], classNames: [] };
  for (const file of await cardsIn(dir, 0)) {
    const content = await readFile(file, "utf8")
      .then((text) => JSON.parse(text))
      .catch(() => undefined); // one that is damaged is no card
    const folder = dirname(file);
    const generator = GeneratorCard.safeParse(content);
    if (generator.success) parts.generators.push({ folder, card: generator.data });
    const tokenizer = TokenizerCard.safeParse(content);
    if (tokenizer.success) parts.tokenizers.push({ folder, card: tokenizer.data });
    const net = FeatureCard.safeParse(content);
    if (net.success) parts.classNames.push(net.data.classNames);
  }
  return parts;
}

async function cardsIn(dir: string, depth: number): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  const own = entries.filter((entry) => entry.isFile() && entry.name === "card.json").map(() => join(dir, "card.json"));
  if (depth === maxDepth) return own;
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(dir, entry.name));
  return [...own, ...(await Promise.all(folders.map((folder) => cardsIn(folder, depth + 1)))).flat()];
}

async function foldersIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}
