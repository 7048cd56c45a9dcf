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

export type FrontierPlan = z.output<typeof FrontierPlan>;
export const FrontierPlan = z.object({
  seeds: z.array(z.int()).min(1),
  /** Latent channels and arm of each tokenizer. */
  points: z.array(z.object({ d: z.int().positive(), arm: Arm })).min(1),
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
  /** Steps at which pictures are drawn and judged; the last is the end. */
  budgets: z.array(z.int()).min(1),
  sampleCount: z.int(),
  /** Points of Euler's grid. */
  samplePoints: z.int(),
});

export type FrontierMode = "quick" | "full";

const quickPoints = [
  { d: 4, arm: "unaligned" },
  { d: 32, arm: "unaligned" },
  { d: 32, arm: "aligned" },
  { d: 32, arm: "wrong" },
] as const;

/**
 * Sized for two cores: minutes, or most of an hour.
 * @param seed the first of the seeds
 * @param seedCount default 3; intervals over fewer are too wide to decide anything
 */
export function frontierPlan(mode: FrontierMode, seed: number, seedCount = 3): FrontierPlan {
  const isQuick = mode === "quick";
  const steps = isQuick ? 600 : 1100;
  const morePoints = [
    { d: 16, arm: "unaligned" },
    { d: 32, arm: "cosine" },
    { d: 32, arm: "distances" },
  ];
  return FrontierPlan.parse({
    seeds: Array.from({ length: seedCount }, (_, i) => seed + i),
    points: isQuick ? quickPoints : [...quickPoints, ...morePoints],
    side: isQuick ? 16 : 32,
    trainCount: isQuick ? 2400 : 8000,
    heldOutCount: isQuick ? 600 : 2000,
    // Small pictures show less of a class, and their steps cost a quarter.
    features: { task: "dense", steps: isQuick ? 1200 : 600 },
    judgeSteps: isQuick ? 1500 : 900,
    tokenizerSteps: isQuick ? 600 : 900,
    vfWeight: 0.3,
    generator: { depth: 3, width: 64, heads: 2 },
    recipe: FlowRecipe.parse({ steps, batch: 96, lr: 1e-3, ema: 0.99, clipNorm: 1 }),
    budgets: (isQuick ? [1 / 2, 1] : [1 / 3, 2 / 3, 1]).map((share) => Math.round(share * steps)),
    sampleCount: isQuick ? 600 : 2000,
    samplePoints: 21,
  });
}
