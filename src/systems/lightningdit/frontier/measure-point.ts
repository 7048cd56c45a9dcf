/** One point of the frontier: a tokenizer, its latents, and a generator on them, judged at several budgets. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Outside } from "../../../compute/tensor.ts";
import { type DitConfig, type DitParams, trainDit } from "../../../diffusion/index.ts";
import { drawPictures, labelsInTurn, writeGrid } from "../dit/index.ts";
import { evaluateGeneration, evaluateReconstruction, latentHealth } from "../evaluate/index.ts";
import { checkStats, computeStats, examplesOf, extractLatents, intoMemory, openLatents } from "../latents/index.ts";
import { smallTokenizer } from "../presets.ts";
import { GenerationEvaluation, LatentHealth, TokenizerEvaluation } from "../schemas.ts";
import { loadTokenizer, type Tokenizer, trainTokenizer } from "../tokenizer/index.ts";
import { keep } from "./keep.ts";
import type { Arm, FrontierPlan } from "./plan.ts";
import { Measurement } from "./schemas.ts";
import type { ExperimentContext, Shared } from "./shared.ts";

export interface PointJob {
  d: number;
  arm: Arm;
  seed: number;
  plan: FrontierPlan;
  shared: Shared;
}

/** @param context `dir` is the point's own @returns null when `signal` stopped it */
export async function measurePoint(job: PointJob, context: ExperimentContext): Promise<Measurement | null> {
  const { d, arm, seed, plan, shared } = job;
  return keep(join(context.dir, "measurement.json"), Measurement, async () => {
    const tokenizer = await tokenizerOf(job, context);
    if (!tokenizer) return null;
    try {
      const { judge, heldOut, features } = shared;
      const reconstruction = await keep(join(context.dir, "reconstruction.json"), TokenizerEvaluation, () =>
        evaluateReconstruction(tokenizer, heldOut, {
          judge,
          progress: context.progress,
          gridFile: join(context.dir, "reconstructions.png"),
        }),
      );
      const health = await keep(join(context.dir, "health.json"), LatentHealth, () =>
        latentHealth(tokenizer, heldOut, { features }),
      );
      const made = await generationOf(job, tokenizer, context);
      return (
        made && { seed, d, arm, reconstruction: reconstruction!, health: health!, ...made, judgedAt: plan.judgedAt }
      );
    } finally {
      tokenizer.dispose();
    }
  });
}

/** Trained once per point; null when `signal` stopped it. */
export async function tokenizerOf(
  { d, arm, seed, plan, shared }: PointJob,
  context: ExperimentContext,
): Promise<Tokenizer | null> {
  const out = join(context.dir, "tokenizer");
  if (existsSync(join(out, "card.json"))) return loadTokenizer(out);
  const isAligned = arm !== "unaligned";
  const settings = smallTokenizer({
    d,
    seed,
    steps: plan.tokenizerSteps,
    side: plan.side,
    vfWeight: isAligned ? plan.vfWeight : 0,
    wrongFeatures: arm === "wrong",
  });
  const terms = { mcos: arm === "distances" ? 0 : 1, mdms: arm === "cosine" ? 0 : 1 };
  const stages = settings.stages.map((stage) => ({ ...stage, ...terms }));
  return trainTokenizer(
    `d${d} ${arm}`,
    { ...settings, stages },
    { train: shared.train, validation: shared.heldOut, ...(isAligned && { features: shared.features }) },
    { ...context, dir: join(context.dir, "tokenizer-training"), out, evaluateEvery: plan.tokenizerSteps },
  );
}

/** The latents of all pictures to learn from, in memory and as training reads them; null when `signal` stopped it. */
export async function openPointLatents({ seed, shared }: PointJob, tokenizer: Tokenizer, context: ExperimentContext) {
  const folder = join(context.dir, "latents");
  const extracted = await extractLatents({ ...context, tokenizer, pictures: shared.train, folder, seed });
  if (!extracted) return null;
  const opened = await openLatents(folder);
  try {
    const stats = await computeStats(opened);
    checkStats(stats, opened, folder);
    return { stats, examples: examplesOf(await intoMemory(opened), { stats }) };
  } finally {
    await opened.close();
  }
}

async function generationOf(job: PointJob, tokenizer: Tokenizer, context: ExperimentContext) {
  const { seed, plan, shared } = job;
  const latents = await openPointLatents(job, tokenizer, context);
  if (!latents) return null;
  const { stats, examples } = latents;
  const config = generatorConfig(plan, tokenizer, shared.train.classNames.length);
  const judgeAt = createBudgetJudge({ plan, shared, tokenizer, config, stats, seed }, context);
  const progress = context.progress({
    label: `train generator on d${tokenizer.latentDim}`,
    total: plan.recipe.steps,
    unit: "steps",
  });
  // One training, stopped at each budget for its pictures: a later part goes on from the checkpoint of the one before.
  const trainTo = (steps: number) =>
    trainDit({
      config,
      recipe: { ...plan.recipe, steps },
      seed,
      examples,
      checkpointDir: join(context.dir, "generator"),
      checkpointEvery: 200,
      progress,
      signal: context.signal,
    });
  const judged = (name: string, steps: number, scale?: number) =>
    keep(join(context.dir, `generation-${name}.json`), GenerationEvaluation, async () => {
      const trained = await trainTo(steps);
      return trained.stopped ? null : judgeAt(name, trained.ema!, scale);
    });
  const generation: Measurement["generation"] = [];
  for (const step of plan.budgets) {
    const evaluation = await judged(String(step), step);
    if (!evaluation) return null;
    generation.push({ step, evaluation });
  }
  const guided = await judged("guided", plan.budgets.at(-1)!, plan.guidance);
  progress.stop();
  return guided && { generation, guided };
}

export function generatorConfig({ generator }: FrontierPlan, tokenizer: Tokenizer, classes: number): DitConfig {
  const { latentDim: channels, latentSide: grid } = tokenizer;
  return {
    ...generator,
    patch: 1,
    grid,
    channels,
    classes,
    rmsNorm: true,
    swiglu: true,
    rope: true,
    qkNorm: false,
    shift: true,
  };
}

interface BudgetJudge extends Pick<PointJob, "plan" | "shared" | "seed"> {
  tokenizer: Tokenizer;
  config: DitConfig;
  stats: { mean: Float32Array; std: Float32Array };
}

/** The same noises and labels for every tokenizer and budget of a seed: what differs is the model. */
export function createBudgetJudge(
  { plan, shared, tokenizer, config, stats, seed }: BudgetJudge,
  { dir, signal }: ExperimentContext,
) {
  const labels = labelsInTurn(plan.sampleCount, config.classes);
  const latents = { tokenizer: tokenizer.hash, stats: { mean: [...stats.mean], std: [...stats.std] }, multiplier: 1 };
  const { side } = shared.heldOut;
  return async (name: string, params: Outside<DitParams>, scale = 1): Promise<GenerationEvaluation> => {
    const sampling = { points: plan.samplePoints, guidance: { scale } };
    const images = await drawPictures({ config, params, latents }, tokenizer, {
      labels,
      seed: `${seed}/judged`,
      sampling,
      batch: 100,
      signal,
    });
    await writeGrid(join(dir, `samples-${name}.png`), images.subarray(0, 48 * 3 * side * side), 48, 12);
    return evaluateGeneration({ images, side }, { images: shared.real, side }, { judge: shared.judge, labels });
  };
}
