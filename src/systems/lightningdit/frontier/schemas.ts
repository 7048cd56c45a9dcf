/** One tokenizer of the frontier and the generator trained on its latents, measured. */
import { z } from "zod";
import { GenerationEvaluation, LatentHealth, TokenizerEvaluation } from "../schemas.ts";
import { Arm } from "./plan.ts";

export type Measurement = z.output<typeof Measurement>;
export const Measurement = z.object({
  seed: z.int(),
  d: z.int(),
  arm: Arm,
  reconstruction: TokenizerEvaluation,
  health: LatentHealth,
  /** At each budget, in order. */
  generation: z.array(z.object({ step: z.int(), evaluation: GenerationEvaluation })).min(1),
  /** At the last budget, drawn with guidance. */
  guided: GenerationEvaluation,
});

/** At the last budget. */
export function finalGeneration({ generation }: Measurement): GenerationEvaluation {
  return generation.at(-1)!.evaluation;
}
