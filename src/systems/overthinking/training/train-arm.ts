/**
 * One preference training of a reasoner on pairs of its own traces, watched on validation problems: whether it falls
 * apart (the collapse guard), and how many tokens it writes at which accuracy.
 */
import { mkdir } from "node:fs/promises";
import type { CommandContext } from "../../../core/command.ts";
import { Random } from "../../../core/random.ts";
import { createGenerator, type DecoderModel } from "../../../language/generate/index.ts";
import {
  type Collapse,
  type CollapseLimits,
  encodePair,
  type GuardOptions,
  type PreferenceLoss,
  trainPreference,
} from "../../../language/train/index.ts";
import type { PreferencePair } from "../schemas.ts";
import { type SolvedProblem, solveSums } from "../solve.ts";
import { sumsTokenizer, tokenIds } from "../tokenizer.ts";
import { LEVELS, type Problem, sampleProblems } from "../world/problem.ts";
import { CONTEXT_LENGTH } from "../world/teacher.ts";
import { BOS, splitTokens } from "../world/vocabulary.ts";
import { copyParams } from "./base-model.ts";

export interface ArmOptions {
  base: DecoderModel;
  pairs: readonly PreferencePair[];
  loss: PreferenceLoss;
  lr: number;
  epochs: number;
  /** Pairs per step. */
  batch: number;
  /** Parts that a step's pairs are computed in; default 1. Four take a third less memory and as much time. */
  accumulate?: number;
  seed: number;
  /** Problems for the guard and for choosing, never for the figures. */
  validation: readonly Problem[];
  /** What the base model answers to them. */
  before: readonly SolvedProblem[];
  /** What the guard tolerates; default as `trainPreference`. */
  limits?: Partial<CollapseLimits>;
}

export interface ArmContext extends Pick<CommandContext, "progress" | "signal"> {
  /** Checkpoints of this training alone. */
  dir: string;
  metric?(name: string, step: number, value: number): void;
  label?: string;
}

export interface TrainedArm {
  model: DecoderModel;
  lr: number;
  /** Steps done; with a collapse, those of the last good checkpoint. */
  steps: number;
  collapse?: Collapse;
  validation: ValidationFigures;
}

export type ValidationFigures = { accuracy: number; tokenCount: number; problemCount: number };

/** The guard looks so many times in a training. */
const checkCount = 4;

/** `count` problems of the validation side of the hash split, shared by the levels. */
export function validationProblems(count: number, seed: number): Problem[] {
  return sampleProblems(new Random(seed).split("validation"), Math.ceil(count / LEVELS.length), "validation");
}

/** @returns null when `signal` stopped it; called again with the same folder it goes on */
export async function trainArm(options: ArmOptions, context: ArmContext): Promise<TrainedArm | null> {
  const { base, pairs, loss, lr, epochs, batch, accumulate = 1, seed, validation } = options;
  const { dir, signal, metric } = context;
  await mkdir(dir, { recursive: true });
  const steps = Math.ceil((epochs * pairs.length) / batch);
  const evaluateEvery = Math.ceil(steps / checkCount);
  const bar = context.progress({ label: context.label ?? `train, rate ${lr}`, total: steps, unit: "steps" });
  let last: readonly SolvedProblem[] | undefined; // the guard's last look is at the end
  const result = await trainPreference({
    config: base.config,
    params: copyParams(base),
    pairs: pairs.map(encodeSumsPair),
    loss,
    sequenceLength: CONTEXT_LENGTH,
    batchSize: batch / accumulate,
    accumulate,
    steps,
    learningRate: lr,
    seed,
    checkpointDir: dir,
    checkpointEvery: evaluateEvery,
    evaluateEvery,
    guard: guardOn(options, signal, (solved) => {
      last = solved;
    }),
    onStep({ step, loss: value, metrics }) {
      for (const [name, figure] of Object.entries({ loss: value, ...metrics })) metric?.(name, step, figure);
    },
    progress: bar,
    signal,
  });
  bar.stop(result.collapse && `stopped: ${result.collapse.cause}`);
  if (signal.aborted) return null;
  const model = { config: base.config, params: result.params };
  const { collapse } = result;
  // Nothing was looked at when an earlier process had finished the training; after a collapse another model is kept.
  const solved = collapse || !last ? await solveGreedily(model, validation, signal) : last;
  if (signal.aborted) return null;
  return { model, lr, steps: result.step, validation: validationFigures(solved), ...(collapse && { collapse }) };
}

/** The world's tokenizer puts nothing around a text, so the prompt opens with the token that the model was trained on. */
export function encodeSumsPair(row: PreferencePair, index: number) {
  const { prompt, chosen, rejected } = row;
  return encodePair(
    { prompt: BOS + prompt, chosen, rejected },
    { tokenizer: sumsTokenizer(), place: `pair ${index + 1}` },
  );
}

/** Lets the model at hand answer the validation problems; `answered` gets what it said. */
function guardOn(
  { base, validation, before, limits }: ArmOptions,
  signal: AbortSignal,
  answered: (solved: readonly SolvedProblem[]) => void,
): GuardOptions {
  const describe = (solved: readonly SolvedProblem[]) => ({
    answers: solved.map(({ text }) => tokenIds(splitTokens(text))),
    accuracy: validationFigures(solved).accuracy,
  });
  return {
    ...(limits && { limits }),
    before: describe(before),
    async probe(params) {
      const solved = await solveGreedily({ config: base.config, params }, validation, signal);
      answered(solved);
      return describe(solved);
    },
  };
}

export async function solveGreedily(
  model: DecoderModel,
  problems: readonly Problem[],
  signal: AbortSignal,
): Promise<SolvedProblem[]> {
  const generator = createGenerator({ model, tokenizer: sumsTokenizer() });
  try {
    return (await solveSums(generator, problems, { signal })).solved;
  } finally {
    generator.dispose();
  }
}

export function validationFigures(solved: readonly SolvedProblem[]): ValidationFigures {
  return {
    accuracy: solved.filter(({ correct }) => correct).length / solved.length,
    tokenCount: solved.reduce((sum, { trace }) => sum + trace.tokenCount, 0) / solved.length,
    problemCount: solved.length,
  };
}
