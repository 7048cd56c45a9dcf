/**
 * The experiment: for each seed a world, a factory, a teacher's searches, a model that has read the facts, and from it the
 * six arms, {direct, simple, complex} by supervised training and by PPO on top. Every finished part is a file, so that
 * hours of work survive a kill and are never done twice.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Random } from "../../../core/random.ts";
import type { SearchStatistics } from "../search/statistics.ts";
import { exactMatch } from "../search/verifiers.ts";
import type { Scored } from "../verifier/calibrate.ts";
import { clinicPairs, trainClinicVerifier } from "../verifier/clinic-verifier.ts";
import { loadVerifier, saveVerifier } from "../verifier/folder.ts";
import { type TrainedVerifier, trainedVerifier } from "../verifier/trained.ts";
import { createClinic } from "../world/clinic.ts";
import { mcqSet } from "../world/mcq.ts";
import { drawQuestions } from "../world/question.ts";
import { type ArmName, type ArmResult, measureArm, type SeedJob } from "./arms.ts";
import { type JudgedRow, runFactory } from "./factory.ts";
import type { Plan } from "./plan.ts";
import { type PolicyContext, readFacts } from "./policy.ts";
import { teach } from "./teach.ts";

export interface Experiment {
  arms: Map<ArmName, ArmResult[]>;
  factory: JudgedRow[];
  search: SearchStatistics[];
  verifier: { exact: Scored[]; trained: Scored[] };
}

const heldOutPairs = 1000;

/** In the order of their importance: a run that is cut short has the first ones. */
const mainArms: readonly ArmName[] = [
  "complex",
  "simple",
  "complex+ppo",
  "simple+ppo",
  "direct",
  "direct+ppo",
  "padded",
];
const sideArms: readonly ArmName[] = [
  "complex+ppo exact",
  "complex+rloo",
  "complex+dpo",
  "complex 50% revealed",
  "complex 100% revealed",
];

/** All arms of a plan. @returns null when `signal` stopped it */
export const runExperiment = (plan: Plan, context: PolicyContext): Promise<Experiment | null> =>
  runArms(plan, (seed) => (plan.sideSeeds.includes(seed) ? [...mainArms, ...sideArms] : mainArms), context);

/**
 * @param namesOf a seed's arms in the order in which they are measured; one that is trained on rewards comes after its
 * supervised one
 * @returns null when `signal` stopped it
 */
export async function runArms(
  plan: Plan,
  namesOf: (seed: number) => readonly ArmName[],
  context: PolicyContext,
): Promise<Experiment | null> {
  const { dir, signal } = context;
  const verifier = await openClinicVerifier(plan, { ...context, dir: join(dir, "verifier") });
  if (!verifier) return null;
  try {
    const experiment: Experiment = {
      arms: new Map(),
      factory: [],
      search: [],
      verifier: await measureVerifier(plan.seeds[0]!, verifier),
    };
    for (const seed of plan.seeds) {
      const job = await openSeed(plan, seed, verifier, experiment, { ...context, dir: join(dir, `seed-${seed}`) });
      if (!job) return null;
      for (const arm of namesOf(seed)) {
        const result = await measureArm(job, arm);
        if (!result || signal.aborted) return null;
        experiment.arms.set(arm, [...(experiment.arms.get(arm) ?? []), result]);
      }
    }
    return experiment;
  } finally {
    verifier.dispose();
  }
}

/** One verifier for all seeds: names and their aliases are the same in all worlds. */
async function openClinicVerifier(plan: Plan, context: PolicyContext): Promise<TrainedVerifier | null> {
  const folder = join(context.dir, "model");
  if (!existsSync(join(folder, "config.json"))) {
    const checkpointDir = join(context.dir, "train");
    const trained = await trainClinicVerifier(
      plan.seeds[0]!,
      { ...context, checkpointDir },
      { pairs: plan.verifierPairs },
    );
    if (!trained) return null;
    await saveVerifier(folder, trained);
  }
  return trainedVerifier(await loadVerifier(folder), "clinic");
}

async function measureVerifier(seed: number, verifier: TrainedVerifier): Promise<Experiment["verifier"]> {
  const pairs = clinicPairs(seed, heldOutPairs, "test");
  const scores = await verifier.scores(pairs);
  return {
    exact: pairs.map(({ response, reference, label }) => ({ score: Number(exactMatch(response, reference)), label })),
    trained: pairs.map(({ label }, index) => ({ score: scores[index]!, label })),
  };
}

/** What the arms of a seed share. @returns null when `signal` stopped it */
async function openSeed(
  plan: Plan,
  seed: number,
  verifier: TrainedVerifier,
  experiment: Experiment,
  context: PolicyContext,
): Promise<SeedJob | null> {
  const { signal } = context;
  const clinic = createClinic(seed);
  const rng = new Random(seed).split("claim");
  if (experiment.factory.length === 0) experiment.factory = await runFactory(clinic, mcqSet(clinic, plan.mcqs), signal);
  const questions = drawQuestions(clinic, rng.split("train"), plan.problems + plan.rlProblems, "train");
  const searched = questions.slice(0, plan.problems);
  const { rows, statistics } = await teach(clinic, searched, { seed, signal });
  experiment.search.push(statistics);
  const base = await readFacts(clinic, plan, { ...context, dir: join(context.dir, "facts") });
  return (
    base && {
      ...{ plan, seed, clinic, verifier, base, context, searched, rows },
      test: drawQuestions(clinic, rng.split("test"), plan.test, "test"),
      rlQuestions: questions.slice(plan.problems),
    }
  );
}
