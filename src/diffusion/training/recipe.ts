/**
 * How a flow is trained. The defaults are LightningDiT's 64-epoch run on ImageNet (Yao et al. 2025, table 8 and the
 * configuration file of the checkpoint), except for the number of steps and the batch, which belong to a data set.
 */
import { z } from "zod";

export type FlowRecipe = z.output<typeof FlowRecipe>;
export const FlowRecipe = z.object({
  steps: z.int().positive().describe("optimizer steps in all"),
  batch: z.int().positive().describe("examples per step"),
  lr: z.number().positive().default(2e-4).describe("learning rate, constant"),
  beta1: z.number().min(0).lt(1).default(0.9).describe("of AdamW's mean of gradients"),
  beta2: z.number().min(0).lt(1).default(0.95).describe("of AdamW's mean of squares"),
  ema: z.number().min(0).lt(1).default(0.9999).describe("decay of the averaged weights, from which samples are drawn"),
  clipNorm: z.number().positive().optional().describe("largest norm of a gradient (default: no limit)"),
  timesteps: z.enum(["lognormal", "uniform"]).default("lognormal").describe("law of the times looked at"),
  uniformFrom: z.int().nonnegative().optional().describe("step from which times are uniform (default: never)"),
  direction: z.boolean().default(true).describe("add the loss of the velocity's direction"),
  labelDropout: z.number().min(0).max(1).default(0.1).describe("share of examples without their label, for guidance"),
});
