/**
 * What is decoded: a model in the forms of all contenders, in one temporary folder, with its prompts. No answer ends
 * before its last token: the reasoner's end token is left out of its configuration.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tensor } from "../../src/compute/tensor.ts";
import { disposeTree, namedLeaves } from "../../src/compute/tree.ts";
import { writeJsonAtomic } from "../../src/core/atomic.ts";
import { Random } from "../../src/core/random.ts";
import { defineDecoder, initDecoder } from "../../src/language/decoder/index.ts";
import type { DecoderModel } from "../../src/language/generate/index.ts";
import { loadModel, saveModel } from "../../src/language/hugging-face.ts";
import { loadTokenizer } from "../../src/language/tokenizers/index.ts";
import { type GgufFormat, type Weights, writeGguf } from "./gguf.ts";
import { writeOnnx } from "./onnx.ts";

export interface Subject {
  name: string;
  /** Parameters and prompts; all prompts are equally long, as transformers.js's attention needs them. */
  make(promptCount: number): Promise<{ model: DecoderModel; prompts: number[][] }>;
  answerTokens: number;
  rounds: number;
}

const reasonerFolder = new URL("../../models/reasoner", import.meta.url).pathname;

export const subjects: Subject[] = [
  {
    name: "reasoner, 0.4M",
    answerTokens: 64,
    rounds: 7,
    async make(promptCount) {
      const { config, params } = await loadModel(reasonerFolder);
      const tokenizer = await loadTokenizer(reasonerFolder);
      const rng = new Random("bench-decode-peers");
      const prompts = Array.from({ length: promptCount }, () => {
        const terms = Array.from({ length: 5 }, () => rng.int(10, 99));
        return tokenizer.encode(`<s>${terms.join("+")}=`);
      });
      return { model: { config: { ...config, eosTokenIds: [] }, params }, prompts };
    },
  },
  {
    name: "Llama shape, 110M, random weights",
    answerTokens: 32,
    rounds: 3,
    async make(promptCount) {
      const rng = new Random("bench-decode-peers");
      // A head of its own: with a tied one, random weights say each token again for ever.
      const sizes = { vocabSize: 16_000, hiddenSize: 768, layerCount: 12, headCount: 12, tieWordEmbeddings: false };
      const config = defineDecoder({ ...sizes, maxPositions: 512 });
      const params = initDecoder(config, rng.split("weights"));
      const prompts = Array.from({ length: promptCount }, (_, row) => {
        const promptRng = rng.split("prompts").split(row);
        return Array.from({ length: 16 }, () => promptRng.int(0, config.vocabSize - 1));
      });
      return { model: { config, params }, prompts };
    },
  },
];

export interface PreparedSubject {
  folder: string;
  promptLength: number;
  remove(): Promise<void>;
}

/** Writes config.json, model.safetensors, onnx/model.onnx, a .gguf for each format and prompts.json. */
export async function prepare(
  { make }: Subject,
  promptCount: number,
  formats: readonly GgufFormat[],
): Promise<PreparedSubject> {
  const { model, prompts } = await make(promptCount);
  const folder = await mkdtemp(join(tmpdir(), "polymath-decode-peers-"));
  await saveModel(folder, model);
  const weights: Weights = new Map(
    [...namedLeaves<Tensor>(model.params)].map(([name, { shape, host }]) => [
      name,
      { shape, data: host as Float32Array },
    ]),
  );
  await mkdir(join(folder, "onnx"));
  await writeOnnx(join(folder, "onnx", "model.onnx"), model.config, weights);
  for (const format of formats) await writeGguf(join(folder, `${format}.gguf`), model.config, weights, format);
  await writeJsonAtomic(join(folder, "prompts.json"), prompts);
  disposeTree(model.params);
  return { folder, promptLength: prompts[0]!.length, remove: () => rm(folder, { recursive: true }) };
}
