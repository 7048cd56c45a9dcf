/**
 * What the tour shows of huatuogpt-o1, all of it judged by the truth of the invented clinic: the data engine with the
 * scripted teacher in place of a strong model, and the policy and the verifier that ship.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { disposeTree } from "../../compute/tree.ts";
import type { CommandContext } from "../../core/command.ts";
import { readJson } from "../../core/json.ts";
import { Random } from "../../core/random.ts";
import { clopperPearson, type Interval } from "../../core/statistics/index.ts";
import { loadModel } from "../../language/hugging-face.ts";
import { modelsRoot } from "../../language/models-root.ts";
import { runFactory } from "./claim/factory.ts";
import { type Answered, answerAll } from "./claim/policy.ts";
import { teach } from "./claim/teach.ts";
import type { SearchStatistics } from "./search/statistics.ts";
import { figuresAt } from "./verifier/calibrate.ts";
import { loadVerifier } from "./verifier/folder.ts";
import { trainedVerifier } from "./verifier/trained.ts";
import { type ClinicQuestion, createClinic, drawPairs, drawQuestions, isRight, mcqSet } from "./world.ts";

type Context = Pick<CommandContext, "progress" | "signal">;

export interface EngineTrial {
  /** Exam questions, and those of them that became problems. */
  questions: number;
  kept: number;
  /** With a defect planted in them, and those of them that the factory turned away. */
  planted: number;
  caught: number;
  search: SearchStatistics;
  /** Training rows out of the merge, and those of them whose answer is the world's. */
  rows: number;
  rightRows: number;
}

/** Factory, search and merge in this process: no database, no network, the same stages. @throws the signal's reason */
export async function tryEngine(
  { questionCount, problemCount, seed }: { questionCount: number; problemCount: number; seed: number },
  { progress, signal }: Context,
): Promise<EngineTrial> {
  const clinic = createClinic(seed);
  const bar = progress({ label: "factory, search, merge", total: questionCount + problemCount, unit: "items" });
  const judged = await runFactory(clinic, mcqSet(clinic, questionCount), signal);
  bar.update(questionCount);
  const problems = drawQuestions(clinic, new Random(seed).split("tour"), problemCount, "train");
  const { rows, statistics } = await teach(clinic, problems, { seed, signal });
  bar.update(questionCount + problemCount);
  bar.stop();
  const planted = judged.filter(({ defect }) => defect !== null);
  const nameOf = new Map(problems.map(({ text, names }) => [text, names[0]!]));
  return {
    questions: judged.length,
    kept: judged.filter(({ label }) => label === null).length,
    planted: planted.length,
    caught: planted.filter(({ label }) => label !== null).length,
    search: statistics,
    rows: rows.length,
    rightRows: rows.filter(({ Question, Response }) => isRight(Response, nameOf.get(Question)!)).length,
  };
}

export interface ClinicTrial {
  questions: readonly ClinicQuestion[];
  answers: Answered[];
  right: Interval;
  /** Share of held-out pairs on which the verifier agrees with the world. */
  verifier: Interval;
}

/** Beside the model: what world it learned. */
const Trained = z.looseObject({ seed: z.number() });

/**
 * The policy on questions that no training of this world draws, and the verifier on ways of putting an answer that it
 * never read. @returns undefined where the folder of models has no clinic @throws the signal's reason
 */
export async function tryClinic(
  { questionCount, pairCount, seed }: { questionCount: number; pairCount: number; seed: number },
  { progress, signal }: Context,
): Promise<ClinicTrial | undefined> {
  const folder = join(modelsRoot(), "clinic");
  if (!existsSync(join(folder, "config.json"))) return undefined;
  const clinic = createClinic((await readJson(join(folder, "evaluation.json"), Trained)).seed);
  const rng = new Random(seed).split("tour");
  const questions = drawQuestions(clinic, rng.split("questions"), questionCount, "test");
  const bar = progress({ label: "answer and verify", total: questionCount + pairCount, unit: "items" });
  const model = await loadModel(folder);
  const verifier = trainedVerifier(await loadVerifier(join(folder, "verifier")), "clinic");
  try {
    const answers = await answerAll(model, clinic, questions, signal);
    if (!answers) throw signal.reason;
    bar.update(questionCount);
    const pairs = drawPairs(rng.split("pairs"), pairCount, "test");
    const scores = await verifier.scores(pairs);
    bar.update(questionCount + pairCount);
    const scored = pairs.map(({ label }, index) => ({ score: scores[index]!, label }));
    return {
      questions,
      answers,
      right: clopperPearson(answers.filter(({ right }) => right).length, answers.length),
      verifier: figuresAt(scored, verifier.threshold).accuracy,
    };
  } finally {
    bar.stop();
    verifier.dispose();
    disposeTree(model.params);
  }
}
