/** The verifier of Clinic: two layers of 64, trained on pairs of its world (spec section 6, stage B). */
import type { CommandContext } from "../../../core/command.ts";
import { Random } from "../../../core/random.ts";
import { defineTinyDecoder } from "../../../language/decoder/index.ts";
import type { Side } from "../world/question.ts";
import { clinicInput, drawPairs, verifierTokenizer } from "../world/verifier-pairs.ts";
import { BOS, EOS, PAD } from "../world/vocabulary.ts";
import { initClassifier } from "./classifier.ts";
import { publishedThreshold, type VerifierFolder } from "./folder.ts";
import { verifierTokens } from "./input.ts";
import type { VerifierPair } from "./pairs.ts";
import { trainVerifier, type VerifierTraining, verifierSteps } from "./train.ts";

export const clinicVerifierSettings = { pairs: 32_000, epochs: 8, batchSize: 64, learningRate: 3e-3 } as const;
export type ClinicVerifierSettings = { pairs: number; epochs: number; batchSize: number; learningRate: number };
const shape = { dim: 64, layers: 2, heads: 4 } as const;
const maxPositions = 128;

/** Pairs of one side of the held-out split, the same for the same seed. */
export const clinicPairs = (seed: number, count: number, side: Side): VerifierPair[] =>
  drawPairs(new Random(seed).split("verifier pairs").split(side), count, side);

export interface ClinicVerifierContext
  extends Pick<CommandContext, "progress" | "signal">,
    Pick<VerifierTraining, "checkpointDir" | "checkpointEvery" | "onStep"> {}

/** @returns null when `signal` stopped it */
export async function trainClinicVerifier(
  seed: number,
  { progress, ...context }: ClinicVerifierContext,
  given: Partial<ClinicVerifierSettings> = {},
): Promise<VerifierFolder | null> {
  const settings: ClinicVerifierSettings = { ...clinicVerifierSettings, ...given };
  const tokenizer = verifierTokenizer();
  const ends = [BOS, EOS, PAD].map((token) => tokenizer.tokenId(token)!);
  const config = defineTinyDecoder(shape, { vocabSize: tokenizer.vocabSize, maxPositions, ends });
  const pairs = clinicPairs(seed, settings.pairs, "train");
  const texts = pairs.map((pair) => ({
    tokens: verifierTokens(tokenizer, clinicInput, pair, maxPositions),
    label: pair.label,
  }));
  const total = verifierSteps(texts.length, settings);
  const bar = progress({ label: "train verifier", total, unit: "steps" });
  const trained = await trainVerifier({
    ...context,
    ...settings,
    classifier: { config, params: initClassifier(config, new Random(seed).split("verifier")) },
    texts,
    seed,
    progress: bar,
  });
  bar.stop();
  return trained && { ...trained, tokenizer, settings: { threshold: publishedThreshold, input: clinicInput } };
}
