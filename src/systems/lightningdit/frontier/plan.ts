/**
 * What is measured on the frontier between reconstruction and generation: tokenizers of several widths, aligned or not,
 * and for each the same small generator trained for the same number of steps.
 */
import { z } from "zod";
import { DitConfig, FlowRecipe } from "../../../diffusion/index.ts";
import { FeatureTask } from "../schemas.ts";

/**
 * unaligned  no vision-foundation loss
 * aligned    both of its terms
 * wrong      a control: both terms, to the features of another picture
 * cosine, distances   one of its terms alone
 */
export type Arm = z.output<typeof Arm>;
export const Arm = z.enum(["unaligned", "aligned", "wrong", "cosine", "distances"]);

export type FrontierPoint = z.output<typeof FrontierPoint>;
export const FrontierPoint = z.object({ d: z.int().positive(), arm: Arm });

export type FrontierPlan = z.output<typeof FrontierPlan>;
export const FrontierPlan = z.object({
  seeds: z.array(z.int()).min(1),
  /** Latent channels and arm of each tokenizer, for every seed. */
  points: z.array(FrontierPoint).min(1),
  /** Further ones for the first seed alone: shown, not judged. */
  sidePoints: z.array(FrontierPoint),
  /** Pixels of a picture's side: 16 with a downsampling of 4, or 32 with 8; the latents are a grid of 4 either way. */
  side: z.literal([16, 32]),
  /** Pictures to learn from and held out, per seed of the world. */
  trainCount: z.int(),
  heldOutCount: z.int(),
  /** How the net learns that latents are aligned to; the judge always learns from factors. */
  features: z.object({ task: FeatureTask, steps: z.int() }),
  judgeSteps: z.int(),
  tokenizerSteps: z.int(),
  vfWeight: z.number(),
  generator: DitConfig.pick({ depth: true, width: true, heads: true }),
  recipe: FlowRecipe,
  /** Steps at which pictures are drawn and measured; the last is the end. */
  budgets: z.array(z.int()).min(1),
  /** The one of them at which generators are compared. */
  judgedAt: z.int(),
  sampleCount: z.int(),
  /** Points of Euler's grid. */
  samplePoints: z.int(),
  /** Scale of guidance for one more set of pictures at the end; all others are drawn without. */
  guidance: z.number(),
});

export type FrontierMode = "quick" | "full";

const mainPoints = [
  { d: 4, arm: "unaligned" },
  { d: 32, arm: "unaligned" },
  { d: 32, arm: "aligned" },
  { d: 32, arm: "wrong" },
] as const;

/**
 * Sized for two cores: minutes, or most of an hour. Tokenizers come first in the budget: while they blur more than the
 * generator errs, the Fréchet distance of its pictures measures the blur.
 * @param seed the first of the seeds
 */
export function frontierPlan(mode: FrontierMode, seed: number, seedCount: number): FrontierPlan {
  const isQuick = mode === "quick";
  const judgedAt = 500;
  const steps = isQuick ? judgedAt : 2 * judgedAt;
  return FrontierPlan.parse({
    seeds: Array.from({ length: seedCount }, (_, i) => seed + i),
    points: mainPoints,
    sidePoints: isQuick
      ? []
      : [
          { d: 16, arm: "unaligned" },
          { d: 32, arm: "cosine" },
          { d: 32, arm: "distances" },
        ],
    side: 16,
    trainCount: isQuick ? 4000 : 8000,
    heldOutCount: isQuick ? 600 : 1500,
    features: { task: "dense", steps: 1200 },
    judgeSteps: 1500,
    tokenizerSteps: isQuick ? 1000 : 2400,
    vfWeight: 0.3,
    generator: { depth: 3, width: 64, heads: 2 },
    recipe: FlowRecipe.parse({ steps, batch: 96, lr: 2e-3, ema: 0.99, clipNorm: 1 }),
    budgets: [250, 375, judgedAt, ...(isQuick ? [] : [steps])],
    judgedAt,
    sampleCount: isQuick ? 600 : 1500,
    samplePoints: 21,
    guidance: 3,
  });
}
