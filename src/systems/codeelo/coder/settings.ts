/** How the coder is made, and what its evaluation holds. */
import { z } from "zod";

/** Saved beside the model, so that it can be made again. */
export type CoderSettings = z.output<typeof CoderSettings>;
export const CoderSettings = z.object({
  dim: z.int().positive().describe("width of the model"),
  layers: z.int().positive().describe("transformer layers"),
  heads: z.int().positive().describe("attention heads"),
  pairs: z.int().positive().describe("pairs of a statement and its program"),
  steps: z.int().min(10).describe("optimizer steps"),
  batch: z.int().positive().describe("rows of 128 tokens per step"),
  lr: z.number().positive().describe("highest learning rate"),
  seed: z.int().nonnegative().describe("seed of parameters, pairs and order"),
  judged: z.int().positive().describe("problems per family to judge by"),
});

export const FULL_SETTINGS: CoderSettings = {
  dim: 96,
  layers: 3,
  heads: 4,
  pairs: 4000,
  steps: 1000,
  batch: 8,
  lr: 3e-3,
  seed: 0,
  judged: 20,
};

/** Seconds: enough to see it learn the form. */
export const QUICK_SETTINGS: CoderSettings = {
  ...FULL_SETTINGS,
  dim: 32,
  layers: 2,
  pairs: 400,
  steps: 60,
  batch: 4,
  judged: 2,
};

/** Shares of the training after which the model is kept for the experiment. */
export const stageShares = [0.1, 0.3, 1] as const;

const share = z.number().min(0).max(1);

/** Of one family, programs judged one by one; sampled at temperature 1. */
export type FamilyFigures = z.output<typeof FamilyFigures>;
export const FamilyFigures = z.object({
  family: z.string(),
  isHeldOut: z.boolean(),
  problemCount: z.int(),
  pass1: share,
  pass8: share,
});

export type CoderEvaluation = z.output<typeof CoderEvaluation>;
export const CoderEvaluation = z.object({
  settings: CoderSettings,
  parameterCount: z.int(),
  /** Last loss of the training, nats per token. */
  loss: z.number(),
  families: z.array(FamilyFigures),
  /** Means over families: those of the training, and those that it never saw. */
  trained: z.object({ pass1: share, pass8: share }),
  heldOut: z.object({ pass1: share, pass8: share }),
  judge: z.object({ version: z.string(), sandbox: z.string() }),
});
