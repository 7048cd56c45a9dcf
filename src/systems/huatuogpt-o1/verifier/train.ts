/**
 * Training of a verifier: cross-entropy over two labels, as many right as wrong responses in every batch.
 * Source: the authors published none (spec section 2.2); the recipe is ours. What a step sees is a function of the seed
 * and the step, so a training that was interrupted goes on bit for bit.
 */
import { adamw } from "../../../compute/optim/adamw.ts";
import { cosine } from "../../../compute/schedules.ts";
import { type TrainOptions, train } from "../../../compute/train.ts";
import { ConfigError } from "../../../core/errors.ts";
import { Random } from "../../../core/random.ts";
import {
  batchOfTexts,
  type Classifier,
  type ClassifierBatch,
  type ClassifierParams,
  classifierLoss,
} from "./classifier.ts";

export interface LabelledText {
  tokens: readonly number[];
  label: boolean;
}

export interface VerifierTraining
  extends Pick<
    TrainOptions<ClassifierParams, ClassifierBatch>,
    "checkpointDir" | "checkpointEvery" | "onStep" | "progress" | "signal"
  > {
  /** Its parameters are spent. */
  classifier: Classifier;
  texts: readonly LabelledText[];
  epochs: number;
  /** Texts per step, half of each label. */
  batchSize: number;
  learningRate: number;
  seed: number | string;
}

export const fullScale = { epochs: 2, batchSize: 64, learningRate: 1e-5 } as const;

/** @returns null when `signal` stopped it; @throws ConfigError for texts of one label only */
export async function trainVerifier(options: VerifierTraining): Promise<Classifier | null> {
  const { classifier, texts, epochs, batchSize, learningRate, seed, ...passed } = options;
  const half = Math.max(1, Math.floor(batchSize / 2));
  const classes = [true, false].map((label) => texts.filter((text) => text.label === label));
  if (classes.some(({ length }) => length === 0)) {
    throw new ConfigError("verifier: the texts have one label only", { hint: "Give right and wrong responses." });
  }
  const draw = classes.map((members, index) => sampler(members, half, `${seed}/verifier/${index}`));
  const steps = verifierSteps(texts.length, { epochs, batchSize });
  const length = Math.max(...texts.map(({ tokens }) => tokens.length));
  const { config } = classifier;
  const result = await train<ClassifierParams, ClassifierBatch>({
    ...passed,
    params: classifier.params,
    loss: (inside, batch) => classifierLoss(inside, config, batch),
    batch: (step) =>
      batchOfTexts(
        draw.flatMap((of) => of(step)),
        { rows: 2 * half, length },
      ),
    optimizer: adamw({ weightDecay: 0.01 }),
    schedule: cosine({ peak: learningRate, steps, warmup: Math.ceil(0.05 * steps), final: learningRate / 10 }),
    steps,
    clipNorm: 1,
    seed,
  });
  return result.stopped ? null : { config, params: result.params };
}

export const verifierSteps = (textCount: number, { epochs, batchSize }: { epochs: number; batchSize: number }) =>
  Math.max(1, Math.ceil((epochs * textCount) / batchSize));

/** Members in a new order each time round; the rarer label comes round more often. */
function sampler(members: readonly LabelledText[], count: number, seed: string) {
  let shuffled = { round: -1, order: [] as LabelledText[] };
  const orderOf = (round: number) => {
    if (shuffled.round !== round) shuffled = { round, order: new Random(seed).split(round).shuffle([...members]) };
    return shuffled.order;
  };
  return (step: number): LabelledText[] =>
    Array.from({ length: count }, (_, offset) => {
      const at = step * count + offset;
      return orderOf(Math.floor(at / members.length))[at % members.length]!;
    });
}
