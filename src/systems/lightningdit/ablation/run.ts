/** Trains the generator once per variant and seed, on the latents of one tokenizer, and judges them alike. */
import { join } from "node:path";
import { trainDit } from "../../../diffusion/index.ts";
import type { Arm, FrontierPlan } from "../frontier/index.ts";
import { keep } from "../frontier/keep.ts";
import { createBudgetJudge, generatorConfig, openPointLatents, tokenizerOf } from "../frontier/measure-point.ts";
import { type ExperimentContext, openShared } from "../frontier/shared.ts";
import { GenerationEvaluation } from "../schemas.ts";
import { type Variant, variants } from "./recipes.ts";

export interface AblationRow {
  variant: Variant;
  seed: number;
  evaluation: GenerationEvaluation;
}

/** @param point the tokenizer whose latents are learned @returns null when `signal` stopped it */
export async function runAblation(
  plan: FrontierPlan,
  point: { d: number; arm: Arm },
  context: ExperimentContext,
): Promise<AblationRow[] | null> {
  const shared = await openShared(plan, { ...context, dir: join(context.dir, "nets") });
  if (!shared) return null;
  const dir = join(context.dir, `d${point.d}-${point.arm}`);
  const job = { ...point, seed: plan.seeds[0]!, plan, shared };
  const tokenizer = await tokenizerOf(job, { ...context, dir });
  if (!tokenizer) return null;
  const rows: AblationRow[] = [];
  try {
    const latents = await openPointLatents(job, tokenizer, { ...context, dir });
    if (!latents) return null;
    for (const seed of plan.seeds) {
      for (const variant of variants) {
        const own = join(context.dir, `seed-${seed}`, variant.name.replaceAll(" ", "-"));
        const evaluation = await keep(join(own, "evaluation.json"), GenerationEvaluation, async () => {
          const config = { ...generatorConfig(plan, tokenizer, shared.train.classNames.length), ...variant.config };
          const progress = context.progress({
            label: `seed ${seed}: ${variant.name}`,
            total: plan.recipe.steps,
            unit: "steps",
          });
          const trained = await trainDit({
            config,
            recipe: { ...plan.recipe, ...variant.recipe },
            seed,
            examples: latents.examples,
            checkpointDir: join(own, "generator"),
            progress,
            signal: context.signal,
          });
          progress.stop();
          if (trained.stopped) return null;
          const judge = createBudgetJudge(
            { plan, shared, tokenizer, config, stats: latents.stats, seed },
            { ...context, dir: own },
          );
          return judge(String(plan.recipe.steps), trained.ema!);
        });
        if (!evaluation) return null;
        rows.push({ variant, seed, evaluation });
      }
    }
    return rows;
  } finally {
    tokenizer.dispose();
    shared.dispose();
  }
}
