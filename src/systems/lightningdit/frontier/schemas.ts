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
  /** The budget, in steps, at which generators are compared. */
  judgedAt: z.int(),
  /** At each budget, in order; later ones than `judgedAt` tell what is left of a difference. */
  generation: z.array(z.object({ step: z.int(), evaluation: GenerationEvaluation })).min(1),
  /** At the last budget of all, drawn with guidance. */
  guided: GenerationEvaluation,
});

/** At the budget at which generators are compared. */
export function judgedGeneration({ generation, judgedAt }: Measurement): GenerationEvaluation {
  return generation.find(({ step }) => step === judgedAt)!.evaluation;
}

/** At the last budget. */
export function lastGeneration({ generation }: Measurement): GenerationEvaluation {
  return generation.at(-1)!.evaluation;
}
