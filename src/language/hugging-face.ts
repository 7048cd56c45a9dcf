/**
 * Models as Hugging Face folders: config.json, generation_config.json, model.safetensors or its shards, and the
 * tokenizer's files. A model that was saved, loaded and saved again has the same bytes.
 */
import { access } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { fromTensor, readSafetensors, type SafeTensor, writeCheckpoint } from "../compute/safetensors/index.ts";
import { type Outside, Tensor } from "../compute/tensor.ts";
import { namedLeaves, treeFromNames } from "../compute/tree.ts";
import { writeJsonAtomic } from "../core/atomic.ts";
import { DataError, ShapeError } from "../core/errors.ts";
import { readJson } from "../core/json.ts";
import { type DecoderConfig, decoderConfigJson, parseDecoderConfig } from "./decoder/config.ts";
import type { DecoderParams } from "./decoder/decoder.ts";
import { decoderShapes } from "./decoder/init-decoder.ts";
import type { Tokenizer } from "./tokenizers/index.ts";

export type ModelDType = "float32" | "float16" | "bfloat16";

export interface LoadedModel {
  config: DecoderConfig;
  /** float32, whatever the files hold; the caller disposes of them. */
  params: Outside<DecoderParams>;
  parameterCount: number;
  /** What most of the files' elements are stored as. */
  dtype: ModelDType;
}

const safeDTypes = { float32: "F32", float16: "F16", bfloat16: "BF16" } as const;
const tokenIds = z.union([z.int().nonnegative(), z.array(z.int().nonnegative())]);

/**
 * Reads a folder tensor by tensor, so that memory holds the parameters and one tensor more.
 * @param folder with config.json and model.safetensors or model.safetensors.index.json
 * @throws ConfigError for a model of another kind; DataError naming file and tensor for what is missing, left over or misshapen
 */
export async function loadModel(folder: string): Promise<LoadedModel> {
  const configFile = join(folder, "config.json");
  const config = parseDecoderConfig(await readJson(configFile, z.unknown()), configFile);
  const endings = await readEndings(folder);
  if (endings) config.eosTokenIds = endings;
  const checkpoint = await readSafetensors(folder);
  try {
    checkTensors(checkpoint.tensors, config, folder);
    const params = new Map<string, Tensor>();
    let parameterCount = 0;
    for (const name of decoderShapes(config).keys()) {
      const stored = checkpoint.tensors.get(name)!;
      params.set(name, Tensor.from(await stored.toFloat32(), stored.shape));
      parameterCount += stored.size;
    }
    const dtype = storedDType(checkpoint.tensors.values());
    return { config, params: treeFromNames(params) as unknown as Outside<DecoderParams>, parameterCount, dtype };
  } finally {
    await checkpoint.close();
  }
}

export interface SaveModelOptions {
  config: DecoderConfig;
  /** Borrowed. */
  params: Outside<DecoderParams>;
  /** Its files are written beside the model. */
  tokenizer?: Tokenizer;
  /** Default float32. */
  dtype?: ModelDType;
  /** Data bytes per file; default 5e9. */
  maxShardBytes?: number;
}

/**
 * Writes a folder that `loadModel` and transformers' `from_pretrained` read.
 * @throws ShapeError when the parameters are not those of the configuration
 */
export async function saveModel(folder: string, options: SaveModelOptions): Promise<void> {
  const { config, tokenizer, dtype = "float32", maxShardBytes } = options;
  const leaves = namedLeaves<Tensor>(options.params);
  const shapes = decoderShapes(config);
  for (const name of new Set([...shapes.keys(), ...leaves.keys()])) {
    const [wanted, found] = [shapes.get(name), leaves.get(name)?.shape];
    if (String(wanted) === String(found)) continue;
    throw new ShapeError(
      `saveModel: ${name}: the configuration says ${axes(wanted)}, the parameters have ${axes(found)}`,
    );
  }
  const tensors = new Map<string, SafeTensor>();
  for (const [name, leaf] of leaves) tensors.set(name, await fromTensor(leaf, safeDTypes[dtype]));
  // One by one and the configuration last: a folder without it is visibly unfinished.
  await tokenizer?.save(folder);
  await writeCheckpoint(folder, tensors, { metadata: { format: "pt" }, maxShardBytes });
  await writeJsonAtomic(join(folder, "generation_config.json"), {
    bos_token_id: config.bosTokenId,
    eos_token_id: config.eosTokenIds.length > 1 ? config.eosTokenIds : config.eosTokenIds[0],
    pad_token_id: config.padTokenId,
  });
  await writeJsonAtomic(join(folder, "config.json"), decoderConfigJson(config, dtype));
}

/** The ids that end a text by generation_config.json, which wins over config.json as in transformers. */
async function readEndings(folder: string): Promise<number[] | undefined> {
  const file = join(folder, "generation_config.json");
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (!exists) return undefined;
  const { eos_token_id: endings } = await readJson(file, z.looseObject({ eos_token_id: tokenIds.nullish() }));
  return endings === undefined || endings === null ? undefined : [endings].flat();
}

function checkTensors(tensors: ReadonlyMap<string, SafeTensor>, config: DecoderConfig, folder: string): void {
  const shapes = decoderShapes(config);
  const missing = [...shapes.keys()].filter((name) => !tensors.has(name));
  const extra = [...tensors.keys()].filter((name) => !shapes.has(name) && !isRedundant(name, config));
  if (missing.length > 0) {
    throw new DataError(`${folder}: tensor ${listed(missing)} missing from the safetensors`, {
      hint:
        extra.length > 0
          ? `They hold ${listed(extra)} instead: is this config.json theirs?`
          : "Fetch every file of the model.",
    });
  }
  if (extra.length > 0) {
    throw new DataError(`${folder}: config.json has no place for tensor ${listed(extra)}`, {
      hint: "Adapters and quantised checkpoints cannot be loaded; merge them into plain weights first.",
    });
  }
  for (const [name, shape] of shapes) {
    const { shape: found, dtype } = tensors.get(name)!;
    if (String(found) !== String(shape)) {
      throw new DataError(`${folder}: tensor ${name}: config.json says ${axes(shape)}, the file has ${axes(found)}`, {
        hint: "Take config.json and weights from the same model.",
      });
    }
    if (!["F32", "F16", "BF16", "F64"].includes(dtype)) {
      throw new DataError(`${folder}: tensor ${name}: expected F32, F16, BF16 or F64, got ${dtype}`, {
        hint: "Quantised checkpoints cannot be loaded; use the model's plain weights.",
      });
    }
  }
}

/** Some exporters store what can be derived: the tied head, and rotary frequencies. */
function isRedundant(name: string, config: DecoderConfig): boolean {
  return (name === "lm_head.weight" && config.tieWordEmbeddings) || name.endsWith("rotary_emb.inv_freq");
}

function storedDType(tensors: Iterable<SafeTensor>): ModelDType {
  const sizes = { F16: 0, BF16: 0, F32: 0 };
  for (const { dtype, size } of tensors) sizes[dtype === "F16" || dtype === "BF16" ? dtype : "F32"] += size;
  if (sizes.BF16 > sizes.F16 + sizes.F32) return "bfloat16";
  return sizes.F16 > sizes.F32 ? "float16" : "float32";
}

function listed(names: readonly string[]): string {
  return names.length === 1 ? names[0]! : `${names[0]} and ${names.length - 1} more`;
}

function axes(shape: readonly number[] | undefined): string {
  return shape ? `[${shape.join(", ")}]` : "no such tensor";
}
