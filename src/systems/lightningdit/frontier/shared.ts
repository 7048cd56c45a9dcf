/** What all tokenizers of an experiment share: pictures, the net they are aligned to, and the judge. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { CommandContext } from "../../../core/command.ts";
import { readSigned } from "../../../media/index.ts";
import type { FeatureNet, Features } from "../../../vision/index.ts";
import { type ConvFeatureNet, loadNet, trainFeatures } from "../features/index.ts";
import { smallFeatures, smallJudge } from "../presets.ts";
import type { FeatureSettings } from "../schemas.ts";
import { type MarkSet, marks } from "../world.ts";
import type { FrontierPlan } from "./plan.ts";

export interface ExperimentContext extends Pick<CommandContext, "log" | "progress" | "signal"> {
  /** Where finished parts are kept. */
  dir: string;
}

export interface Shared {
  readonly train: MarkSet;
  readonly heldOut: MarkSet;
  /** Latents are aligned to it. */
  readonly features: ConvFeatureNet;
  /** Never what latents are aligned to: another net, of another task, on other pictures. */
  readonly judge: FeatureNet;
  /** All held-out pictures, [count, 3, side, side]. */
  readonly real: Float32Array<ArrayBuffer>;
  dispose(): void;
}

/** @returns null when `signal` stopped the training of a net */
export async function openShared(plan: FrontierPlan, context: ExperimentContext): Promise<Shared | null> {
  const seed = plan.seeds[0]!;
  const { side, trainCount: count } = plan;
  const train = marks("train", { seed, count, side });
  const heldOut = marks("validation", { seed, count: plan.heldOutCount, side });
  const teacher = { ...smallFeatures(plan.features.task, seed, side), steps: plan.features.steps, count };
  const features = await netOf("features", teacher, { train, validation: heldOut }, context);
  if (!features) return null;
  const settings = { ...smallJudge("factors", seed, side), steps: plan.judgeSteps, count };
  const unseen = marks("judge", { seed, count, side });
  const judge = await netOf("judge", settings, { train: unseen, validation: heldOut }, context);
  if (!judge) return null;
  const real = await readSigned(
    heldOut,
    Array.from({ length: heldOut.count }, (_, index) => index),
  );
  return {
    train,
    heldOut,
    features,
    judge: remembering(judge, real),
    real,
    dispose() {
      features.dispose();
      judge.dispose();
    },
  };
}

async function netOf(
  name: string,
  settings: FeatureSettings,
  sets: { train: MarkSet; validation: MarkSet },
  { dir, ...context }: ExperimentContext,
): Promise<ConvFeatureNet | null> {
  const out = join(dir, name);
  if (existsSync(join(out, "card.json"))) return loadNet(out);
  return trainFeatures(name, settings, sets, { ...context, checkpointDir: join(dir, `${name}-checkpoints`), out });
}

/** Looks at the real pictures once, however often they are compared with. */
function remembering(net: FeatureNet, real: Float32Array): FeatureNet {
  let seen: Promise<Features> | undefined;
  return {
    ...net,
    run(images, side) {
      if (images !== real) return net.run(images, side);
      seen ??= net.run(images, side);
      return seen;
    },
  };
}
