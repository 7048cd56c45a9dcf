/**
 * Supervised fine-tuning: the model learns to write the marked tokens of examples, given the tokens before.
 * Texts are packed into rows of one length; what step n sees is a pure function of the seed and n, so a training
 * that was interrupted goes on bit for bit.
 */
import "../../compute/compile.ts"; // before jax-js, which looks for workers when it is loaded
import { type numpy as np, tree } from "@jax-js/jax";
import { compile } from "../../compute/compile.ts";
import { crossEntropy } from "../../compute/layers/cross-entropy.ts";
import { adamw } from "../../compute/optim/adamw.ts";
import { cosine, type Schedule } from "../../compute/schedules.ts";
import type { Outside } from "../../compute/tensor.ts";
import { type TrainOptions, type TrainResult, train } from "../../compute/train.ts";
import { disposeTree } from "../../compute/tree.ts";
import { ConfigError } from "../../core/errors.ts";
import type { DecoderConfig } from "../decoder/config.ts";
import { type DecoderParams, decoderLogits } from "../decoder/decoder.ts";
import { batchOfRows, rowSampler, type SftBatch } from "./batches.ts";
import { type PackedRow, packExamples, type TokenExample } from "./packing.ts";

/** The options of the training loop that trainers of language models pass on as they are. */
export type PassedOption =
  | "seed"
  | "accumulate"
  | "clipNorm"
  | "ema"
  | "checkpointDir"
  | "checkpointEvery"
  | "checkpointKeep"
  | "onStep"
  | "evaluateEvery"
  | "progress"
  | "signal";

/** Besides its own, the options of the training loop in `compute/train.ts`. */
export interface SftOptions extends Pick<TrainOptions<DecoderParams, SftBatch>, PassedOption> {
  config: DecoderConfig;
  /** Spent: go on with the returned ones. */
  params: Outside<DecoderParams>;
  examples: readonly TokenExample[];
  /** Loss on these is reported as `evaluation.loss`, in nats per token. */
  evaluation?: readonly TokenExample[];
  /** Tokens per row. */
  sequenceLength: number;
  /** Rows per (micro-)batch. */
  batchSize: number;
  /** Passes over the examples; give this or `steps`. */
  epochs?: number;
  steps?: number;
  /** Highest rate of a cosine that falls to a tenth of it, after a warm-up of 2 % of the steps; or a schedule of your own. */
  learningRate: number | ((steps: number) => Schedule);
  /** Default 0.1. */
  weightDecay?: number;
}

/**
 * @returns the trained parameters; `rowCount` rows were packed with `fill` of their places used
 * @throws DataError for an example that cannot be packed; ConfigError without epochs or steps
 */
export async function sft(
  options: SftOptions,
): Promise<TrainResult<DecoderParams> & { rowCount: number; fill: number }> {
  const { config, params, examples, evaluation, sequenceLength, batchSize, learningRate, weightDecay = 0.1 } = options;
  const { seed, accumulate = 1, clipNorm = 1 } = options;
  if (sequenceLength > config.maxPositions) {
    throw new ConfigError(
      `sft: sequenceLength ${sequenceLength} is beyond the model's ${config.maxPositions} positions`,
    );
  }
  const rows = packExamples(examples, sequenceLength);
  const steps = options.steps ?? Math.ceil(((options.epochs ?? 0) * rows.length) / (batchSize * accumulate));
  if (!(steps > 0))
    throw new ConfigError("sft: nothing to do", { hint: "Give examples, and epochs or steps above zero." });
  const rowsOfBatch = rowSampler(rows, batchSize, seed);
  const evaluator = evaluation && createEvaluator(config, packExamples(evaluation, sequenceLength), batchSize);
  try {
    const result = await train<DecoderParams, SftBatch>({
      ...options,
      params,
      loss: (inside, batch) => sftLoss(inside, config, batch),
      batch: (step, _rng, micro) => batchOfRows(rowsOfBatch(step * accumulate + micro)),
      optimizer: adamw({ weightDecay }),
      schedule: typeof learningRate === "number" ? usualSchedule(learningRate, steps) : learningRate(steps),
      steps,
      clipNorm,
      evaluate: evaluator && (async (snapshot) => ({ loss: await evaluator.loss(snapshot.ema ?? snapshot.params) })),
      throughput: { unit: "tokens", count: ({ segments }) => filledPlaces(segments.host as Int32Array) },
    });
    const used = rows.reduce((total, row) => total + filledPlaces(row.segments), 0);
    return { ...result, rowCount: rows.length, fill: used / (rows.length * sequenceLength) };
  } finally {
    evaluator?.dispose();
  }
}

/**
 * Mean cross-entropy of the marked targets, in nats per token.
 * @param params consumed
 * @param batch consumed
 */
export function sftLoss(params: DecoderParams, config: DecoderConfig, batch: SftBatch): np.Array {
  const { targets, weights, ...inputs } = batch;
  const logits = decoderLogits(params, config, inputs); // [rows, length, vocab]
  tree.dispose(params);
  return crossEntropy(logits.reshape([-1, config.vocabSize]), targets.reshape([-1]), weights.reshape([-1]));
}

/** Mean loss over the marked tokens of all rows, in nats per token. Parameters are borrowed. */
export function createEvaluator(config: DecoderConfig, rows: readonly PackedRow[], batchSize: number) {
  const program = compile((params: DecoderParams, batch: SftBatch) => sftLoss(params, config, batch), {
    name: "sft loss",
  });
  return {
    async loss(params: Outside<DecoderParams>): Promise<number> {
      let [total, count] = [0, 0];
      for (let start = 0; start < rows.length; start += batchSize) {
        // Missing rows of the last batch are empty, so that one shape is compiled.
        const chunk = Array.from({ length: batchSize }, (_, offset) => rows[start + offset]);
        const batch = batchOfRows(chunk);
        const marked = (batch.weights.host as Float32Array).reduce((sum, weight) => sum + weight, 0);
        const loss = await program(params, batch);
        total += (await loss.item()) * marked;
        count += marked;
        disposeTree({ loss, batch });
      }
      return total / count;
    },
    dispose: () => program.dispose(),
  };
}

function usualSchedule(peak: number, steps: number): Schedule {
  return cosine({ peak, steps, warmup: Math.ceil(0.02 * steps), final: peak / 10 });
}

function filledPlaces(segments: Int32Array): number {
  let count = 0;
  for (const segment of segments) if (segment > 0) count++;
  return count;
}
