/** Shapes that leave this system: what training takes, and what evaluation writes. */
import { z } from "zod";

/** How the reasoner is made; saved beside it, so that it can be made again. */
export type ReasonerSettings = z.output<typeof ReasonerSettings>;
export const ReasonerSettings = z.object({
  dim: z.int().positive().describe("width of the model"),
  layers: z.int().positive().describe("transformer layers"),
  heads: z.int().positive().describe("attention heads"),
  lessons: z.int().positive().describe("teacher traces in the corpus"),
  steps: z.int().positive().describe("optimizer steps"),
  batch: z.int().positive().describe("rows of 320 tokens per step"),
  lr: z.number().positive().describe("highest learning rate"),
  seed: z.int().nonnegative().describe("seed of parameters, corpus and order"),
  testPerLevel: z.int().positive().describe("held-out problems per level to judge by"),
});

const share = z.number().min(0).max(1);

export type Figures = z.output<typeof Figures>;
export const Figures = z.object({
  level: z.union([z.literal("all"), z.int().min(1).max(5)]),
  problemCount: z.int(),
  accuracy: share,
  /** Clopper-Pearson, 95 %. */
  accuracyInterval: z.tuple([share, share]),
  firstCorrect: share.describe("first solution right"),
  solutionCount: z.number().describe("mean solutions per response"),
  tokenCount: z.number().describe("mean reasoning tokens per response"),
  outcome: share.describe("outcome efficiency, xi_O"),
  process: share.describe("process efficiency, xi_P"),
  malformed: share.describe("responses with any fault of form"),
});

/** evaluation.json of a reasoner. */
export type ReasonerEvaluation = z.output<typeof ReasonerEvaluation>;
export const ReasonerEvaluation = z.object({
  settings: ReasonerSettings,
  parameterCount: z.int(),
  greedy: z.array(Figures),
  sampled: z.array(Figures).describe("temperature 1"),
});
