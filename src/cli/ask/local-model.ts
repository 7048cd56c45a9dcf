/** A model folder made ready to write: weights and tokenizer. */
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { createGenerator, type Generator } from "../../language/generate/index.ts";
import { loadModel } from "../../language/hugging-face.ts";
import { loadTokenizer } from "../../language/tokenizers/index.ts";

export interface LocalModel {
  name: string;
  generator: Generator;
  parameterCount: number;
}

/** Opens any Llama or Qwen2 folder in Hugging Face format. */
export async function openLocalModel(folder: string): Promise<LocalModel> {
  if (!existsSync(join(folder, "config.json"))) {
    throw new UsageError(`${folder} is no model folder: it has no config.json`, {
      hint: "Give the folder of a Llama or Qwen2 model in Hugging Face format, downloaded whole.",
    });
  }
  const [model, tokenizer] = await Promise.all([loadModel(folder), loadTokenizer(folder)]);
  return {
    name: basename(resolve(folder)),
    generator: createGenerator({ model, tokenizer }),
    parameterCount: model.parameterCount,
  };
}
