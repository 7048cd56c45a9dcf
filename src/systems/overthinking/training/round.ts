/**
 * A whole round of self-training: the model's own traces become preferences for its shorter ones.
 * Source: papers/overthinking section 2.6 and 6. Sample, judge by the world, cut exactly, build pairs, choose the
 * learning rate on validation problems, train, measure again on problems nobody has seen, and ship only what answers
 * as well as before.
 *
 * Everything is a function of the settings and the base model: killed anywhere and started again with the same folder,
 * it ends with the same bytes.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { countParameters } from "../../../compute/tree.ts";
import { writeFileAtomic, writeJsonAtomic } from "../../../core/atomic.ts";
import type { CommandContext } from "../../../core/command.ts";
import { writeJsonLines } from "../../../core/jsonl.ts";
import { Random } from "../../../core/random.ts";
import type { DecoderModel } from "../../../language/generate/index.ts";
import { saveModel } from "../../../language/hugging-face.ts";
import { describePreference, usualLoss } from "../../../language/train/index.ts";
import { figuresByLevel } from "../evaluate.ts";
import { buildPairs, expectEnoughPairs, type PairResult } from "../pairs/build.ts";
import type { PreferencePair } from "../schemas.ts";
import { sumsTokenizer } from "../tokenizer.ts";
import { sampleProblems } from "../world/problem.ts";
import { CHAT_TEMPLATE } from "../world/vocabulary.ts";
import { loadReasoner } from "./base-model.ts";
import { renderRoundCard } from "./card.ts";
import { chooseRate, type RateChoice } from "./choose-rate.ts";
import { expectKeptAccuracy } from "./gate.ts";
import { changesByLevel, type JudgedModel, judgeModel, scoresOf } from "./judge.ts";
import { openSampler, type Samples, sampleSets, sampleTraces } from "./sample.ts";
import type { RoundEvaluation, RoundSettings } from "./schemas.ts";
import { solveGreedily, validationFigures, validationProblems } from "./train-arm.ts";

/** The shipped model's: the paper's best arm, at sizes that take minutes. */
export const ROUND_SETTINGS: RoundSettings = {
  method: "simpo",
  positive: "fcs-reflection",
  problems: 1500,
  samples: 10,
  epochs: 2,
  batch: 32,
  rates: [3e-5, 5e-5],
  seed: 0,
  validation: 200,
  testPerLevel: 200,
  testSamples: 4,
};

export interface RoundContext extends Pick<CommandContext, "log" | "progress" | "signal"> {
  /** Samples, pairs and checkpoints; what an earlier process left there is gone on with. */
  dir: string;
  /** Folder of the model to start from. */
  model: string;
  /** Where the trained model goes. */
  out: string;
  /** Trains on few pairs and writes the model although the accuracy gate says no. */
  force?: boolean;
  metric?(name: string, step: number, value: number): void;
}

/**
 * @returns null when `signal` stopped it before its end
 * @throws DataError for too few pairs; AccuracyGateError when the result answers worse
 */
export async function runRound(settings: RoundSettings, context: RoundContext): Promise<RoundEvaluation | null> {
  const { log, signal, dir, force = false } = context;
  const base = await loadReasoner(context.model);
  const loss = usualLoss(settings.method, settings);
  log.info("round-start", { model: context.model, loss: describePreference(loss), positive: settings.positive });

  const samples = await sampleOwnTraces(base, settings, context);
  if (!samples) return null;
  const built = buildPairs(sampleSets(samples), { positive: settings.positive });
  expectEnoughPairs(built, { force });
  await writeJsonLines(join(dir, "pairs.jsonl"), built.pairs);
  log.info("pairs-build", { pairs: built.pairs.length, ...built.dropped });

  const validation = validationProblems(settings.validation, settings.seed);
  const before = await solveGreedily(base, validation, signal);
  if (signal.aborted) return null;
  const choice = await chooseRate(
    { ...settings, base, pairs: built.pairs, loss, validation, before },
    { ...context, dir: join(dir, "train") },
  );
  if (!choice) return null;
  for (const { lr, collapse } of choice.trials) if (collapse) log.warn("collapse", { lr, ...collapse });
  log.info("rate-choose", { lr: choice.best.lr, isWithinTolerance: choice.isWithinTolerance });

  const judged = await judgeBoth(base, choice.best.model, settings, context);
  if (!judged) return null;
  const evaluation: RoundEvaluation = {
    settings,
    loss,
    parameterCount: countParameters(base.params),
    sampling: describeSamples(samples),
    pairs: describePairs(built),
    validationBase: validationFigures(before),
    trials: describeTrials(choice),
    chosenRate: choice.best.lr,
    ...compareModels(judged.before, judged.after),
  };
  await writeJsonAtomic(join(dir, "evaluation.json"), evaluation);
  if (!force) expectKeptAccuracy(evaluation.changes.together);
  await saveConcise(context.out, choice.best.model, evaluation);
  log.info("round-save", { out: context.out });
  return evaluation;
}

async function sampleOwnTraces(base: DecoderModel, settings: RoundSettings, context: RoundContext) {
  const generator = openSampler(base);
  const dir = join(context.dir, "samples");
  await mkdir(dir, { recursive: true });
  try {
    return await sampleTraces(generator, settings, { ...context, dir });
  } finally {
    generator.dispose();
  }
}

async function judgeBoth(base: DecoderModel, trained: DecoderModel, settings: RoundSettings, context: RoundContext) {
  const { testPerLevel, testSamples, seed } = settings;
  const problems = sampleProblems(new Random(seed).split("test"), testPerLevel, "test");
  const options = { problems, samples: testSamples, seed };
  const before = await judgeModel(base, { ...options, label: "judge, before" }, context);
  const after = before && (await judgeModel(trained, { ...options, label: "judge, after" }, context));
  return before && after && { before, after };
}

/** Tables of both models, and what changed between them. */
function compareModels(before: JudgedModel, after: JudgedModel) {
  const figures = ({ greedy, sampled }: JudgedModel) => ({
    greedy: figuresByLevel(greedy),
    sampled: figuresByLevel(sampled.flat()),
  });
  const [from, to] = [scoresOf(before), scoresOf(after)];
  return {
    before: figures(before),
    ...figures(after),
    changes: {
      greedy: changesByLevel([from.greedy], [to.greedy]),
      sampled: changesByLevel([from.sampled], [to.sampled]),
      together: changesByLevel([from.together], [to.together]),
    },
  };
}

function describeSamples({ byProblem, traceCount, tokenCount, tokensPerSecond }: Samples): RoundEvaluation["sampling"] {
  const correct = byProblem.flatMap(({ solved }) => solved).filter((one) => one.correct).length;
  return { traceCount, tokenCount, tokensPerSecond: Math.round(tokensPerSecond), accuracy: correct / traceCount };
}

function describePairs({ pairs, dropped }: PairResult): RoundEvaluation["pairs"] {
  const mean = (value: (pair: PreferencePair) => number) =>
    pairs.reduce((sum, pair) => sum + value(pair), 0) / pairs.length;
  return {
    count: pairs.length,
    dropped: dropped as Record<string, number>,
    chosenTokens: mean((pair) => pair.chosenTokenCount),
    rejectedTokens: mean((pair) => pair.rejectedTokenCount),
    chosenSolutions: mean((pair) => pair.chosenSolutionCount),
    rejectedSolutions: mean((pair) => pair.rejectedSolutionCount),
  };
}

const describeTrials = ({ trials }: RateChoice): RoundEvaluation["trials"] =>
  trials.map(({ lr, steps, validation, collapse }) => ({
    lr,
    steps,
    accuracy: validation.accuracy,
    tokenCount: validation.tokenCount,
    collapse: collapse ?? null,
  }));

/** The model's files come last and config.json at the very end: a folder that loads is complete. */
async function saveConcise(out: string, model: DecoderModel, evaluation: RoundEvaluation): Promise<void> {
  await mkdir(out, { recursive: true });
  await writeFileAtomic(join(out, "chat_template.jinja"), CHAT_TEMPLATE);
  await writeFileAtomic(join(out, "README.md"), renderRoundCard(evaluation));
  await writeJsonAtomic(join(out, "evaluation.json"), evaluation);
  await saveModel(out, { ...model, tokenizer: sumsTokenizer() });
}
