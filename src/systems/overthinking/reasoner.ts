/**
 * The recipe of the embedded reasoner: a small Llama-shaped decoder that learns the overthinking teacher's traces,
 * is judged on problems it never saw, and leaves as a Hugging Face folder.
 * Source: papers/overthinking section 6 ("Base"). Differs from it: a larger model and corpus, because true sums have
 * three digits, and shaky lessons (world/corpus.ts).
 *
 * Everything is a function of the settings: killed anywhere and started again with the same checkpoint folder, it
 * ends with the same bytes.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { countParameters } from "../../compute/tree.ts";
import { writeFileAtomic, writeJsonAtomic } from "../../core/atomic.ts";
import type { CommandContext } from "../../core/command.ts";
import { Random } from "../../core/random.ts";
import { type DecoderConfig, defineTinyDecoder, initDecoder } from "../../language/decoder/index.ts";
import { createGenerator, type DecoderModel } from "../../language/generate/index.ts";
import { saveModel } from "../../language/hugging-face.ts";
import { sft, type TokenExample } from "../../language/train/index.ts";
import { figuresByLevel } from "./evaluate.ts";
import { renderModelCard } from "./model-card.ts";
import type { Figures, ReasonerEvaluation, ReasonerSettings } from "./schemas.ts";
import { solveSums } from "./solve.ts";
import { sumsTokenizer, tokenIds } from "./tokenizer.ts";
import { lesson } from "./world/corpus.ts";
import { sampleProblems } from "./world/problem.ts";
import { CONTEXT_LENGTH } from "./world/teacher.ts";
import { BOS, CHAT_TEMPLATE, EOS, PAD, VOCABULARY } from "./world/vocabulary.ts";

export const FULL_SETTINGS: ReasonerSettings = {
  dim: 96,
  layers: 4,
  heads: 4,
  lessons: 200_000,
  steps: 6000,
  batch: 20,
  lr: 3e-3,
  seed: 0,
  testPerLevel: 200,
};

/** Minutes, not an hour: enough to see it learn the form, not to add well. */
export const QUICK_SETTINGS: ReasonerSettings = {
  ...FULL_SETTINGS,
  dim: 64,
  layers: 3,
  lessons: 4000,
  steps: 300,
  batch: 12,
  testPerLevel: 10,
};

export interface ReasonerContext extends Pick<CommandContext, "log" | "progress" | "signal"> {
  /** Checkpoints; an earlier, unfinished training in it is gone on with. */
  checkpointDir: string;
  /** Steps between checkpoints; default 250. */
  checkpointEvery?: number;
  /** Where the Hugging Face folder goes. */
  out: string;
  /** Losses by step, for the run's journal. */
  metric?(name: string, step: number, value: number): void;
}

/** @returns the figures on held-out problems, or null when `signal` stopped the training before its end */
export async function trainReasoner(
  settings: ReasonerSettings,
  context: ReasonerContext,
): Promise<ReasonerEvaluation | null> {
  const { log, signal, checkpointDir, checkpointEvery = 250, metric } = context;
  const config = reasonerConfig(settings);
  const rng = new Random(settings.seed).split("reasoner");
  const params = initDecoder(config, rng.split("parameters"));
  const parameterCount = countParameters(params);
  log.info("reasoner-start", { ...settings, parameterCount });

  const progress = context.progress({ label: "train reasoner", total: settings.steps, unit: "steps" });
  const trained = await sft({
    config,
    params,
    examples: makeLessons(settings, context),
    sequenceLength: CONTEXT_LENGTH,
    batchSize: settings.batch,
    steps: settings.steps,
    learningRate: settings.lr,
    weightDecay: 0.01, // the facts of arithmetic are all needed: the corpus does not run out, so it cannot overfit
    seed: settings.seed,
    checkpointDir,
    checkpointEvery,
    onStep: ({ step, loss }) => (step % 10 === 0 || step === settings.steps) && metric?.("loss", step, loss),
    progress,
    signal,
  });
  progress.stop();
  if (trained.stopped) return null;

  const model = { config, params: trained.params };
  const judged = await evaluateReasoner(model, settings, context);
  if (!judged) return null;
  const evaluation = { settings, parameterCount, ...judged };
  await saveReasoner(context.out, model, evaluation);
  log.info("reasoner-save", { out: context.out });
  return evaluation;
}

/** The shape of the model: Llama, tied head. */
export function reasonerConfig(sizes: Pick<ReasonerSettings, "dim" | "layers" | "heads">): DecoderConfig {
  const ends = tokenIds([BOS, EOS, PAD]);
  return defineTinyDecoder(sizes, { vocabSize: VOCABULARY.length, maxPositions: CONTEXT_LENGTH, ends });
}

function makeLessons({ lessons, seed }: ReasonerSettings, { progress }: Pick<ReasonerContext, "progress">) {
  const bar = progress({ label: "write the teacher's lessons", total: lessons, unit: "lessons" });
  const rng = new Random(seed).split("lessons");
  const examples: TokenExample[] = [];
  for (let index = 0; index < lessons; index++) {
    const { tokens, trained } = lesson(rng, index);
    examples.push({ tokens: tokenIds(tokens), trained });
    if (index % 1000 === 0) bar.update(index);
  }
  bar.stop();
  return examples;
}

/** Held-out problems, greedy and at temperature 1; null when interrupted. */
export async function evaluateReasoner(
  model: DecoderModel,
  { testPerLevel, seed }: Pick<ReasonerSettings, "testPerLevel" | "seed">,
  { progress, signal }: Pick<ReasonerContext, "progress" | "signal">,
): Promise<{ greedy: Figures[]; sampled: Figures[] } | null> {
  const problems = sampleProblems(new Random(seed).split("test"), testPerLevel, "test");
  const generator = createGenerator({ model, tokenizer: sumsTokenizer() });
  const judge = async (label: string, temperature: number) => {
    const bar = progress({ label, total: problems.length, unit: "problems" });
    let [done, right] = [0, 0];
    const { solved } = await solveSums(generator, problems, {
      temperature,
      seed,
      signal,
      onSolved(_, { correct }) {
        right += Number(correct);
        bar.update(++done, { accuracy: `${((100 * right) / done).toFixed(1)} %` });
      },
    });
    bar.stop();
    return figuresByLevel(solved);
  };
  try {
    const greedy = await judge("judge, greedy", 0);
    const sampled = await judge("judge, temperature 1", 1);
    return signal.aborted ? null : { greedy, sampled };
  } finally {
    generator.dispose();
  }
}

/** The model's files come last and config.json at the very end: a folder that loads is complete. */
async function saveReasoner(out: string, model: DecoderModel, evaluation: ReasonerEvaluation): Promise<void> {
  await mkdir(out, { recursive: true });
  await writeFileAtomic(join(out, "chat_template.jinja"), CHAT_TEMPLATE);
  await writeFileAtomic(join(out, "README.md"), renderModelCard(evaluation));
  await writeJsonAtomic(join(out, "evaluation.json"), evaluation);
  await saveModel(out, { ...model, tokenizer: sumsTokenizer() });
}
