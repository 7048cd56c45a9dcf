/**
 * The recipe of the model behind certaindex in miniature: a small Llama-shaped decoder that works out digit chains, thinks
 * them over too often, answers probes, and judges prefixes; it leaves as a Hugging Face folder.
 * Source: papers/certaindex section 6. Differs from it: the reward is a verdict token (world/lessons.ts).
 *
 * Everything is a function of the settings: killed anywhere and started again with the same checkpoint folder, it ends
 * with the same bytes.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import "../../compute/compile.ts"; // before jax-js, which looks for workers when it is loaded
import { adamw } from "../../compute/optim/adamw.ts";
import { cosine } from "../../compute/schedules.ts";
import { train } from "../../compute/train.ts";
import { countParameters } from "../../compute/tree.ts";
import { writeFileAtomic, writeJsonAtomic } from "../../core/atomic.ts";
import type { CommandContext } from "../../core/command.ts";
import { Random } from "../../core/random.ts";
import {
  type DecoderConfig,
  type DecoderParams,
  defineTinyDecoder,
  initDecoder,
} from "../../language/decoder/index.ts";
import type { DecoderModel } from "../../language/engine/index.ts";
import { saveModel } from "../../language/hugging-face.ts";
import {
  batchOfRows,
  type PackedRow,
  packExamples,
  rowSampler,
  type SftBatch,
  sftLoss,
  type TokenExample,
} from "../../language/train/index.ts";
import { evaluateChains } from "./chains/evaluate.ts";
import { renderModelCard } from "./chains/model-card.ts";
import type { ChainsEvaluation, ChainsSettings } from "./chains/settings.ts";
import { chainsTokenizer, tokenIds } from "./tokenizer.ts";
import { lesson } from "./world/lessons.ts";
import { CONTEXT_LENGTH } from "./world/teacher.ts";
import { BOS, BOXED, CHAT_TEMPLATE, CHECK, EOS, EQUALS, PAD, VOCABULARY, WRONG } from "./world/vocabulary.ts";

/**
 * Verdicts, probes and what follows `?` are one token in forty: without more weight they are learned long after everything
 * else, and even so they come last, when the learning rate has fallen. So it rises again, twice. Of the probes 63, 96 and
 * then nearly all are right after the stages.
 */
type Emphasis = { verdict: number; probe: number; noisy: number };
type Stage = { share: number; peak: number; weights: Emphasis };
const STAGES: readonly Stage[] = [
  { share: 0.45, peak: 1, weights: { verdict: 6, probe: 6, noisy: 4 } },
  { share: 0.25, peak: 2 / 3, weights: { verdict: 6, probe: 12, noisy: 4 } },
  { share: 0.3, peak: 1 / 2, weights: { verdict: 6, probe: 12, noisy: 8 } },
];
const [checkId, wrongId, boxedId, equalsId] = tokenIds([CHECK, WRONG, BOXED, EQUALS]);
const noisyIds = new Set(tokenIds(VOCABULARY.filter((token) => token.endsWith("?"))));

export interface ChainsContext extends Pick<CommandContext, "log" | "progress" | "signal"> {
  /** Checkpoints; an earlier, unfinished training in it is gone on with. */
  checkpointDir: string;
  /** Steps between checkpoints; default 500. */
  checkpointEvery?: number;
  /** Where the Hugging Face folder goes. */
  out: string;
  /** Losses by step, for the run's journal. */
  metric?(name: string, step: number, value: number): void;
}

/** @returns the figures on held-out questions, or null when `signal` stopped it before its end */
export async function trainChains(settings: ChainsSettings, context: ChainsContext): Promise<ChainsEvaluation | null> {
  const { log, signal, checkpointDir, checkpointEvery = 500, metric } = context;
  const config = chainsConfig(settings);
  const params = initDecoder(config, new Random(settings.seed).split("chains").split("parameters"));
  const parameterCount = countParameters(params);
  log.info("chains-start", { ...settings, parameterCount });

  const { steps, batch, seed, lr } = settings;
  const packed = packExamples(makeLessons(settings, context), CONTEXT_LENGTH);
  const stages = planStages(lr, steps).map(({ weights, ...stage }) => ({
    ...stage,
    rowsOfBatch: rowSampler(
      packed.map((row) => emphasise(row, weights)),
      batch,
      seed,
    ),
  }));
  const stageOf = (step: number) => stages.findLast(({ start }) => step >= start)!;
  const progress = context.progress({ label: "train chains", total: steps, unit: "steps" });
  const trained = await train<DecoderParams, SftBatch>({
    params,
    loss: (inside, tensors) => sftLoss(inside, config, tensors),
    batch: (step) => batchOfRows(stageOf(step).rowsOfBatch(step)),
    optimizer: adamw({ weightDecay: 0.01 }), // three tables of facts are all needed, and the corpus does not run out
    schedule: (step) => stageOf(step).rate(step),
    steps,
    seed,
    clipNorm: 1,
    checkpointDir,
    checkpointEvery,
    onStep: ({ step, loss }) => (step % 20 === 0 || step === steps) && metric?.("loss", step, loss),
    progress,
    signal,
  });
  progress.stop();
  if (trained.stopped) return null;

  const model = { config, params: trained.params };
  const judged = await evaluateChains(model, settings, context);
  if (!judged) return null;
  const evaluation = { settings, parameterCount, loss: trained.loss!, ...judged };
  await saveChains(context.out, model, evaluation);
  log.info("chains-save", { out: context.out });
  return evaluation;
}

/** When each stage begins, and its learning rates: down a cosine from the stage's peak. */
function planStages(lr: number, steps: number) {
  let shareBefore = 0;
  return STAGES.map(({ share, peak, weights }) => {
    const [start, end] = [shareBefore, shareBefore + share].map((part) => Math.round(part * steps)) as [number, number];
    shareBefore += share;
    const length = end - start;
    const falling = cosine({ peak: lr * peak, steps: length, warmup: Math.ceil(0.02 * length), final: 1e-4 });
    return { start, weights, rate: (step: number) => falling(step - start) };
  });
}

/** A probe is a box that the model did not open itself. */
function emphasise(row: PackedRow, { verdict, probe, noisy }: Emphasis): PackedRow {
  const weights = row.weights.map((weight, at) => {
    const token = row.tokens[at]!;
    if (token === checkId || token === wrongId) return verdict * weight;
    if (token === boxedId && row.weights[at - 1] === 0) return probe * weight;
    return token === equalsId && noisyIds.has(row.tokens[at - 2]!) ? noisy * weight : weight;
  });
  return { ...row, weights };
}

/** The shape of the model: Llama, tied head. */
export function chainsConfig(sizes: Pick<ChainsSettings, "dim" | "layers" | "heads">): DecoderConfig {
  const ends = tokenIds([BOS, EOS, PAD]);
  return defineTinyDecoder(sizes, { vocabSize: VOCABULARY.length, maxPositions: CONTEXT_LENGTH, ends });
}

function makeLessons({ lessons, seed }: ChainsSettings, { progress }: Pick<ChainsContext, "progress">): TokenExample[] {
  const bar = progress({ label: "write lessons", total: lessons, unit: "lessons" });
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

/** config.json comes at the very end: a folder that loads is complete. */
async function saveChains(out: string, model: DecoderModel, evaluation: ChainsEvaluation): Promise<void> {
  await mkdir(out, { recursive: true });
  await writeFileAtomic(join(out, "chat_template.jinja"), CHAT_TEMPLATE);
  await writeFileAtomic(join(out, "README.md"), renderModelCard(evaluation));
  await writeJsonAtomic(join(out, "evaluation.json"), evaluation);
  await saveModel(out, { ...model, tokenizer: chainsTokenizer() });
}
