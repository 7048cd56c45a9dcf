/**
 * The recipe of the coder: a small Llama-shaped decoder that reads a formal statement and writes Python.
 * Source: section 6 C of the CodeElo specification; the paper trains nothing. It leaves as a Hugging Face folder.
 *
 * Everything is a function of the settings: killed anywhere and started again with the same checkpoint folder, it ends
 * with the same bytes.
 */
import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import "../../../compute/compile.ts"; // before jax-js, which looks for workers when it is loaded
import { adamw } from "../../../compute/optim/adamw.ts";
import { cosine } from "../../../compute/schedules.ts";
import { train } from "../../../compute/train.ts";
import { countParameters } from "../../../compute/tree.ts";
import { writeFileAtomic, writeJsonAtomic } from "../../../core/atomic.ts";
import type { CommandContext } from "../../../core/command.ts";
import { Random } from "../../../core/random.ts";
import {
  type DecoderConfig,
  type DecoderParams,
  defineTinyDecoder,
  initDecoder,
} from "../../../language/decoder/index.ts";
import type { DecoderModel } from "../../../language/engine/index.ts";
import { saveModel } from "../../../language/hugging-face.ts";
import { batchOfRows, packExamples, rowSampler, type SftBatch, sftLoss } from "../../../language/train/index.ts";
import type { Judge } from "../judge/judge.ts";
import { evaluateCoder } from "./evaluate.ts";
import { renderModelCard } from "./model-card.ts";
import { type CoderEvaluation, type CoderSettings, stageShares } from "./settings.ts";
import { sampleTask, type Task, trainedFamilies } from "./task.ts";
import { coderTokenizer, exampleOf, tokenIds } from "./tokenizer.ts";
import { BOS, CHAT_TEMPLATE, EOS, PAD, VOCABULARY } from "./vocabulary.ts";

export const CONTEXT_LENGTH = 128;

export interface CoderContext extends Pick<CommandContext, "log" | "progress" | "signal"> {
  /** Checkpoints; an earlier, unfinished training in it is gone on with. */
  checkpointDir: string;
  /** Steps between checkpoints; default 200. */
  checkpointEvery?: number;
  /** Where the models after 10, 30 and 100 % of the training go, as folders named by the share. Default: nowhere. */
  stagesDir?: string;
  /** Losses by step, for the run's journal. */
  metric?(name: string, step: number, value: number): void;
}

export interface TrainedCoder {
  model: DecoderModel;
  parameterCount: number;
  loss: number;
}

/** The training alone. @returns null when `signal` stopped it before its end */
export async function fitCoder(settings: CoderSettings, context: CoderContext): Promise<TrainedCoder | null> {
  const { log, signal, checkpointDir, checkpointEvery = 200, stagesDir, metric } = context;
  const config = coderConfig(settings);
  const params = initDecoder(config, new Random(settings.seed).split("coder").split("parameters"));
  const parameterCount = countParameters(params);
  log.info("coder-start", { ...settings, parameterCount });

  const { steps, batch, seed, lr } = settings;
  const rows = packExamples(trainingTasks(settings).map(exampleOf), CONTEXT_LENGTH);
  const rowsOfBatch = rowSampler(rows, batch, seed);
  const stages = new Map(stageShares.map((share) => [Math.round(share * steps), share]));
  const progress = context.progress({ label: "train coder", total: steps, unit: "steps" });
  const trained = await train<DecoderParams, SftBatch>({
    params,
    loss: (inside, tensors) => sftLoss(inside, config, tensors),
    batch: (step) => batchOfRows(rowsOfBatch(step)),
    optimizer: adamw({ weightDecay: 0.1 }),
    schedule: cosine({ peak: lr, steps, warmup: Math.ceil(0.05 * steps), final: 1e-4 }),
    steps,
    seed,
    clipNorm: 1,
    checkpointDir,
    checkpointEvery,
    ...(stagesDir !== undefined && {
      evaluateEvery: Math.max(1, Math.round(0.1 * steps)),
      async evaluate({ step, params: borrowed }) {
        const share = stages.get(step);
        if (share !== undefined) {
          const folder = stageFolder(stagesDir, share);
          await mkdir(folder, { recursive: true });
          await saveModel(folder, { config, params: borrowed, tokenizer: coderTokenizer() });
        }
        return {};
      },
    }),
    onStep: ({ step, loss }) => (step % 20 === 0 || step === steps) && metric?.("loss", step, loss),
    progress,
    signal,
  });
  progress.stop();
  if (trained.stopped) return null;
  return { model: { config, params: trained.params }, parameterCount, loss: trained.loss! };
}

export const stageFolder = (stagesDir: string, share: number): string =>
  join(stagesDir, String(Math.round(100 * share)));

/**
 * Training, evaluation by the judge, and the folder.
 * @returns the figures, or null when `signal` stopped it before its end
 */
export async function trainCoder(
  settings: CoderSettings,
  context: CoderContext & { judge: Judge; out: string },
): Promise<CoderEvaluation | null> {
  const fitted = await fitCoder(settings, context);
  if (!fitted || context.signal.aborted) return null;
  const { model, parameterCount, loss } = fitted;
  const judged = await evaluateCoder(model, settings, context);
  const evaluation = { settings, parameterCount, loss, ...judged };
  await saveCoder(context.out, model, evaluation);
  context.log.info("coder-save", { out: context.out });
  return evaluation;
}

/** The shape of the model: Llama, tied head. */
export function coderConfig(sizes: Pick<CoderSettings, "dim" | "layers" | "heads">): DecoderConfig {
  const ends = tokenIds([BOS, EOS, PAD]);
  return defineTinyDecoder(sizes, { vocabSize: VOCABULARY.length, maxPositions: CONTEXT_LENGTH, ends });
}

/** Families in turn, so that each has as many pairs. */
export function trainingTasks({ pairs, seed }: Pick<CoderSettings, "pairs" | "seed">): Task[] {
  const rng = new Random(seed).split("coder").split("pairs");
  return Array.from({ length: pairs }, (_, index) =>
    sampleTask(rng.split(index), trainedFamilies[index % trainedFamilies.length]!, "training"),
  );
}

/** config.json comes at the very end: a folder that loads is complete. */
async function saveCoder(out: string, model: DecoderModel, evaluation: CoderEvaluation): Promise<void> {
  await mkdir(out, { recursive: true });
  await writeFileAtomic(join(out, "chat_template.jinja"), CHAT_TEMPLATE);
  await writeFileAtomic(join(out, "README.md"), renderModelCard(evaluation));
  await writeJsonAtomic(join(out, "evaluation.json"), evaluation);
  await saveModel(out, { ...model, tokenizer: coderTokenizer() });
}

/** Whether a folder holds a complete model. */
export const isComplete = (folder: string): Promise<boolean> =>
  access(join(folder, "config.json")).then(
    () => true,
    () => false,
  );
