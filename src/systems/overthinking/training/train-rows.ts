/**
 * Preference training of any local model on rows of one's own: TRL's {"prompt", "chosen", "rejected"}, as text or as
 * messages. Nothing here can judge the answers, so the guard watches repetition and the likelihood of chosen responses.
 */

import { existsSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { CommandContext } from "../../../core/command.ts";
import { DataError, UsageError } from "../../../core/errors.ts";
import { readRows } from "../../../core/rows.ts";
import { createGenerator } from "../../../language/generate/index.ts";
import { loadModel, saveModel } from "../../../language/hugging-face.ts";
import { ChatTemplate, loadTokenizer } from "../../../language/tokenizers/index.ts";
import {
  type Collapse,
  type EncodeOptions,
  encodePair,
  type PreferenceLoss,
  type PreferencePair,
  PreferenceRow,
  responseLength,
  trainPreference,
} from "../../../language/train/index.ts";
import { FEWEST_PAIRS } from "../pairs/build.ts";

export interface RowsOptions {
  /** .jsonl, .json or .parquet. */
  file: string;
  /** Hugging Face folder. */
  model: string;
  out: string;
  loss: PreferenceLoss;
  lr: number;
  epochs: number;
  batch: number;
  seed: number;
  /** Trains on fewer than 200 pairs. */
  force: boolean;
}

export interface RowsContext extends Pick<CommandContext, "log" | "progress" | "signal"> {
  dir: string;
  metric?(name: string, step: number, value: number): void;
}

export type RowsResult = {
  out: string;
  pairs: number;
  dropped: Record<RowDrop, number>;
  steps: number;
  collapse: Collapse | null;
};

export type RowDrop = "equal" | "chosen-longer" | "too-long";

/** Prompts that the guard lets the model go on from, and how far. */
const probedPromptCount = 16;
const probedTokenCount = 128;

/** @returns null when `signal` stopped it; called again with the same folder it goes on */
export async function trainOnRows(options: RowsOptions, context: RowsContext): Promise<RowsResult | null> {
  const { model: folder, out, loss, lr, epochs, batch, seed, force } = options;
  const { dir, log, signal, metric } = context;
  if (!existsSync(join(folder, "config.json"))) {
    throw new UsageError(`${folder} is no model folder: it has no config.json`, {
      hint: "Give the folder of a Llama or Qwen model in Hugging Face format, downloaded whole.",
    });
  }
  const [model, tokenizer, template] = await Promise.all([
    loadModel(folder),
    loadTokenizer(folder),
    ChatTemplate.load(folder),
  ]);
  const { config, dtype } = model;
  const { pairs, dropped } = await readPairs(options.file, config.maxPositions, { tokenizer, template });
  log.info("pairs-read", { pairs: pairs.length, ...dropped });
  if (pairs.length < FEWEST_PAIRS && !force) {
    throw new DataError(`${options.file}: ${pairs.length} usable pairs, fewer than ${FEWEST_PAIRS}`, {
      hint: "So few teach next to nothing and overfit; --force trains on them all the same.",
    });
  }

  const steps = Math.ceil((epochs * pairs.length) / batch);
  const every = Math.ceil(steps / 8);
  const bar = context.progress({ label: "train", total: steps, unit: "steps" });
  await mkdir(dir, { recursive: true });
  const result = await trainPreference({
    config,
    params: model.params,
    pairs,
    loss,
    sequenceLength: Math.max(...pairs.map(longestOf)) - 1,
    batchSize: batch,
    steps,
    learningRate: lr,
    seed,
    checkpointDir: dir,
    checkpointEvery: every,
    evaluateEvery: every,
    onStep({ step, loss: value, metrics }) {
      for (const [name, figure] of Object.entries({ loss: value, ...metrics })) metric?.(name, step, figure);
    },
    guard: {
      async probe(params) {
        const generator = createGenerator({ model: { config, params }, tokenizer });
        const prompts = pairs.slice(0, probedPromptCount).map(({ chosen }) => promptOf(chosen));
        const room = config.maxPositions - Math.max(...prompts.map((prompt) => prompt.length));
        const maxTokens = Math.max(1, Math.min(probedTokenCount, room));
        const { completions } = await generator.generate({ prompts, maxTokens, temperature: 1, seed, signal });
        generator.dispose();
        return { answers: completions.map(({ tokens }) => tokens) };
      },
    },
    progress: bar,
    signal,
  });
  bar.stop(result.collapse && `stopped: ${result.collapse.cause}`);
  if (signal.aborted) return null;
  if (result.collapse) log.warn("collapse", { ...result.collapse, kept: result.step });
  await mkdir(out, { recursive: true });
  const jinja = "chat_template.jinja";
  if (existsSync(join(folder, jinja))) await copyFile(join(folder, jinja), join(out, jinja));
  await saveModel(out, { config, params: result.params, tokenizer, dtype });
  return { out, pairs: pairs.length, dropped, steps: result.step, collapse: result.collapse ?? null };
}

/** @throws DataError naming the file and the row that cannot be read */
export async function readPairs(
  file: string,
  contextLength: number,
  options: Omit<EncodeOptions, "place">,
): Promise<{ pairs: PreferencePair[]; dropped: Record<RowDrop, number> }> {
  const pairs: PreferencePair[] = [];
  const dropped = { equal: 0, "chosen-longer": 0, "too-long": 0 };
  let number = 0;
  for await (const row of readRows(file, PreferenceRow)) {
    number++;
    if (JSON.stringify(row.chosen) === JSON.stringify(row.rejected)) dropped.equal++;
    else {
      const pair = encodePair(row, { ...options, place: `${file} row ${number}` });
      // Here a preference is one for less: a longer chosen response would teach the opposite.
      if (responseLength(pair.chosen) > responseLength(pair.rejected)) dropped["chosen-longer"]++;
      else if (longestOf(pair) > contextLength) dropped["too-long"]++;
      else pairs.push(pair);
    }
  }
  return { pairs, dropped };
}

const longestOf = ({ chosen, rejected }: PreferencePair): number =>
  Math.max(chosen.tokens.length, rejected.tokens.length);

const promptOf = ({ tokens, trained }: PreferencePair["chosen"]): readonly number[] =>
  tokens.slice(0, Math.max(1, trained.indexOf(true)));
