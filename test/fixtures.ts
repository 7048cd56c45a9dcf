/** Helpers of the end-to-end tests: the command as a process, and a model that was never trained. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { Random } from "../src/core/random.ts";
import { defineDecoder, initDecoder } from "../src/language/decoder/index.ts";
import { saveModel } from "../src/language/hugging-face.ts";
import { sumsTokenizer } from "../src/systems/overthinking/index.ts";

export const root: string = join(import.meta.dirname, "..");

export interface ProcessOptions {
  cwd: string;
  env?: Record<string, string>;
  input?: string;
  nodeArgs?: readonly string[];
}

/** Runs `polymath` with the Node of this process in `cwd`, where its runs go, too. */
export function polymath(words: readonly string[], { cwd, env = {}, input = "", nodeArgs = [] }: ProcessOptions) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...nodeArgs, join(root, "bin", "polymath.mjs"), ...words],
    { cwd, input, encoding: "utf8", env: { ...process.env, POLYMATH_RUNS: join(cwd, "runs"), NO_COLOR: "1", ...env } },
  );
  return { status, stdout, stderr };
}

/** A Llama folder with random weights and the vocabulary of "Sums": it babbles, always the same. */
export async function saveBabbler(folder: string): Promise<void> {
  const tokenizer = sumsTokenizer();
  const config = defineDecoder({
    vocabSize: tokenizer.vocabSize,
    hiddenSize: 16,
    layerCount: 1,
    headCount: 2,
    maxPositions: 512,
    bosTokenId: tokenizer.bosId,
    eosTokenIds: [tokenizer.eosId!],
  });
  await saveModel(folder, { config, params: initDecoder(config, new Random(0)), tokenizer });
}
