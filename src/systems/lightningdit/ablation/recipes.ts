/**
 * LightningDiT's recipe with one part taken out at a time. The paper adds them one after another to a DiT; taking each
 * out of the whole asks the same of every part and needs no order.
 * Source: Yao et al. 2025, table 2.
 */
import type { DitConfig, FlowRecipe } from "../../../diffusion/index.ts";

export interface Variant {
  name: string;
  /** What the paper's table says of adding it: FID before and after. */
  published: [before: number, after: number] | null;
  config?: Partial<DitConfig>;
  recipe?: Partial<FlowRecipe>;
}

/** The first is the whole recipe. */
export const variants: readonly Variant[] = [
  { name: "whole recipe", published: null },
  { name: "without lognormal times", published: [16.61, 13.99], recipe: { timesteps: "uniform" } },
  { name: "without the direction loss", published: [13.99, 12.52], recipe: { direction: false } },
  { name: "without SwiGLU", published: [12.52, 10.1], config: { swiglu: false } },
  { name: "without RMSNorm", published: [10.1, 9.25], config: { rmsNorm: false } },
  { name: "without rotary positions", published: [9.25, 7.13], config: { rope: false } },
  { name: "with beta2 0.999", published: [16.61, 16.59], recipe: { beta2: 0.999 } },
];
