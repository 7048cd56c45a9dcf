/**
 * Shapes and switches of a latent diffusion transformer.
 * Source: Yao et al. 2025, arXiv 2501.01423 (LightningDiT), section 4 and table 8; sizes after Peebles and Xie 2023.
 */
import { z } from "zod";
import { ConfigError } from "../../core/errors.ts";

export type DitConfig = z.output<typeof DitConfig>;
export const DitConfig = z.object({
  depth: z.int().positive().describe("blocks"),
  width: z.int().positive().describe("numbers per token"),
  heads: z.int().positive().describe("attention heads"),
  patch: z.int().positive().default(1).describe("latent positions per token, along each axis"),
  /** Of the latents, along each axis. */
  grid: z.int().positive().describe("latent positions along each axis"),
  channels: z.int().positive().describe("channels of the latents"),
  classes: z.int().positive().describe("classes; one more row of the table stands for no label"),
  rmsNorm: z.boolean().default(true).describe("RMSNorm with a weight, else LayerNorm without"),
  swiglu: z.boolean().default(true).describe("SwiGLU feed-forward, else GELU"),
  rope: z.boolean().default(true).describe("rotary positions in two dimensions, besides the fixed table"),
  qkNorm: z.boolean().default(false).describe("normalise queries and keys of each head: steadier training"),
  shift: z.boolean().default(true).describe("modulate by shift and scale, else by scale alone"),
});

/** The published sizes, by the names of their checkpoints without the patch: "XL" of "LightningDiT-XL/1". */
export const ditSizes = {
  B: { depth: 12, width: 768, heads: 12 },
  L: { depth: 24, width: 1024, heads: 16 },
  XL: { depth: 28, width: 1152, heads: 16 },
  "1p0B": { depth: 24, width: 1536, heads: 24 },
  "1p6B": { depth: 28, width: 1792, heads: 28 },
  /** Ours: trains in minutes on two cores. */
  nano: { depth: 4, width: 96, heads: 4 },
} as const;

/** Tokens along each axis. @throws ConfigError when the patch does not divide the grid */
export function tokensPerAxis({ grid, patch }: Pick<DitConfig, "grid" | "patch">): number {
  if (grid % patch !== 0) throw new ConfigError(`transformer: patches of ${patch} do not divide a grid of ${grid}`);
  return grid / patch;
}

/** Of the feed-forward block: two thirds of four times the width where it is gated, so that both kinds weigh alike. */
export function hiddenWidth({ width, swiglu }: Pick<DitConfig, "width" | "swiglu">): number {
  return swiglu ? Math.floor((2 / 3) * (4 * width)) : 4 * width;
}

/** @throws ConfigError naming the numbers that do not fit */
export function checkDitConfig(config: DitConfig): void {
  const { width, heads, rope } = config;
  tokensPerAxis(config);
  if (width % heads !== 0) throw new ConfigError(`transformer: ${heads} heads do not divide the width ${width}`);
  if (width % 4 !== 0)
    throw new ConfigError(
      `transformer: width ${width}: the position table needs a multiple of 4 (sine and cosine of two axes)`,
    );
  if (rope && (width / heads) % 4 !== 0)
    throw new ConfigError(`transformer: ${width / heads} numbers per head: rotary positions need a multiple of 4`, {
      hint: "They turn pairs, and each axis has half of them.",
    });
}
