/** A verifier trained, measured on what it did not see, and saved: the clinic's own, or one from pairs of the user's. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { CommandContext } from "../../../core/command.ts";
import { UsageError } from "../../../core/errors.ts";
import { Random } from "../../../core/random.ts";
import type { Interval } from "../../../core/statistics/index.ts";
import { loadModel } from "../../../language/hugging-face.ts";
import { loadTokenizer } from "../../../language/tokenizers/index.ts";
import { exactMatch } from "../search/verifiers.ts";
import { figuresAt } from "./calibrate.ts";
import { initScore } from "./classifier.ts";
import { clinicPairs, clinicVerifierSettings, trainClinicVerifier } from "./clinic-verifier.ts";
import { saveVerifier, type VerifierFolder } from "./folder.ts";
import { defaultInput, verifierTokens } from "./input.ts";
import { readPairs, type VerifierPair } from "./pairs.ts";
import { trainVerifier, verifierSteps } from "./train.ts";
import { trainedVerifier } from "./trained.ts";

export interface VerifierContext extends Pick<CommandContext, "progress" | "signal"> {
  /** Checkpoints. */
  dir: string;
  out: string;
  threshold: number;
  seed: number;
}

export interface VerifierOutcome {
  out: string;
  /** Trained on. */
  pairs: number;
  steps: number;
  heldOut: number;
  /** Agreement with the labels of the pairs held out. */
  exact: Interval;
  trained: Interval;
}

/** The authors read 4,000 tokens at most. */
const longestInput = 4000;
/** Of the pairs that a user brings. */
const heldOutShare = 0.1;

/** @returns null when `signal` stopped it */
export async function trainClinic(context: VerifierContext): Promise<VerifierOutcome | null> {
  const { dir, seed } = context;
  const trained = await trainClinicVerifier(seed, { ...context, checkpointDir: dir });
  const { pairs, ...settings } = clinicVerifierSettings;
  return (
    trained &&
    finish(trained, clinicPairs(seed, 1000, "test"), { pairs, steps: verifierSteps(pairs, settings) }, context)
  );
}

export interface PairTraining {
  file: string;
  base: string;
  epochs: number;
  batch: number;
  lr: number;
}

/** @returns null when `signal` stopped it */
export async function trainFromBase(
  { file, base, epochs, batch: batchSize, lr: learningRate }: PairTraining,
  context: VerifierContext,
): Promise<VerifierOutcome | null> {
  const { dir, seed, signal, threshold } = context;
  if (!existsSync(join(base, "config.json"))) {
    throw new UsageError(`${base} is no model folder: it has no config.json`, {
      hint: "Give the folder of a Llama or Qwen model in Hugging Face format, downloaded whole.",
    });
  }
  const [{ config, params }, tokenizer, all] = await Promise.all([
    loadModel(base),
    loadTokenizer(base),
    readPairs(file),
  ]);
  const shuffled = new Random(seed).split("verifier held out").shuffle(all);
  const heldOutCount = Math.max(1, Math.floor(heldOutShare * shuffled.length));
  const [heldOut, pairs] = [shuffled.slice(0, heldOutCount), shuffled.slice(heldOutCount)];
  const longest = Math.min(config.maxPositions, longestInput);
  const texts = pairs.map((pair) => ({
    tokens: verifierTokens(tokenizer, defaultInput, pair, longest),
    label: pair.label,
  }));
  const steps = verifierSteps(texts.length, { epochs, batchSize });
  const bar = context.progress({ label: "train verifier", total: steps, unit: "steps" });
  const trained = await trainVerifier({
    ...{ texts, epochs, batchSize, learningRate, seed, signal },
    classifier: {
      config: { ...config, tieWordEmbeddings: true },
      params: { model: params.model, score: { weight: initScore(config, new Random(seed).split("verifier")) } },
    },
    checkpointDir: dir,
    progress: bar,
  });
  bar.stop();
  const settings = { threshold, input: defaultInput };
  return trained && finish({ ...trained, tokenizer, settings }, heldOut, { pairs: pairs.length, steps }, context);
}

async function finish(
  verifier: VerifierFolder,
  heldOut: readonly VerifierPair[],
  known: Pick<VerifierOutcome, "pairs" | "steps">,
  { out, threshold }: VerifierContext,
): Promise<VerifierOutcome> {
  const settings = { ...verifier.settings, threshold };
  await saveVerifier(out, { ...verifier, settings });
  const scorer = trainedVerifier(verifier, out, threshold);
  const scores = await scorer.scores(heldOut);
  scorer.dispose();
  const accuracy = (score: (pair: VerifierPair, index: number) => number, at: number) =>
    figuresAt(
      heldOut.map((pair, index) => ({ label: pair.label, score: score(pair, index) })),
      at,
    ).accuracy;
  return {
    ...{ out, ...known },
    heldOut: heldOut.length,
    exact: accuracy(({ response, reference }) => Number(exactMatch(response, reference)), 0.5),
    trained: accuracy((_, index) => scores[index]!, threshold),
  };
}
