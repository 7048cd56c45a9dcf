/**
 * Trains a diffusion transformer on latents by flow matching. Data order, noise, times and dropped labels of a step are
 * functions of the seed and the step, so a run that was killed ends with the bytes of an uninterrupted one.
 */
import { type numpy as np, tree } from "@jax-js/jax";
import { adamw } from "../../compute/optim/adamw.ts";
import { constant } from "../../compute/schedules.ts";
import { type Outside, Tensor } from "../../compute/tensor.ts";
import { type TrainOptions, type TrainResult, train } from "../../compute/train.ts";
import { ConfigError } from "../../core/errors.ts";
import type { Random } from "../../core/random.ts";
import { type FlowBatch, pointOnPath } from "../flow/linear-path.ts";
import { drawTimesteps } from "../flow/timesteps.ts";
import { velocityLoss } from "../flow/velocity-loss.ts";
import type { DitConfig } from "../transformer/config.ts";
import { initDit } from "../transformer/parameters.ts";
import { type DitParams, dit } from "../transformer/transformer.ts";
import { epochOrder } from "./epoch-order.ts";
import type { FlowRecipe } from "./recipe.ts";

/** What is trained on. */
export interface LatentExamples {
  readonly count: number;
  /**
   * @param indices which, in order
   * @param rng decides what is drawn anew at each visit, such as flips
   * @returns latents [indices, channels, grid, grid], normalised; labels from 0 to classes - 1
   */
  read(indices: readonly number[], rng: Random): Promise<LatentBatch> | LatentBatch;
}

export interface LatentBatch {
  latents: Float32Array<ArrayBuffer>;
  labels: Int32Array<ArrayBuffer>;
}

export type DitBatch = FlowBatch & { labels: np.Array /* [batch] int32 */ };

type Kept =
  | "checkpointDir"
  | "checkpointEvery"
  | "checkpointKeep"
  | "onStep"
  | "evaluate"
  | "evaluateEvery"
  | "progress"
  | "signal";

export interface DitTrainOptions extends Pick<TrainOptions<DitParams, DitBatch>, Kept> {
  config: DitConfig;
  recipe: FlowRecipe;
  examples: LatentExamples;
  seed: number | string;
  /** Spent; default fresh ones of the seed. */
  params?: Outside<DitParams>;
}

/**
 * Steps without finite gradients are skipped; after three in a row the learning rate is halved, after ten it ends.
 * The report's metrics: `squares`, the published curves' loss, and `direction`.
 * @throws DivergedError when the gradients stay NaN or infinite
 */
export async function trainDit(options: DitTrainOptions): Promise<TrainResult<DitParams>> {
  const { config, recipe, examples, seed, params = initDit(config, `${seed}/init`), ...rest } = options;
  if (examples.count < recipe.batch)
    throw new ConfigError(`trainDit: a batch of ${recipe.batch} from ${examples.count} examples`, {
      hint: "Lower the batch: an epoch must fill at least one.",
    });
  const { lr, beta1, beta2, ema, clipNorm, steps, batch } = recipe;
  const indicesOf = epochOrder(examples.count, batch, seed);
  return train<DitParams, DitBatch>({
    ...rest,
    params,
    loss: ditLoss(config, recipe),
    batch: async (step, rng) =>
      makeBatch(await examples.read(indicesOf(step), rng.split("examples")), { config, recipe, step, rng }),
    optimizer: adamw({ beta1, beta2, weightDecay: 0 }),
    schedule: constant(lr),
    steps,
    seed,
    ema,
    ...(clipNorm !== undefined && { clipNorm }),
    nanGuard: {},
    throughput: { unit: "examples", count: () => batch },
  });
}

/** Scalar to make small; owns all it is given. */
export function ditLoss(config: DitConfig, { direction: withDirection }: Pick<FlowRecipe, "direction">) {
  return (params: DitParams, { labels, ...batch }: DitBatch): [np.Array, Record<string, np.Array>] => {
    const { point, velocity, timesteps } = pointOnPath(batch);
    const predicted = dit(params, { latents: point, timesteps, labels }, config);
    tree.dispose(params);
    const { squares, direction } = velocityLoss(predicted, velocity);
    const loss = withDirection ? squares.ref.add(direction.ref) : squares.ref;
    return [loss, { squares, direction }];
  };
}

interface StepContext {
  config: DitConfig;
  recipe: FlowRecipe;
  step: number;
  rng: Random;
}

function makeBatch({ latents, labels }: LatentBatch, { config, recipe, step, rng }: StepContext): Outside<DitBatch> {
  const { grid, channels, classes } = config;
  const { timesteps: kind, uniformFrom, labelDropout } = recipe;
  const count = labels.length;
  const shape = [count, channels, grid, grid];
  const [noises, drops] = [rng.split("noise"), rng.split("labels")];
  const noise = Float32Array.from(latents, () => noises.normal());
  return {
    data: Tensor.from(latents, shape),
    noise: Tensor.from(noise, shape),
    timesteps: Tensor.from(drawTimesteps({ kind, uniformFrom }, { step, count, rng: rng.split("times") })),
    labels: Tensor.from(labels.map((label) => (drops.next() < labelDropout ? classes : label))),
  };
}
