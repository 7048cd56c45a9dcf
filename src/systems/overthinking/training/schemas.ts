/** Shapes of a self-training round: what it takes, and what `evaluation.json` of the trained model says. */
import { z } from "zod";
import { Collapse, PreferenceLoss, PreferenceMethod } from "../../../language/train/index.ts";
import { Figures, PositiveKind } from "../schemas.ts";

/** How a round is made; saved beside the model, so that it can be made again. */
export type RoundSettings = z.output<typeof RoundSettings>;
export const RoundSettings = z.object({
  method: PreferenceMethod.describe("loss: simpo (default), dpo, rpo, or sft on the chosen responses"),
  positive: PositiveKind.describe("what a chosen response is made of (default fcs-reflection)"),
  problems: z.int().positive().describe("fresh problems to sample (default 1500)"),
  samples: z.int().min(2).describe("answers to each, at temperature 1 (default 10)"),
  epochs: z.number().positive().describe("passes over the pairs (default 2)"),
  batch: z.int().positive().describe("pairs per step (default 32)"),
  rates: z
    .array(z.coerce.number().positive())
    .min(1)
    .describe("learning rates to choose from on validation problems (default 3e-5 5e-5; with --pairs 1e-6)"),
  beta: z
    .number()
    .positive()
    .optional()
    .describe("strength of the preference (default 2 for simpo, 0.1 for dpo and rpo)"),
  gamma: z.number().nonnegative().optional().describe("simpo's margin (default 0.5)"),
  alpha: z.number().nonnegative().optional().describe("rpo's share of likelihood (default 1)"),
  seed: z.int().nonnegative().describe("seed of problems, samples and order (default 0)"),
  validation: z.int().positive().describe("problems to choose the rate by and to watch for collapse (default 200)"),
  testPerLevel: z.int().positive().describe("held-out problems per level to judge by (default 200)"),
  testSamples: z.int().positive().describe("answers to each of them at temperature 1 (default 4)"),
});

const Bounds = z.object({ value: z.number(), low: z.number(), high: z.number(), level: z.number() });

/** What changed at one level, or over all, with 95 % intervals. */
export type LevelChange = z.output<typeof LevelChange>;
export const LevelChange = z.object({
  level: z.union([z.literal("all"), z.int().min(1).max(5)]),
  /** Share of tokens saved. */
  tokenCut: Bounds,
  /** After minus before, shares. */
  accuracy: Bounds,
  /** After minus before. */
  solutions: Bounds,
});

export type RateTrial = z.output<typeof RateTrial>;
export const RateTrial = z.object({
  lr: z.number(),
  steps: z.int(),
  accuracy: z.number(),
  tokenCount: z.number(),
  collapse: Collapse.nullable(),
});

export type RoundEvaluation = z.output<typeof RoundEvaluation>;
export const RoundEvaluation = z.object({
  settings: RoundSettings,
  loss: PreferenceLoss,
  parameterCount: z.int(),
  sampling: z.object({ traceCount: z.int(), tokenCount: z.int(), tokensPerSecond: z.number(), accuracy: z.number() }),
  pairs: z.object({
    count: z.int(),
    dropped: z.record(z.string(), z.int()),
    chosenTokens: z.number(),
    rejectedTokens: z.number(),
    chosenSolutions: z.number(),
    rejectedSolutions: z.number(),
  }),
  /** Of the model before training, on the validation problems. */
  validationBase: z.object({ accuracy: z.number(), tokenCount: z.number(), problemCount: z.int() }),
  trials: z.array(RateTrial),
  chosenRate: z.number(),
  before: z.object({ greedy: z.array(Figures), sampled: z.array(Figures) }),
  greedy: z.array(Figures),
  sampled: z.array(Figures).describe("temperature 1"),
  /** `together`: over greedy and sampled answers, which the accuracy gate looks at. */
  changes: z.object({ greedy: z.array(LevelChange), sampled: z.array(LevelChange), together: z.array(LevelChange) }),
});
