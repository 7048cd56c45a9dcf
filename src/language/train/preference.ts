/**
 * Preference training: the model learns to make one response likelier than another to the same prompt, by SFT, DPO,
 * RPO or SimPO (preference-losses.ts), in the same loop as `sft`: a step's batch is a pure function of the seed and
 * the step, so a training that was killed goes on bit for bit.
 * Besides the loop's own guard against NaN, a collapse guard ends a training whose model falls apart and gives back the
 * last checkpoint that was well.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import "../../compute/compile.ts"; // before jax-js, which looks for workers when it is loaded
import { type numpy as np, tree } from "@jax-js/jax";
import { z } from "zod";
import { adamw } from "../../compute/optim/adamw.ts";
import { cosine, type Schedule } from "../../compute/schedules.ts";
import { type Outside, Tensor } from "../../compute/tensor.ts";
import { DivergedError, type TrainOptions, type TrainResult, train } from "../../compute/train.ts";
import { disposeTree, namedLeaves } from "../../compute/tree.ts";
import { writeJsonAtomic } from "../../core/atomic.ts";
import { ConfigError } from "../../core/errors.ts";
import { readJson } from "../../core/json.ts";
import type { DecoderConfig } from "../decoder/config.ts";
import type { DecoderParams } from "../decoder/decoder.ts";
import { rowSampler } from "./batches.ts";
import type { Collapse } from "./collapse.ts";
import { type CollapseGuard, type GuardOptions, openGuard } from "./collapse-guard.ts";
import { placeExamples, type TokenExample } from "./packing.ts";
import { needsReference, type PreferenceLoss, preferenceLoss } from "./preference-losses.ts";
import type { PreferencePair } from "./preference-pairs.ts";
import {
  batchOfSequences,
  createSequenceScorer,
  responseLength,
  type SequenceBatch,
  sequenceLogprobs,
} from "./sequence-logprobs.ts";
import type { PassedOption } from "./sft.ts";

/** Besides its own, the options of the training loop in `compute/train.ts`. */
export interface PreferenceOptions extends Pick<TrainOptions<DecoderParams, PreferenceBatch>, PassedOption> {
  config: DecoderConfig;
  /** Spent: go on with the returned ones. On a resume too they are the model before training: the reference. */
  params: Outside<DecoderParams>;
  pairs: readonly PreferencePair[];
  loss: PreferenceLoss;
  /** Tokens per row; the longest response with its prompt must fit. */
  sequenceLength: number;
  /** Pairs per (micro-)batch. */
  batchSize: number;
  /** Passes over the pairs; give this or `steps`. */
  epochs?: number;
  steps?: number;
  /** Highest rate of a cosine that falls to zero, after a warm-up of 10 % of the steps; or a schedule of your own. */
  learningRate: number | ((steps: number) => Schedule);
  /** Default 0: what was learned before shall stay. */
  weightDecay?: number;
  /** Watches the model at each evaluation; without it only NaN ends the training early. */
  guard?: GuardOptions;
}

export interface PreferenceResult extends TrainResult<DecoderParams> {
  /** Set when the guard ended the training: `params` and `step` are then those of the last good checkpoint. */
  collapse?: Collapse;
}

export type PreferenceBatch = SequenceBatch & {
  /** Response tokens of the chosen sequences, then of the rejected ones. */
  lengths: np.Array; // [sequences]
  /** Their log-probabilities by the model before training; only where the loss asks for them. */
  reference?: np.Array; // [sequences]
};

/** So many pairs tell how likely the guard finds chosen responses. */
const watchedPairCount = 64;

/**
 * @throws DataError for a pair that does not fit `sequenceLength`; ConfigError when there is nothing to do;
 * DivergedError for NaN where there is no guard
 */
export async function trainPreference(options: PreferenceOptions): Promise<PreferenceResult> {
  const { config, params, pairs, loss, sequenceLength, batchSize, learningRate, weightDecay = 0 } = options;
  const { accumulate = 1, clipNorm = 1, checkpointDir, signal } = options;
  const steps = options.steps ?? Math.ceil(((options.epochs ?? 0) * pairs.length) / (batchSize * accumulate));
  checkOptions(options, steps);
  const watched = createSequenceScorer(config, pairs.slice(0, watchedPairCount).map(chosenOf), { sequenceLength });
  const tokenCount = pairs.slice(0, watchedPairCount).reduce((sum, { chosen }) => sum + responseLength(chosen), 0);
  const chosen = async (now: Outside<DecoderParams>) => total(await watched.logprobs(now)) / tokenCount;
  const stop = new AbortController();
  let step = 0;
  try {
    const guard = options.guard && (await openGuard(options.guard, params, { chosen, dir: checkpointDir, signal }));
    if (guard?.collapse) return afterCollapse(guard);
    const reference = needsReference(loss) ? await referenceLogprobs(options) : undefined;
    const makeBatch = pairBatches({ ...options, steps, accumulate, reference });
    try {
      const result = await train<DecoderParams, PreferenceBatch>({
        ...options,
        params,
        loss: (inside, batch) => preferenceBatchLoss(inside, config, batch, loss, batchSize),
        batch: (at, _rng, micro) => makeBatch(at * accumulate + micro),
        optimizer: adamw({ weightDecay }),
        schedule: typeof learningRate === "number" ? usualSchedule(learningRate, steps) : learningRate(steps),
        steps,
        clipNorm,
        onStep(report) {
          step = report.step;
          options.onStep?.(report);
        },
        evaluate:
          guard &&
          (async (snapshot) => {
            const vitals = await guard.check(snapshot.step, snapshot.params);
            if (guard.collapse) stop.abort();
            return vitals;
          }),
        signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
        throughput: { unit: "tokens", count: ({ segments }) => (segments.host as Int32Array).filter(Boolean).length },
      });
      if (!guard?.collapse) return result;
      disposeTree(result.params);
    } catch (error) {
      if (!(guard && error instanceof DivergedError)) throw error;
      await guard.diverged(step + 1, error.message);
    }
    return afterCollapse(guard);
  } finally {
    watched.dispose();
  }
}

function checkOptions(options: PreferenceOptions, steps: number): void {
  const { config, pairs, sequenceLength } = options;
  if (sequenceLength > config.maxPositions) {
    throw new ConfigError(
      `preference training: sequenceLength ${sequenceLength} is beyond the model's ${config.maxPositions} positions`,
    );
  }
  if (pairs.length === 0 || !(steps > 0)) {
    throw new ConfigError("preference training: nothing to do", {
      hint: "Give pairs, and epochs or steps above zero.",
    });
  }
}

function afterCollapse({ good, collapse }: CollapseGuard): PreferenceResult {
  return { ...good, stopped: true, loss: null, seconds: 0, collapse: collapse! };
}

/**
 * The loss of one batch with its metrics; see `preferenceLoss`.
 * @param params consumed
 * @param batch consumed
 * @param pairCount pairs in the batch
 */
export function preferenceBatchLoss(
  params: DecoderParams,
  config: DecoderConfig,
  batch: PreferenceBatch,
  loss: PreferenceLoss,
  pairCount: number,
): [loss: np.Array, metrics: Record<string, np.Array>] {
  const { lengths, reference, ...sequences } = batch;
  const count = loss.method === "sft" ? pairCount : 2 * pairCount;
  const logprobs = sequenceLogprobs(params, config, sequences, count); // [sequences]
  tree.dispose(params);
  if (loss.method === "sft") return preferenceLoss(loss, { chosen: logprobs, chosenLengths: lengths });
  const [chosen, rejected] = halves(logprobs, pairCount);
  const [chosenLengths, rejectedLengths] = halves(lengths, pairCount);
  const [referenceChosen, referenceRejected] = reference ? halves(reference, pairCount) : [];
  return preferenceLoss(loss, {
    chosen,
    rejected,
    chosenLengths,
    rejectedLengths,
    referenceChosen,
    referenceRejected,
  });
}

/** Consumes values [2 · pairs]. */
function halves(values: np.Array, pairCount: number): [np.Array, np.Array] {
  const first = values.ref.slice([0, pairCount]);
  return [first, values.slice([pairCount, 2 * pairCount])];
}

type BatchOptions = PreferenceOptions & { steps: number; accumulate: number; reference: number[] | undefined };

/** @returns the batch of index n, of one shape for all n, so that one program is compiled */
function pairBatches({ pairs, loss, sequenceLength, batchSize, seed, steps, accumulate, reference }: BatchOptions) {
  const sample = rowSampler([...pairs.keys()], batchSize, seed);
  const sequencesOf = (drawn: readonly number[]): TokenExample[] => [
    ...drawn.map((index) => pairs[index]!.chosen),
    ...(loss.method === "sft" ? [] : drawn.map((index) => pairs[index]!.rejected)),
  ];
  let rowCount = 0;
  for (let index = 0; index < steps * accumulate; index++)
    rowCount = Math.max(rowCount, placeExamples(sequencesOf(sample(index)), sequenceLength).length);
  return (index: number): Outside<PreferenceBatch> => {
    const drawn = sample(index);
    const sequences = sequencesOf(drawn);
    const batch = {
      ...batchOfSequences(sequences, sequenceLength, rowCount),
      lengths: Tensor.from(Float32Array.from(sequences, responseLength)),
    };
    if (!reference) return batch;
    const known = [...drawn.map((pair) => reference[pair]!), ...drawn.map((pair) => reference[pairs.length + pair]!)];
    return { ...batch, reference: Tensor.from(Float32Array.from(known)) };
  };
}

const ReferenceFile = z.object({ fingerprint: z.string(), logprobs: z.array(z.number()) });

/** Of all chosen responses, then of all rejected ones; computed once and kept beside the checkpoints. */
async function referenceLogprobs(options: PreferenceOptions): Promise<number[]> {
  const { config, params, pairs, sequenceLength, batchSize, checkpointDir } = options;
  const file = checkpointDir && join(checkpointDir, "reference.json");
  const fingerprint = await fingerprintOf(params, pairs);
  const known = file && existsSync(file) ? await readJson(file, ReferenceFile) : undefined;
  if (known?.fingerprint === fingerprint) return known.logprobs;
  const sequences = [...pairs.map(chosenOf), ...pairs.map(({ rejected }) => rejected)];
  const scorer = createSequenceScorer(config, sequences, { sequenceLength, batchSize: 2 * batchSize });
  try {
    const logprobs = await scorer.logprobs(params);
    if (file) await writeJsonAtomic(file, { fingerprint, logprobs });
    return logprobs;
  } finally {
    scorer.dispose();
  }
}

async function fingerprintOf(params: Outside<DecoderParams>, pairs: readonly PreferencePair[]): Promise<string> {
  const hash = createHash("sha256");
  for (const [name, leaf] of namedLeaves<Tensor>(params)) {
    const { buffer, byteOffset, byteLength } = await leaf.data();
    hash.update(name).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  for (const { chosen, rejected } of pairs) hash.update(JSON.stringify([chosen, rejected]));
  return hash.digest("hex");
}

const chosenOf = ({ chosen }: PreferencePair): TokenExample => chosen;

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function usualSchedule(peak: number, steps: number): Schedule {
  return cosine({ peak, steps, warmup: Math.ceil(0.1 * steps) });
}
