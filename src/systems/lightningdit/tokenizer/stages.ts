/** A declarative schedule of losses: which numbers hold at a step. */
import { Tensor } from "../../../compute/tensor.ts";
import type { TokenizerSettings, TokenizerStage } from "../schemas.ts";

export function totalSteps({ stages }: Pick<TokenizerSettings, "stages">): number {
  return stages.reduce((sum, { steps }) => sum + steps, 0);
}

/** @param step 0 for the first @returns the stage it falls into, and how many of the stage's steps were before it */
export function stageAt(
  { stages }: Pick<TokenizerSettings, "stages">,
  step: number,
): { stage: TokenizerStage; within: number } {
  let within = step;
  for (const stage of stages) {
    if (within < stage.steps) return { stage, within };
    within -= stage.steps;
  }
  return { stage: stages.at(-1)!, within: within + stages.at(-1)!.steps };
}

/** Whether any stage ever uses a term: parts that are never used are not made. */
export function everUses(
  { stages }: Pick<TokenizerSettings, "stages">,
  term: "adversaryWeight" | "vfWeight" | "perceptualWeight",
): boolean {
  return stages.some((stage) => stage[term] > 0);
}

export interface StageInputs {
  /** For the vision-foundation loss; not asked for where its weight is 0. */
  features(): Promise<Tensor>;
  /** Parameters of the perceptual net. */
  frozen: unknown;
}

/** The part of a batch that the schedule decides. Groups of weight 0 are left out, and with them the work. */
export async function scheduledTerms(settings: TokenizerSettings, step: number, { features, frozen }: StageInputs) {
  const { stage, within } = stageAt(settings, step);
  const { klWeight, perceptualWeight, adversaryWeight, adversaryFrom, vfWeight, cosMargin, distmatMargin, mcos, mdms } =
    stage;
  const numbers = <Key extends string>(values: Record<Key, number>) =>
    Object.fromEntries(Object.entries<number>(values).map(([name, value]) => [name, Tensor.from(value)])) as Record<
      Key,
      Tensor
    >;
  return {
    klWeight: Tensor.from(klWeight),
    ...(perceptualWeight > 0 && { perceptual: { weight: Tensor.from(perceptualWeight), frozen } }),
    ...(adversaryWeight > 0 && within >= adversaryFrom && { adversary: numbers({ weight: adversaryWeight }) }),
    ...(vfWeight > 0 && {
      vf: { ...numbers({ weight: vfWeight, cosMargin, distmatMargin, mcos, mdms }), features: await features() },
    }),
  };
}
