/**
 * Log-probabilities of whole responses: what every preference loss is made of (papers/overthinking section 2.7).
 * Texts of unequal length are packed into rows as for `sft`; each place knows which sequence it belongs to, so the sum
 * over a response is one masked sum and padding costs nothing but its place.
 */
import "../../compute/compile.ts"; // before jax-js, which looks for workers when it is loaded
import { nn, numpy as np, tree } from "@jax-js/jax";
import { compile } from "../../compute/compile.ts";
import { type Outside, Tensor } from "../../compute/tensor.ts";
import { disposeTree } from "../../compute/tree.ts";
import type { DecoderConfig } from "../decoder/config.ts";
import { type DecoderParams, decoderLogits } from "../decoder/decoder.ts";
import { batchOfRows, type SftBatch } from "./batches.ts";
import { fillRow, placeExamples, type TokenExample } from "./packing.ts";

export type SequenceBatch = SftBatch & {
  /** The sequence that each place belongs to, from 1; 0 is padding. */
  owners: np.Array; // [rows, length] int32
};

/**
 * Summed log-probability of the marked targets of each sequence.
 * @param params borrowed
 * @param batch consumed
 * @param count sequences in the batch
 * @returns [count], nats; 0 for a number that owns no place
 */
export function sequenceLogprobs(
  params: DecoderParams,
  config: DecoderConfig,
  batch: SequenceBatch,
  count: number,
): np.Array {
  const { targets, weights, owners, ...inputs } = batch;
  const logits = decoderLogits(params, config, inputs).reshape([-1, config.vocabSize]); // [places, vocab]
  const logprobs = targetLogprobs(logits, targets.reshape([-1])).mul(weights.reshape([-1])); // [places]
  return sumByOwner(logprobs, owners.reshape([-1]), count);
}

/**
 * Log-probability of what follows each place. The target's logit is picked by comparison and not by gather, as in
 * crossEntropy: the gradient is a subtraction instead of a scatter.
 * @param logits consumed; [places, vocab]
 * @param targets consumed; int32 [places]
 * @returns [places], nats
 */
export function targetLogprobs(logits: np.Array, targets: np.Array): np.Array {
  const isTarget = np.equal(targets.reshape([-1, 1]), np.arange(logits.shape[1]!));
  const total = nn.logsumexp(logits.ref, -1);
  return np.where(isTarget, logits, 0).sum(-1).sub(total);
}

/**
 * Sums over the places of each sequence; those of owner 0 are left out.
 * @param values consumed; [places]
 * @param owners consumed; int32 [places], sequences from 1
 * @returns [count]
 */
export function sumByOwner(values: np.Array, owners: np.Array, count: number): np.Array {
  const isOwn = np.equal(owners.reshape([1, -1]), np.arange(count).add(1).reshape([count, 1])); // [count, places]
  return np.where(isOwn, values.reshape([1, -1]), 0).sum(-1);
}

/**
 * The tensors of several sequences; sequence i owns the places marked i + 1.
 * @param rowCount rows of the batch, so that batches of other lengths have one shape; default as many as are needed
 */
export function batchOfSequences(
  sequences: readonly TokenExample[],
  length: number,
  rowCount?: number,
): Outside<SequenceBatch> {
  const places = placeExamples(sequences, length);
  const rows = places.map((row) =>
    fillRow(
      row.map((index) => sequences[index]!),
      length,
    ),
  );
  const count = rowCount ?? rows.length;
  const owners = new Int32Array(count * length);
  for (const [index, { segments }] of rows.entries()) {
    for (let at = 0; at < length; at++) {
      const segment = segments[at]!;
      if (segment > 0) owners[index * length + at] = places[index]![segment - 1]! + 1;
    }
  }
  const padded = Array.from({ length: count }, (_, index) => rows[index]);
  return { ...batchOfRows(padded), owners: Tensor.from(owners, [count, length]) };
}

/** Tokens of the response: those that are learned. The first token of a text is no target. */
export const responseLength = ({ trained }: TokenExample): number =>
  trained.reduce((count, isTrained, at) => count + Number(isTrained && at > 0), 0);

export interface SequenceScorer {
  /** Summed log-probability of each sequence, in nats. Parameters are borrowed. */
  logprobs(params: Outside<DecoderParams>): Promise<number[]>;
  dispose(): void;
}

/** @param options.batchSize sequences at a time; default 32 */
export function createSequenceScorer(
  config: DecoderConfig,
  sequences: readonly TokenExample[],
  { sequenceLength, batchSize = 32 }: { sequenceLength: number; batchSize?: number },
): SequenceScorer {
  const chunks: TokenExample[][] = [];
  for (let start = 0; start < sequences.length; start += batchSize)
    chunks.push(sequences.slice(start, start + batchSize));
  const rowCount = Math.max(0, ...chunks.map((chunk) => placeExamples(chunk, sequenceLength).length));
  const program = compile(
    (params: DecoderParams, batch: SequenceBatch) => {
      const sums = sequenceLogprobs(params, config, batch, batchSize);
      tree.dispose(params);
      return sums;
    },
    { name: "sequence log-probabilities" },
  );
  return {
    async logprobs(params) {
      const all: number[] = [];
      for (const chunk of chunks) {
        const batch = batchOfSequences(chunk, sequenceLength, rowCount);
        const sums = await program(params, batch);
        all.push(...Array.from(await sums.data()).slice(0, chunk.length));
        disposeTree({ sums, batch });
      }
      return all;
    },
    dispose: () => program.dispose(),
  };
}
