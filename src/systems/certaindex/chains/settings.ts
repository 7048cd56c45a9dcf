/** How the model is made, and what its evaluation holds. */
import { z } from "zod";

/** Saved beside the model, so that it can be made again. */
export type ChainsSettings = z.output<typeof ChainsSettings>;
export const ChainsSettings = z.object({
  dim: z.int().positive().describe("width of the model"),
  layers: z.int().positive().describe("transformer layers"),
  heads: z.int().positive().describe("attention heads"),
  lessons: z.int().positive().describe("texts in the corpus"),
  steps: z.int().positive().describe("optimizer steps"),
  batch: z.int().positive().describe("rows of 192 tokens per step"),
  lr: z.number().positive().describe("highest learning rate"),
  seed: z.int().nonnegative().describe("seed of parameters, corpus and order"),
  judged: z.int().positive().describe("held-out questions per class to judge by"),
});

export const FULL_SETTINGS: ChainsSettings = {
  dim: 48,
  layers: 3,
  heads: 4,
  lessons: 100_000,
  steps: 10_000,
  batch: 12,
  lr: 3e-3,
  seed: 0,
  judged: 100,
};

/** A minute: enough to see it learn the form. */
export const QUICK_SETTINGS: ChainsSettings = { ...FULL_SETTINGS, lessons: 4000, steps: 300, judged: 10 };

const share = z.number().min(0).max(1);

/** Of one class of questions, in fast mode at temperature 1. */
export type ClassFigures = z.output<typeof ClassFigures>;
export const ClassFigures = z.object({
  class: z.string(),
  questionCount: z.int(),
  single: share.describe("answers right, one by one"),
  majority8: share.describe("right by majority of 8 answers"),
  majority20: share.describe("right by majority of 20 answers"),
  unanimous5: share.describe("first 5 answers agree"),
  tokenCount: z.number().describe("mean tokens per answer"),
  malformed: share.describe("answers with a fault of form"),
});

export type ChainsEvaluation = z.output<typeof ChainsEvaluation>;
export const ChainsEvaluation = z.object({
  settings: ChainsSettings,
  parameterCount: z.int(),
  /** Last loss of the training, nats per token. */
  loss: z.number(),
  fast: z.array(ClassFigures),
  /** Majority of 20 minus majority of 8 answers on the mix that the claim judges, in points. */
  evenGain: z.number(),
  think: z.object({
    clean: share.describe("clean questions answered right"),
    passCount: z.number().describe("mean passes through the chain"),
    tokenCount: z.number(),
    probe: share.describe("probes answered with the current state"),
  }),
  verdict: z.object({
    right: share.describe("own answers without a wrong state that are called ok"),
    wrong: share.describe("own answers with a wrong state that are called off"),
    auc: share.describe("chance that a right answer has the higher reward"),
    slipAuc: share.describe("the same for prefixes with a planted slip of arithmetic"),
  }),
});
