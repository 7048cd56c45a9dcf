/**
 * A trained verifier as a Hugging Face folder: what transformers writes for LlamaForSequenceClassification and
 * Qwen2ForSequenceClassification, and beside it `verifier.json` with what makes a classifier a verifier: the text it is
 * asked with and its threshold. Without that file ours are taken; the published threshold is 0.4.
 */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { fromTensor, readSafetensors, type SafeTensor, writeCheckpoint } from "../../../compute/safetensors/index.ts";
import { type Outside, Tensor } from "../../../compute/tensor.ts";
import { namedLeaves, treeFromNames } from "../../../compute/tree.ts";
import { writeJsonAtomic } from "../../../core/atomic.ts";
import { ConfigError, DataError } from "../../../core/errors.ts";
import { readJson } from "../../../core/json.ts";
import {
  type DecoderConfig,
  decoderConfigJson,
  decoderShapes,
  parseDecoderConfig,
} from "../../../language/decoder/index.ts";
import { loadTokenizer, type Tokenizer } from "../../../language/tokenizers/index.ts";
import type { Classifier, ClassifierParams } from "./classifier.ts";
import { defaultInput } from "./input.ts";

/** p of the label "right" above which a response counts as right; the published value. */
export const publishedThreshold = 0.4;

export type VerifierSettings = z.output<typeof VerifierSettings>;
export const VerifierSettings = z.object({
  threshold: z.number().min(0).max(1).default(publishedThreshold),
  /** With {{response}} and {{reference}}. */
  input: z.string().default(defaultInput),
});

export interface VerifierFolder extends Classifier {
  tokenizer: Tokenizer;
  settings: VerifierSettings;
}

const classification = "ForSequenceClassification";
const causal = "ForCausalLM";
const labelCount = 2;

/** @throws ConfigError for another architecture; DataError naming the tensor that is missing or misshapen */
export async function loadVerifier(folder: string): Promise<VerifierFolder> {
  const config = await readClassifierConfig(join(folder, "config.json"));
  const file = join(folder, "verifier.json");
  const settings = existsSync(file) ? await readJson(file, VerifierSettings) : VerifierSettings.parse({});
  const [tokenizer, params] = await Promise.all([loadTokenizer(folder), readParams(folder, config)]);
  return { config, params, tokenizer, settings };
}

/** config.json comes last: a folder that has one is complete. */
export async function saveVerifier(
  folder: string,
  { config, params, tokenizer, settings }: VerifierFolder,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await tokenizer.save(folder);
  const tensors = new Map<string, SafeTensor>();
  for (const [name, leaf] of namedLeaves<Tensor>(params)) tensors.set(name, await fromTensor(leaf));
  await writeCheckpoint(folder, tensors, { metadata: { format: "pt" } });
  await writeJsonAtomic(join(folder, "verifier.json"), settings);
  const json = decoderConfigJson(config, "float32");
  await writeJsonAtomic(join(folder, "config.json"), {
    ...json,
    architectures: [config.architecture.replace(causal, classification)],
    id2label: { 0: "False", 1: "True" },
    label2id: { False: 0, True: 1 },
  });
}

async function readClassifierConfig(file: string): Promise<DecoderConfig> {
  const raw = await readJson(file, z.looseObject({ architectures: z.array(z.string()).min(1) }));
  const [architecture] = raw.architectures as [string];
  if (!architecture.endsWith(classification)) {
    throw new ConfigError(
      `${file}: architectures: expected one that ends with ${classification}, got ${architecture}`,
      {
        hint: "Give a verifier's folder: `polymath huatuo verifier train` writes one.",
      },
    );
  }
  const config = parseDecoderConfig({ ...raw, architectures: [architecture.replace(classification, causal)] }, file);
  // A classifier has no output projection, whatever its config.json says of tying.
  return { ...config, tieWordEmbeddings: true };
}

async function readParams(folder: string, config: DecoderConfig): Promise<Outside<ClassifierParams>> {
  const shapes = decoderShapes(config).set("score.weight", [labelCount, config.hiddenSize]);
  const checkpoint = await readSafetensors(folder);
  try {
    const params = new Map<string, Tensor>();
    for (const [name, shape] of shapes) {
      const stored = checkpoint.tensors.get(name);
      if (String(stored?.shape) !== String(shape)) {
        throw new DataError(`${folder}: tensor ${name}: expected [${shape}], got ${describe(stored)}`, {
          hint: "A verifier has two labels, wrong and right, and the body that config.json describes.",
        });
      }
      params.set(name, Tensor.from(await stored!.toFloat32(), shape));
    }
    return treeFromNames(params) as unknown as Outside<ClassifierParams>;
  } finally {
    await checkpoint.close();
  }
}

const describe = (stored: SafeTensor | undefined): string => (stored ? `[${stored.shape}]` : "none");
