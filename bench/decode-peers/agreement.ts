/**
 * Do greedy answers agree? Two implementations round differently, so where two tokens score almost alike either may
 * come first; there the answers part and only what is before counts. Anything else is a fault.
 */
import { type numpy as np, tree } from "@jax-js/jax";
import { compile } from "../../src/compute/compile.ts";
import { Tensor } from "../../src/compute/tensor.ts";
import { type DecoderInputs, type DecoderParams, decoderLogits } from "../../src/language/decoder/index.ts";
import { loadModel } from "../../src/language/hugging-face.ts";

/** Of the range of all scores: how far apart two tokens may be and still count as a tie. */
const tieShare = 1e-4;

export interface Agreement {
  /** Tokens that were compared and equal. */
  equal: number;
  /** In words, of each row that parted at a tie. */
  ties: string[];
  /** In words, of each row that parted elsewhere. */
  faults: string[];
}

/** @param folder of the model; loaded only where answers part */
export async function compareAnswers(
  folder: string,
  prompts: number[][],
  ours: number[][],
  theirs: number[][],
): Promise<Agreement> {
  const result: Agreement = { equal: 0, ties: [], faults: [] };
  for (const [row, own] of ours.entries()) {
    const other = theirs[row]!;
    const parting = own.findIndex((token, at) => token !== other[at]);
    result.equal += parting === -1 ? own.length : parting;
    if (parting === -1) continue;
    const logits = await nextLogits(folder, [...prompts[row]!, ...own.slice(0, parting)]);
    const [a, b] = [own[parting]!, other[parting]!];
    const gap = Math.abs(logits[a]! - logits[b]!);
    const range =
      logits.reduce((most, score) => Math.max(most, score)) - logits.reduce((least, score) => Math.min(least, score));
    const words = `row ${row}, token ${parting}: ${a} and ${b}, whose scores differ by ${gap.toExponential(1)} of a range of ${range.toFixed(1)}`;
    (gap <= tieShare * range ? result.ties : result.faults).push(words);
  }
  return result;
}

async function nextLogits(folder: string, tokens: number[]): Promise<Float32Array> {
  const { config, params } = await loadModel(folder);
  const forward = compile((inside: DecoderParams, inputs: DecoderInputs): np.Array => {
    const logits = decoderLogits(inside, config, inputs);
    tree.dispose(inside);
    return logits;
  });
  const scores = await forward(params, { tokens: Tensor.from(Int32Array.from(tokens), [1, tokens.length]) });
  const all = (await scores.data()) as Float32Array;
  forward.dispose();
  return all.subarray((tokens.length - 1) * config.vocabSize);
}
