/** `polymath models`: the checkpoints in models/, each with the command that makes it again. */
import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import pc from "picocolors";
import { readSafetensors } from "../compute/safetensors/index.ts";
import { defineCommand } from "../core/command.ts";
import { modelsRoot as findModels } from "../language/models-root.ts";
import { describeBytes, describeCount, table } from "./text.ts";

/** Folder of the checkpoints that ship with the package. */
export const modelsRoot: string = findModels();

/** What no checkpoint says of itself. */
const catalog: Record<string, { purpose: string; rebuild: string }> = {
  reasoner: { purpose: "adds 2 to 6 numbers of 1 to 99, thinking aloud", rebuild: "polymath train reasoner" },
  "reasoner-concise": { purpose: "the same sums with fewer tokens", rebuild: "polymath overthinking train" },
  chains: { purpose: "works out digit chains, for certaindex", rebuild: "polymath train chains" },
  clinic: { purpose: "answers questions of an invented clinic, for huatuo", rebuild: "polymath train clinic" },
  "marks/generator": { purpose: "draws striped figures, for lightningdit", rebuild: "polymath train marks" },
  "marks/tokenizer": { purpose: "turns such pictures into latents and back", rebuild: "polymath train marks" },
  "marks/judge": { purpose: "says what such pictures show", rebuild: "polymath train marks" },
  coder: { purpose: "writes small Python programs, for codeelo", rebuild: "polymath train coder" },
};

type Model = Awaited<ReturnType<typeof describeModel>>;

export const modelsCommand = defineCommand({
  name: "models",
  summary: "List the models that ship with Polymath",
  examples: ["polymath models", "polymath models --json"],
  run: async () => (await Promise.all((await foldersIn(modelsRoot)).map(describeFolder))).flat(),
  print: describeModels,
});

/** A Hugging Face folder is one model, a folder of parts with cards one for each of them, any other none. */
async function describeFolder(dir: string) {
  const config = join(dir, "config.json");
  if (existsSync(config)) return [await describeModel(dir, String((await readObject(config)).model_type))];
  const parts = (await foldersIn(dir)).filter((part) => existsSync(join(part, "card.json")));
  return Promise.all(
    parts.map(async (part) => describeModel(part, String((await readObject(join(part, "card.json"))).kind))),
  );
}

/** Its size by the headers of its weight files. */
async function describeModel(dir: string, family: string) {
  const name = relative(modelsRoot, dir).split(sep).join("/");
  const sizes = await Promise.all((await readdir(dir)).map(async (file) => (await stat(join(dir, file))).size));
  const weights = await readSafetensors(dir);
  const counts = Array.from(weights.tensors.values(), ({ shape }) => shape.reduce((product, dim) => product * dim, 1));
  await weights.close();
  return {
    name,
    family,
    parameterCount: sum(counts),
    bytes: sum(sizes),
    purpose: catalog[name]?.purpose ?? null,
    rebuild: catalog[name]?.rebuild ?? null,
    dir,
  };
}

async function readObject(file: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(file, "utf8"));
}

async function foldersIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(dir, entry.name))
    .sort();
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

function describeModels(models: Model[]): string {
  if (models.length === 0) return `No models in ${modelsRoot}. \`polymath train reasoner\` makes the first.`;
  const rows = models.map(({ name, family, parameterCount, bytes, purpose, rebuild }) => [
    pc.bold(name),
    family,
    describeCount(parameterCount),
    describeBytes(bytes),
    purpose ?? "",
    rebuild ?? "",
  ]);
  return table(["model", "family", "parameters", "size", "for", "made by"], rows);
}
