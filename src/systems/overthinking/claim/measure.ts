/**
 * The experiment: for each seed the base model's traces, and for each arm a training and its answers to the test
 * problems. Every finished part is a file, so that hours of work survive a kill and are never done twice.
 */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "../../../core/atomic.ts";
import type { CommandContext } from "../../../core/command.ts";
import { readJson } from "../../../core/json.ts";
import { Random } from "../../../core/random.ts";
import type { DecoderModel } from "../../../language/generate/index.ts";
import { Collapse, type PreferenceMethod, usualLoss } from "../../../language/train/index.ts";
import { buildPairs } from "../pairs/build.ts";
import type { PreferencePair } from "../schemas.ts";
import { embeddedReasoner, loadReasoner } from "../training/base-model.ts";
import { chooseRate, keepsAccuracy } from "../training/choose-rate.ts";
import { judgeModel, scoresOf } from "../training/judge.ts";
import { openSampler, type Samples, sampleSets, sampleTraces } from "../training/sample.ts";
import { MEASURES } from "../training/scores.ts";
import { solveGreedily, trainArm, validationFigures, validationProblems } from "../training/train-arm.ts";
import { sampleProblems } from "../world/problem.ts";
import { type Arm, type ArmName, type Plan, RATES, tossPairs } from "./arms.ts";

export interface ClaimContext extends Pick<CommandContext, "progress" | "signal"> {
  /** Where finished parts are kept. */
  dir: string;
}

const Scores = z.object({
  level: z.literal([1, 2, 3, 4, 5]),
  ...(Object.fromEntries(MEASURES.map((measure) => [measure, z.number()])) as Record<
    (typeof MEASURES)[number],
    z.ZodNumber
  >),
});

/** One model on the test problems of one seed. */
export type Measurement = z.output<typeof Measurement>;
const Measurement = z.object({
  seed: z.int(),
  arm: z.string(),
  lr: z.number().nullable(),
  pairs: z.int().nullable(),
  validation: z.object({ accuracy: z.number(), tokenCount: z.number() }),
  isWithinTolerance: z.boolean(),
  collapse: Collapse.nullable(),
  greedy: z.array(Scores),
  sampled: z.array(Scores),
});

/** Of every seed, in the order of the seeds. */
export type Experiment = { base: Measurement[]; arms: Map<ArmName, Measurement[]> };

/**
 * Arm by arm and within it seed by seed, so that whatever is finished is whole.
 * @returns null when `signal` stopped it
 */
export async function runExperiment(plan: Plan, context: ClaimContext): Promise<Experiment | null> {
  const base = await loadReasoner(embeddedReasoner());
  const experiment: Experiment = { base: [], arms: new Map() };
  for (const seed of plan.seeds) {
    const measured = await measureBase(base, seed, plan, context);
    if (!measured) return null;
    experiment.base.push(measured);
  }
  // One rate per loss, chosen with its first arm and seed: what differs between arms is then the positive alone, and a
  // control is trained as hard as what it controls.
  const rates = new Map<PreferenceMethod, number>();
  for (const arm of plan.arms) {
    const measurements: Measurement[] = [];
    for (const seed of plan.seeds) {
      const measured = await measureArm({ base, arm, seed, plan, lr: rates.get(arm.method) ?? null }, context);
      if (!measured) return null;
      rates.set(arm.method, measured.lr!);
      measurements.push(measured);
    }
    experiment.arms.set(arm.name, measurements);
  }
  return experiment;
}

async function measureBase(
  base: DecoderModel,
  seed: number,
  plan: Plan,
  context: ClaimContext,
): Promise<Measurement | null> {
  return keep(join(context.dir, `seed-${seed}`, "base.json"), async () => {
    const solved = await solveGreedily(base, validationProblems(plan.validation, seed), context.signal);
    if (context.signal.aborted) return null;
    const scores = await measureOnTest(base, seed, plan, `seed ${seed}: base`, context);
    const { accuracy, tokenCount } = validationFigures(solved);
    const validation = { accuracy, tokenCount };
    return (
      scores && {
        seed,
        arm: "base",
        lr: null,
        pairs: null,
        validation,
        isWithinTolerance: true,
        collapse: null,
        ...scores,
      }
    );
  });
}

interface ArmJob {
  base: DecoderModel;
  arm: Arm;
  seed: number;
  plan: Plan;
  /** Null: still to be chosen. */
  lr: number | null;
}

async function measureArm(job: ArmJob, context: ClaimContext): Promise<Measurement | null> {
  const { base, arm, seed, plan, lr } = job;
  const dir = join(context.dir, `seed-${seed}`);
  return keep(join(dir, `${arm.name}.json`), async () => {
    const pairs = await pairsOf(arm, base, seed, plan, context);
    if (!pairs) return null;
    const validation = validationProblems(plan.validation, seed);
    const before = await solveGreedily(base, validation, context.signal);
    if (context.signal.aborted) return null;
    const options = {
      ...plan,
      base,
      pairs,
      loss: usualLoss(arm.method),
      seed,
      validation,
      before,
      // Answering worse is among the findings; falling apart is not.
      limits: { accuracyFall: 1 },
    };
    const label = `seed ${seed}: ${arm.name}`;
    const armContext = { ...context, dir: join(dir, arm.name), label };
    const choice =
      lr === null
        ? await chooseRate({ ...options, rates: RATES[arm.method] }, armContext)
        : await trainArm({ ...options, lr }, armContext).then((best) => best && { best });
    if (!choice) return null;
    const { best } = choice;
    const scores = await measureOnTest(best.model, seed, plan, label, context);
    if (!scores) return null;
    const { accuracy, tokenCount } = best.validation;
    return {
      seed,
      arm: arm.name,
      lr: best.lr,
      pairs: pairs.length,
      validation: { accuracy, tokenCount },
      isWithinTolerance: keepsAccuracy(best.validation, validationFigures(before)),
      collapse: best.collapse ?? null,
      ...scores,
    };
  });
}

/** The base model's traces of a seed, once for all arms. */
async function pairsOf(
  arm: Arm,
  base: DecoderModel,
  seed: number,
  plan: Plan,
  context: ClaimContext,
): Promise<PreferencePair[] | null> {
  const dir = join(context.dir, `seed-${seed}`, "samples");
  await mkdir(dir, { recursive: true });
  const generator = openSampler(base);
  let samples: Samples | null;
  try {
    samples = await sampleTraces(generator, { ...plan, seed }, { ...context, dir });
  } finally {
    generator.dispose();
  }
  if (!samples) return null;
  const { pairs } = buildPairs(sampleSets(samples), { positive: arm.positive });
  return arm.isControl ? tossPairs(pairs, seed) : pairs;
}

async function measureOnTest(model: DecoderModel, seed: number, plan: Plan, label: string, context: ClaimContext) {
  const problems = sampleProblems(new Random(seed).split("claim test"), plan.testPerLevel, "test");
  const judged = await judgeModel(model, { problems, samples: plan.testSamples, seed, label }, context);
  if (!judged) return null;
  const { greedy, sampled } = scoresOf(judged);
  return { greedy, sampled };
}

/** Reads what an earlier process measured, else measures and writes it. */
async function keep(file: string, measure: () => Promise<Measurement | null>): Promise<Measurement | null> {
  if (existsSync(file)) return readJson(file, Measurement);
  const measured = await measure();
  if (measured) await writeFileAtomic(file, JSON.stringify(measured));
  return measured;
}
