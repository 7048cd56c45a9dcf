/**
 * The arms of one seed: what each is taught or rewarded with, and its answers to the held-out questions. A finished arm is
 * a file, and is read where it is there.
 */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "../../../core/atomic.ts";
import { readJson } from "../../../core/json.ts";
import { Random } from "../../../core/random.ts";
import type { DecoderModel } from "../../../language/generate/index.ts";
import { loadModel } from "../../../language/hugging-face.ts";
import type { MergedRow } from "../merge/respond.ts";
import type { RewardVerifier } from "../rl/reward.ts";
import { trainOnVerifier } from "../rl/train.ts";
import { exactMatchVerifier } from "../search/verifiers.ts";
import type { TrainedVerifier } from "../verifier/trained.ts";
import type { Clinic } from "../world/clinic.ts";
import type { ClinicQuestion } from "../world/question.ts";
import { clinicTokenizer } from "../world/vocabulary.ts";
import { type Form, forms, type Plan, type TaughtForm } from "./plan.ts";
import {
  Answered,
  answerAll,
  mostTokens,
  type PolicyContext,
  promptTokens,
  saveClinicModel,
  teachForm,
} from "./policy.ts";
import { teach } from "./teach.ts";

/** `complex`, `complex+ppo`; side arms carry what is different about them. */
export type ArmName = z.output<typeof ArmName>;
export const ArmName = z.enum([
  ...forms,
  ...forms.map((form) => `${form}+ppo` as const),
  "padded",
  "complex+ppo exact",
  "complex+rloo",
  "complex+dpo",
  "complex 50% revealed",
  "complex 100% revealed",
]);

export type ArmResult = z.output<typeof ArmResult>;
const ArmResult = z.object({
  seed: z.int(),
  arm: ArmName,
  rows: z.int(),
  answers: z.array(Answered),
  /** The trained verifier's word on the same answers. */
  verified: z.array(z.boolean()),
  /** Why training on rewards ended early. */
  alarm: z.string().nullable(),
  /** Mean reward by update. */
  rewards: z.array(z.number()),
});

export interface SeedJob {
  plan: Plan;
  seed: number;
  clinic: Clinic;
  verifier: TrainedVerifier;
  test: readonly ClinicQuestion[];
  searched: readonly ClinicQuestion[];
  rlQuestions: readonly ClinicQuestion[];
  /** What the teacher's searches became. */
  rows: readonly MergedRow[];
  base: DecoderModel;
  context: PolicyContext;
}

export async function measureArm(job: SeedJob, arm: ArmName): Promise<ArmResult | null> {
  switch (arm) {
    case "direct":
    case "simple":
    case "complex":
    case "padded":
      return taught(job, job.rows, arm, arm);
    case "direct+ppo":
    case "simple+ppo":
    case "complex+ppo":
      return rewarded(job, arm, { method: "ppo", from: arm.replace("+ppo", "") as Form });
    case "complex+ppo exact":
      return rewarded(job, arm, { method: "ppo", from: "complex", verifier: exactMatchVerifier });
    case "complex+rloo":
    case "complex+dpo":
      return rewarded(job, arm, { method: arm === "complex+dpo" ? "dpo" : "rloo", from: "complex" });
    case "complex 50% revealed":
    case "complex 100% revealed": {
      const revealedShare = arm === "complex 50% revealed" ? 0.5 : 1;
      const { seed, context } = job;
      const revealed = await teach(job.clinic, job.searched, { seed, revealedShare, signal: context.signal });
      return taught(job, revealed.rows, "complex", arm);
    }
  }
}

const folderOf = ({ context }: SeedJob, arm: ArmName): string => join(context.dir, arm.replace(/\W+/g, "-"));

/** A supervised arm. */
async function taught(
  job: SeedJob,
  rows: readonly MergedRow[],
  form: TaughtForm,
  arm: ArmName,
): Promise<ArmResult | null> {
  const dir = folderOf(job, arm);
  return keep(join(dir, "result.json"), async () => {
    const { plan, seed, context } = job;
    const model = await teachForm(job.base, rows, form, plan, seed, { ...context, dir });
    return model && judge(job, model, { arm, rows: rows.length, alarm: null, rewards: [] });
  });
}

interface Rewarding {
  method: "ppo" | "rloo" | "dpo";
  /** The supervised arm that it goes on from. */
  from: Form;
  /** Default the trained one. */
  verifier?: RewardVerifier;
}

/** A supervised arm after training on a verifier's rewards. */
async function rewarded(job: SeedJob, arm: ArmName, how: Rewarding): Promise<ArmResult | null> {
  const dir = folderOf(job, arm);
  return keep(join(dir, "result.json"), async () => {
    const { plan, seed, context, clinic } = job;
    const start = await loadModel(join(folderOf(job, how.from), "model"));
    const tokenizer = clinicTokenizer();
    const rng = new Random(seed).split("references");
    const prompts = job.rlQuestions.map(({ text, names }, index) => ({
      tokens: promptTokens(tokenizer, text),
      item: { question: text, reference: rng.split(index).choice(names) },
    }));
    const groupSize = how.method === "rloo" ? 2 : 1;
    const settings = {
      updates: plan.updates,
      prompts: plan.rollouts / groupSize,
      groupSize,
      maxTokens: mostTokens,
      learningRate: plan.rlRate,
    };
    const bar = context.progress({ label: `seed ${clinic.seed}: ${arm}`, total: plan.updates, unit: "updates" });
    const result = await trainOnVerifier(
      {
        model: start,
        tokenizer,
        prompts,
        verifier: how.verifier ?? job.verifier,
        method: how.method,
        settings,
        ...(how.method === "dpo" && { pairSettings: { maxTokens: mostTokens } }),
        seed,
      },
      { dir: join(dir, "rl"), progress: bar, signal: context.signal },
    );
    bar.stop(result.alarm?.name);
    if (result.interrupted || context.signal.aborted) return null;
    const model = { config: start.config, params: result.params };
    await saveClinicModel(join(dir, "model"), model);
    const rewards = result.history.map(({ reward }) => reward.mean);
    return judge(job, model, { arm, rows: prompts.length, alarm: result.alarm?.name ?? null, rewards });
  });
}

/** The answers to the held-out questions, by the oracle and beside it by the verifier. */
async function judge(
  { clinic, test, seed, verifier, context }: SeedJob,
  model: DecoderModel,
  known: Pick<ArmResult, "arm" | "rows" | "alarm" | "rewards">,
): Promise<ArmResult | null> {
  const answers = await answerAll(model, clinic, test, context.signal);
  if (!answers) return null;
  const verdicts = await verifier.verifyAll(
    answers.map(({ response }, index) => ({ response, reference: test[index]!.names[0]! })),
  );
  return {
    seed,
    ...known,
    answers,
    verified: verdicts.map((verdict, index) => verdict === true && answers[index]!.hasForm),
  };
}

/** Reads what an earlier process measured, else measures and writes it. */
async function keep(file: string, measure: () => Promise<ArmResult | null>): Promise<ArmResult | null> {
  if (existsSync(file)) return readJson(file, ArmResult);
  const measured = await measure();
  if (!measured) return null;
  await mkdir(dirname(file), { recursive: true });
  await writeFileAtomic(file, JSON.stringify(measured));
  return measured;
}
