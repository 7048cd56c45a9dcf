/** Supervised training of any local model on rows of the data engine (spec section 2.5). */
import { existsSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { cosine } from "../../../compute/schedules.ts";
import type { CommandContext } from "../../../core/command.ts";
import { UsageError } from "../../../core/errors.ts";
import { loadModel, saveModel } from "../../../language/hugging-face.ts";
import { ChatTemplate, loadTokenizer } from "../../../language/tokenizers/index.ts";
import { packExamples, sft } from "../../../language/train/index.ts";
import { checkSftData, checkSftModel, readMixRows, readSftRows } from "./examples.ts";
import type { SftMode } from "./target.ts";

/** The paper's, for billions of parameters. */
export const publishedSft = {
  lr: 5e-6,
  epochs: 3,
  batch: 128,
  weightDecay: 0.1,
  maxLength: 8192,
  warmup: 0.05,
} as const;

export interface SftSettings {
  file: string;
  /** Hugging Face folder of the model to start from. */
  base: string;
  out: string;
  mode: SftMode;
  mix?: string | undefined;
  lr: number;
  epochs: number;
  /** Packed rows of `maxLength` tokens per step. */
  batch: number;
  weightDecay: number;
  /** Tokens of the longest row that is taken; default the paper's, or the model's context where that is shorter. */
  maxLength?: number | undefined;
  seed: number;
}

export interface SftContext extends Pick<CommandContext, "log" | "progress" | "signal"> {
  dir: string;
  metric?(name: string, step: number, value: number): void;
}

export interface SftOutcome {
  out: string;
  mode: SftMode;
  rows: number;
  mixed: number;
  tooLong: number;
  steps: number;
  loss: number;
}

/** @returns null when `signal` stopped it; called again with the same folder it goes on */
export async function trainOnSftRows(settings: SftSettings, context: SftContext): Promise<SftOutcome | null> {
  const { file, base: folder, out, mode, mix, lr, epochs, batch, weightDecay, seed } = settings;
  const { dir, log, signal, metric } = context;
  if (!existsSync(join(folder, "config.json"))) {
    throw new UsageError(`${folder} is no model folder: it has no config.json`, {
      hint: "Give the folder of a Llama or Qwen model in Hugging Face format, downloaded whole.",
    });
  }
  const [loaded, tokenizer, found] = await Promise.all([
    loadModel(folder),
    loadTokenizer(folder),
    ChatTemplate.load(folder),
  ]);
  const { config, params, dtype } = loaded;
  const maxLength = settings.maxLength ?? Math.min(publishedSft.maxLength, config.maxPositions);
  const template = checkSftModel({ config, tokenizer, template: found, folder }, maxLength);
  const data = await readSftRows(file, mode, { tokenizer, template }, maxLength);
  checkSftData(file, data, maxLength);
  const mixed = mix === undefined ? null : await readMixRows(mix, { tokenizer, template }, maxLength);
  const tooLong = data.tooLong + (mixed?.tooLong ?? 0);
  if (tooLong > 0) log.warn(`${tooLong} rows are longer than ${maxLength} tokens and are left out`);
  const examples = [...data.examples, ...(mixed?.examples ?? [])];
  // Rows no longer than need be: their places are paid for whether filled or not.
  const sequenceLength = Math.min(maxLength, Math.max(...examples.map(({ tokens }) => tokens.length)) * packing);
  const steps = Math.ceil((epochs * packExamples(examples, sequenceLength).length) / batch);
  const bar = context.progress({ label: "train", total: steps, unit: "steps" });
  await mkdir(dir, { recursive: true });
  const trained = await sft({
    ...{ config, params, examples, sequenceLength, steps, weightDecay, seed, signal },
    batchSize: batch,
    learningRate: (total) =>
      cosine({ peak: lr, steps: total, warmup: Math.ceil(publishedSft.warmup * total), final: 0 }),
    checkpointDir: dir,
    checkpointEvery: Math.max(1, Math.ceil(steps / 10)),
    onStep: ({ step, loss }) => metric?.("loss", step, loss),
    progress: bar,
  });
  bar.stop();
  if (trained.stopped) return null;
  await mkdir(out, { recursive: true });
  const jinja = "chat_template.jinja";
  if (existsSync(join(folder, jinja))) await copyFile(join(folder, jinja), join(out, jinja));
  await saveModel(out, { config, params: trained.params, tokenizer, dtype });
  return {
    ...{ out, mode, tooLong, steps },
    rows: data.examples.length,
    mixed: mixed?.examples.length ?? 0,
    loss: trained.loss!,
  };
}

/** Longest examples that a packed row can hold: with more, less of a row stays empty, and fewer steps are made. */
const packing = 2;
