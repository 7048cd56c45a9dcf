/** The trained verifier: right where p = softmax(logits)[1] is above the threshold (spec section 2.2). */
import { contentHash } from "../../../core/canonical.ts";
import { DataError } from "../../../core/errors.ts";
import type { Verdict, Verifier } from "../search/verifiers.ts";
import { createScorer } from "./classifier.ts";
import type { VerifierFolder } from "./folder.ts";
import { verifierTokens } from "./input.ts";

interface Judged {
  response: string;
  reference: string;
}

export interface TrainedVerifier extends Verifier {
  threshold: number;
  /**
   * The probability of "right" for each response beside its reference.
   * @throws DataError for a text that is too long, or that the verifier's vocabulary cannot spell
   */
  scores(pairs: readonly Judged[]): Promise<number[]>;
  /** Verdicts on all of them, in few batches; null for a text that cannot be read whole. */
  verifyAll(pairs: readonly Judged[]): Promise<Verdict[]>;
  dispose(): void;
}

/** @param folder borrowed @param threshold in place of the folder's own */
export function trainedVerifier(
  folder: VerifierFolder,
  name = "trained",
  threshold = folder.settings.threshold,
): TrainedVerifier {
  const { config, tokenizer, settings } = folder;
  const scorer = createScorer(folder);
  const tokensOf = (pair: Judged) => verifierTokens(tokenizer, settings.input, pair, config.maxPositions);
  const verifyAll = async (pairs: readonly Judged[]): Promise<Verdict[]> => {
    const texts = pairs.map((pair) => readable(() => tokensOf(pair)));
    const scores = await scorer.scores(texts.filter((tokens) => tokens !== null));
    let next = 0;
    return texts.map((tokens) => (tokens === null ? null : scores[next++]! > threshold));
  };
  return {
    name: `trained:${name}`,
    settings: { threshold, input: contentHash(settings.input) },
    threshold,
    scores: (pairs) => scorer.scores(pairs.map(tokensOf)),
    verifyAll,
    verify: async (response, reference) => (await verifyAll([{ response, reference }]))[0]!,
    dispose: () => scorer.dispose(),
  };
}

/** A policy under training may say anything: what cannot be read is no verdict, and no reason to stop. */
function readable(tokens: () => number[]): number[] | null {
  try {
    return tokens();
  } catch (error) {
    if (error instanceof DataError) return null;
    throw error;
  }
}
