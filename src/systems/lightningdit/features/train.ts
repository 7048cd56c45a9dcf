/** Trains a feature net and says how much of the class its features show. */
import { adamw } from "../../../compute/optim/adamw.ts";
import { cosine } from "../../../compute/schedules.ts";
import type { Outside } from "../../../compute/tensor.ts";
import { train } from "../../../compute/train.ts";
import type { CommandContext } from "../../../core/command.ts";
import { ConfigError } from "../../../core/errors.ts";
import { Random } from "../../../core/random.ts";
import { type ImageSet, readSigned } from "../../../media/index.ts";
import { classAgreement, initConvEncoder, linearProbe } from "../../../vision/index.ts";
import type { FeatureCard, FeatureSettings } from "../schemas.ts";
import { type ConvFeatureNet, loadNet, openNet, saveNet } from "./net.ts";
import { type FeatureParams, gridSideOf, taskOf } from "./tasks.ts";

export interface FeatureContext extends Pick<CommandContext, "log" | "progress" | "signal"> {
  /** Checkpoints; an unfinished training in it is gone on with. */
  checkpointDir?: string;
  /** Where the net goes. */
  out: string;
  metric?(name: string, step: number, value: number): void;
}

/**
 * @param name in tables, e.g. "judge"
 * @param sets to learn from, and held out
 * @returns the net, or null when `signal` stopped the training before its end
 */
export async function trainFeatures(
  name: string,
  settings: FeatureSettings,
  sets: { train: ImageSet; validation: ImageSet },
  context: FeatureContext,
): Promise<ConvFeatureNet | null> {
  const { encoder, side, steps, batch, lr, seed, task: taskName } = settings;
  if (!Number.isInteger(gridSideOf(side, encoder)))
    throw new ConfigError(`features: ${encoder.widths.length} halvings do not divide ${side} pixels`);
  const task = taskOf(sets.train, settings);
  const rng = new Random(seed).split("features").split(name);
  const progress = context.progress({ label: `train ${name}`, total: steps, unit: "steps" });
  const trained = await train<FeatureParams, any>({
    params: { encoder: initConvEncoder(rng.split("encoder"), encoder), heads: task.initHeads(rng.split("heads")) },
    loss: (params, inputs) => task.loss(params, inputs),
    batch: (_, stream) => task.batch(drawIndices(stream, batch, sets.train.count), stream.split("looks")),
    optimizer: adamw({ weightDecay: 0.01 }),
    schedule: cosine({ peak: lr, steps, warmup: Math.ceil(steps / 20) }),
    steps,
    seed: `${seed}/${name}`,
    clipNorm: 1,
    ...(context.checkpointDir && { checkpointDir: context.checkpointDir, checkpointEvery: 200 }),
    onStep: ({ step, loss }) => context.metric?.(`${name} loss`, step, loss),
    progress,
    signal: context.signal,
  });
  progress.stop();
  if (trained.stopped) return null;

  const { encoder: body, heads } = trained.params as Outside<FeatureParams>;
  const hasClasses = "classes" in heads;
  const params = { encoder: body, ...(hasClasses && { heads: { classes: heads.classes! } }) };
  const draft: Omit<FeatureCard, "sha256"> = {
    kind: "polymath-feature-net",
    name: `${name} (conv ${encoder.widths.join("-")}, ${taskName}, seed ${seed})`,
    task: taskName,
    encoder,
    side,
    classNames: hasClasses ? [...sets.train.classNames] : [],
    seed,
    probeAccuracy: 0,
  };
  const judged = await judgeNet(openNet({ ...draft, sha256: "" }, params), sets);
  await saveNet(context.out, { ...draft, ...judged }, params);
  context.log.info("features-end", { name, ...judged });
  if (judged.probeAccuracy < weakBelow && sets.validation.classNames.length > 1)
    context.log.warn("features-weak", {
      name,
      probeAccuracy: judged.probeAccuracy,
      hint: "Train longer: alignment to features that do not show the class gains little.",
    });
  return loadNet(context.out);
}

/** Probe accuracy under which a net is no stand-in for a vision model. */
const weakBelow = 0.9;

/** Pictures that the linear probe learns from and is tested on, at most. */
const probeCount = 2000;

async function judgeNet(net: ConvFeatureNet, { train: known, validation }: { train: ImageSet; validation: ImageSet }) {
  const look = async (set: ImageSet) => {
    const indices = Array.from({ length: Math.min(probeCount, set.count) }, (_, index) => index);
    const features = await net.run(await readSigned(set, indices), set.side);
    return { ...features, features: features.pooled, labels: set.labels.subarray(0, indices.length) };
  };
  const [train, test] = [await look(known), await look(validation)];
  const classCount = validation.classNames.length;
  net.dispose();
  return {
    probeAccuracy: linearProbe(train, test, { dim: net.dim, classCount }),
    ...(test.logits && { classAccuracy: classAgreement(test.logits, classCount, test.labels) }),
  };
}

/** With repetition: a batch is a function of its stream alone. */
export function drawIndices(rng: Random, count: number, total: number): number[] {
  return Array.from({ length: count }, () => rng.int(0, total - 1));
}
