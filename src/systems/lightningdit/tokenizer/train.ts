/**
 * Trains a tokenizer through its stages. A function of its settings, data and feature net alone: killed anywhere and
 * started again on the same folder, it ends with the same bytes.
 */
import { join } from "node:path";
import { adamw } from "../../../compute/optim/adamw.ts";
import { constant, cosine } from "../../../compute/schedules.ts";
import type { Outside } from "../../../compute/tensor.ts";
import { Tensor } from "../../../compute/tensor.ts";
import { type Snapshot, train } from "../../../compute/train.ts";
import type { CommandContext } from "../../../core/command.ts";
import { ConfigError } from "../../../core/errors.ts";
import { Random } from "../../../core/random.ts";
import {
  autoencoderConfig,
  initAutoencoder,
  initDiscriminator,
  initVfProjection,
  latentSide,
  type TokenizerBatch,
  type TokenizerParams,
  tokenizerLoss,
} from "../../../diffusion/autoencoder/index.ts";
import { type ImageSet, readSigned } from "../../../media/index.ts";
import { type FeatureNet, perceptualDistance } from "../../../vision/index.ts";
import type { ConvFeatureNet } from "../features/net.ts";
import { cacheFeatures, type FeatureSource } from "../features/source.ts";
import { drawIndices } from "../features/train.ts";
import type { TokenizerCard, TokenizerSettings } from "../schemas.ts";
import { createReconstructionWatch } from "./reconstructions.ts";
import { everUses, scheduledTerms, stageAt, totalSteps } from "./stages.ts";
import { loadTokenizer, saveTokenizer, type Tokenizer } from "./tokenizer.ts";
import { createTrainingWatch } from "./watch.ts";

export interface TokenizerContext extends Pick<CommandContext, "log" | "progress" | "signal"> {
  /** Checkpoints, cached features and pictures of reconstructions; an unfinished training in it is gone on with. */
  dir: string;
  /** Steps between checkpoints; default 200. */
  checkpointEvery?: number;
  /** Steps between pictures and PSNR on held-out images; default 200. */
  evaluateEvery?: number;
  /** Where the tokenizer goes. */
  out: string;
  metric?(name: string, step: number, value: number): void;
}

export interface TokenizerInputs {
  train: ImageSet;
  validation: ImageSet;
  /** What latents are aligned to; needed by stages with a vfWeight. */
  features?: FeatureNet;
  /** What the perceptual distance is made of; needed by stages with a perceptualWeight. */
  perceptual?: ConvFeatureNet;
}

/** @returns the tokenizer, or null when `signal` stopped the training before its end */
export async function trainTokenizer(
  name: string,
  settings: TokenizerSettings,
  inputs: TokenizerInputs,
  context: TokenizerContext,
): Promise<Tokenizer | null> {
  expectInputs(settings, inputs);
  const steps = totalSteps(settings);
  const source = everUses(settings, "vfWeight") ? await openFeatures(settings, inputs, context) : undefined;
  if (source === null) return null;
  const pictures = await createReconstructionWatch(
    settings.autoencoder,
    inputs.validation,
    join(context.dir, "samples"),
  );
  const watch = createTrainingWatch(context.log);
  const progress = context.progress({ label: `train ${name}`, total: steps, unit: "steps" });
  const { lr, beta1, beta2 } = settings;
  try {
    const trained = await train<TokenizerParams, TokenizerBatch>({
      params: initTokenizer(settings, source?.dim),
      loss: lossOf(settings, inputs),
      batch: (step, rng) => makeBatch(settings, step, rng, inputs, source),
      optimizer: adamw({ beta1, beta2, weightDecay: 0 }),
      schedule: settings.decay
        ? cosine({ peak: lr, steps, warmup: Math.min(steps, 20), final: lr / 10 })
        : constant(lr),
      steps,
      seed: settings.seed,
      ema: settings.ema,
      nanGuard: {},
      checkpointDir: join(context.dir, "checkpoints"),
      checkpointEvery: context.checkpointEvery ?? 200,
      evaluate: async (snapshot) => pictures.look(snapshot.step, bestOf(snapshot)),
      evaluateEvery: context.evaluateEvery ?? 200,
      onStep(report) {
        watch.see(report);
        if (report.step % 10 !== 0 && report.step !== steps) return;
        const { loss, metrics, evaluation } = report;
        for (const [key, value] of Object.entries({ loss, ...metrics, ...evaluation }))
          context.metric?.(key, report.step, value);
      },
      progress,
      signal: context.signal,
    });
    progress.stop();
    if (trained.stopped) return null;
    const aligned = source && stageAt(settings, steps - 1).stage.vfWeight > 0;
    const card: Omit<TokenizerCard, "sha256"> = {
      kind: "polymath-tokenizer",
      name,
      autoencoder: settings.autoencoder,
      settings,
      ...(aligned && { alignedTo: inputs.features!.name }),
    };
    await saveTokenizer(context.out, card, bestOf(trained));
    return loadTokenizer(context.out);
  } finally {
    pictures.dispose();
    await source?.close();
  }
}

/** The average where one is kept, else the weights. */
function bestOf({ ema, params }: Snapshot<TokenizerParams>): Outside<TokenizerParams>["model"] {
  return (ema ?? params).model;
}

function initTokenizer(settings: TokenizerSettings, featureDim: number | undefined): Outside<TokenizerParams> {
  const { autoencoder, discriminator, projection: direction } = settings;
  const rng = new Random(settings.seed).split("tokenizer");
  const latentDim = autoencoder.embed_dim;
  return {
    model: {
      ...initAutoencoder(rng.split("model"), autoencoder),
      ...(featureDim !== undefined && {
        linear_proj: initVfProjection(rng.split("linear_proj"), { latentDim, featureDim, direction }),
      }),
    },
    ...(everUses(settings, "adversaryWeight") && {
      discriminator: initDiscriminator(rng.split("discriminator"), { ...discriminator, channels: autoencoder.out_ch }),
    }),
  };
}

function lossOf(settings: TokenizerSettings, { perceptual }: TokenizerInputs) {
  const { autoencoder, discriminator, projection, adaptiveVf } = settings;
  return tokenizerLoss(autoencoder, {
    discriminator,
    projection,
    adaptiveVf,
    ...(perceptual && {
      perceptual: (frozen, x, y) => perceptualDistance(frozen, x, y, perceptual.card.encoder),
    }),
  });
}

async function makeBatch(
  settings: TokenizerSettings,
  step: number,
  rng: Random,
  { train: set, perceptual }: TokenizerInputs,
  source: FeatureSource | undefined,
): Promise<Outside<TokenizerBatch>> {
  const { batch, autoencoder, wrongFeatures } = settings;
  const side = latentSide(autoencoder);
  const indices = drawIndices(rng.split("images"), batch, set.count);
  const noise = rng.split("noise");
  const shape = [batch, autoencoder.embed_dim, side, side];
  const features = async () => {
    // Half the set away: another picture, and always the same one.
    const shifted = indices.map((index) => (index + Math.floor(set.count / 2)) % set.count);
    const values = await source!.read(wrongFeatures ? shifted : indices);
    return Tensor.from(values, [batch, source!.dim, side, side]);
  };
  const terms = await scheduledTerms(settings, step, { features, frozen: perceptual?.params.encoder });
  return {
    images: Tensor.from(await readSigned(set, indices), [batch, 3, set.side, set.side]),
    noise: Tensor.from(
      Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => noise.normal()),
      shape,
    ),
    ...terms,
  } as Outside<TokenizerBatch>;
}

function openFeatures(
  settings: TokenizerSettings,
  { train: set, features }: TokenizerInputs,
  context: TokenizerContext,
) {
  const { progress, signal } = context;
  const side = latentSide(settings.autoencoder);
  const folder = join(context.dir, "features");
  return cacheFeatures(set, features!, { folder, side, resize: settings.resizeFeatures, progress, signal });
}

function expectInputs(settings: TokenizerSettings, { train: set, features, perceptual }: TokenizerInputs): void {
  const { resolution } = autoencoderConfig(settings.autoencoder); // sizes that do not divide each other are told here
  if (set.side !== resolution)
    throw new ConfigError(`tokenizer: pictures of ${set.side} pixels, the autoencoder takes ${resolution}`, {
      hint: "Pack the pictures at the autoencoder's resolution.",
    });
  const needs = (what: string, term: "vfWeight" | "perceptualWeight", given: unknown) => {
    if (!given && everUses(settings, term))
      throw new ConfigError(`tokenizer: ${term} is above 0, but there is no ${what}`, {
        hint: "Train one with `polymath lightningdit features`, or set the weight to 0.",
      });
  };
  needs("feature net to align to", "vfWeight", features);
  needs("net for the perceptual distance", "perceptualWeight", perceptual);
}
