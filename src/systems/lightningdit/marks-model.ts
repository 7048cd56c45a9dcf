/**
 * The recipe of the generator that ships: a small vision model, a tokenizer aligned to it, a LightningDiT on its latents,
 * and a judge that had no part in any of them. All on the world marks.
 *
 * Everything is a function of the settings: killed anywhere and started again with the same folder of parts, it ends with
 * the same bytes.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic, writeJsonAtomic } from "../../core/atomic.ts";
import type { CommandContext } from "../../core/command.ts";
import { countDitParameters, DitConfig, ditSizes, FlowRecipe } from "../../diffusion/index.ts";
import { readSigned } from "../../media/index.ts";
import { drawPictures, type Generator, labelsInTurn, trainGenerator, writeGrid } from "./dit/index.ts";
import { evaluateGeneration, evaluateReconstruction } from "./evaluate/index.ts";
import { type ConvFeatureNet, loadNet, trainFeatures } from "./features/index.ts";
import { checkStats, computeStats, extractLatents, openLatents, writeStats } from "./latents/index.ts";
import { smallFeatures, smallJudge, smallTokenizer } from "./presets.ts";
import type { FeatureSettings } from "./schemas.ts";
import { loadTokenizer, type Tokenizer, trainTokenizer } from "./tokenizer/index.ts";
import { type MarkSet, marks } from "./world.ts";

export interface MarksModelSizes {
  side: 16 | 32;
  /** Latent channels. */
  d: number;
  /** Pictures to learn from, and held out. */
  pictures: number;
  heldOut: number;
  featureSteps: number;
  judgeSteps: number;
  tokenizerSteps: number;
  generatorSteps: number;
  generatorSize: keyof typeof ditSizes;
  /** Of the pictures that are judged. */
  guidance: number;
}

export const marksModelSizes: MarksModelSizes = {
  side: 32,
  d: 16,
  pictures: 12_000,
  heldOut: 2000,
  featureSteps: 600,
  judgeSteps: 900,
  tokenizerSteps: 3000,
  generatorSteps: 4000,
  generatorSize: "nano",
  guidance: 2,
};

export interface MarksEvaluation {
  seed: number;
  parameterCount: number;
  judge: string;
  /** Of held-out pictures, in dB. */
  psnr: number;
  rfid: number;
  gfid: number;
  guidance: number;
  /** Share that the judge takes for their class: samples, and held-out pictures themselves. */
  classAgreement: number;
  classAgreementReal: number;
}

export interface MarksModelContext extends Pick<CommandContext, "log" | "progress" | "signal"> {
  /** Finished parts and checkpoints. */
  dir: string;
  /** Where the folders tokenizer, generator and judge go. */
  out: string;
}

/** @returns null when `signal` stopped it */
export async function trainMarksModel(
  seed: number,
  context: MarksModelContext,
  given: Partial<MarksModelSizes> = {},
): Promise<MarksEvaluation | null> {
  const sizes: MarksModelSizes = { ...marksModelSizes, ...given };
  const { side, pictures: count, heldOut } = sizes;
  const train = marks("train", { seed, count, side });
  const validation = marks("validation", { seed, count: heldOut, side });
  const unseen = marks("judge", { seed, count, side });
  const teacher = { ...smallFeatures("dense", seed, side), count, steps: sizes.featureSteps };
  const features = await netIn(join(context.dir, "features"), teacher, { train, validation }, context);
  if (!features) return null;
  const strict = { ...smallJudge("factors", seed, side), count, steps: sizes.judgeSteps };
  const judge = await netIn(join(context.out, "judge"), strict, { train: unseen, validation }, context);
  if (!judge) return null;
  const tokenizer = await tokenizerFor(seed, sizes, { train, validation, features }, context);
  if (!tokenizer) return null;
  try {
    const generator = await generatorFor(seed, sizes, tokenizer, train, context);
    return generator && (await evaluate(seed, sizes, { tokenizer, generator, judge, validation }, context));
  } finally {
    tokenizer.dispose();
    features.dispose();
    judge.dispose();
  }
}

async function netIn(
  out: string,
  settings: FeatureSettings,
  sets: { train: MarkSet; validation: MarkSet },
  { dir, ...context }: MarksModelContext,
): Promise<ConvFeatureNet | null> {
  if (existsSync(join(out, "card.json"))) return loadNet(out);
  const name = settings.task === "factors" ? "judge" : "features";
  return trainFeatures(name, settings, sets, { ...context, checkpointDir: join(dir, `${name}-checkpoints`), out });
}

async function tokenizerFor(
  seed: number,
  { d, side, tokenizerSteps: steps }: MarksModelSizes,
  inputs: { train: MarkSet; validation: MarkSet; features: ConvFeatureNet },
  { dir, ...context }: MarksModelContext,
): Promise<Tokenizer | null> {
  const out = join(context.out, "tokenizer");
  if (existsSync(join(out, "card.json"))) return loadTokenizer(out);
  const settings = smallTokenizer({ d, seed, steps, side, vfWeight: 0.3 });
  return trainTokenizer("tokenizer", settings, inputs, { ...context, dir: join(dir, "tokenizer"), out });
}

async function generatorFor(
  seed: number,
  { generatorSize, generatorSteps: steps }: MarksModelSizes,
  tokenizer: Tokenizer,
  pictures: MarkSet,
  { dir, ...context }: MarksModelContext,
): Promise<Generator | null> {
  const folder = join(dir, "latents");
  if (!(await extractLatents({ ...context, tokenizer, pictures, folder, seed }))) return null;
  const latents = await openLatents(folder);
  try {
    const stats = await computeStats(latents, { seed });
    checkStats(stats, latents, folder);
    await writeStats(folder, stats);
  } finally {
    await latents.close();
  }
  const { latentDim: channels, latentSide: grid } = tokenizer;
  return trainGenerator(
    {
      latents: folder,
      config: DitConfig.parse({
        ...ditSizes[generatorSize],
        patch: 1,
        grid,
        channels,
        classes: pictures.classNames.length,
      }),
      recipe: FlowRecipe.parse({ steps, batch: 96, lr: 1e-3, ema: 0.995, clipNorm: 1 }),
      seed,
      tokenizer,
    },
    { ...context, dir: join(dir, "generator"), out: join(context.out, "generator") },
  );
}

interface Trained {
  tokenizer: Tokenizer;
  generator: Generator;
  judge: ConvFeatureNet;
  validation: MarkSet;
}

/** Writes the card, the figures and a sheet of samples beside the parts. */
async function evaluate(
  seed: number,
  { guidance, side }: MarksModelSizes,
  { tokenizer, generator, judge, validation }: Trained,
  { out, progress, signal }: MarksModelContext,
): Promise<MarksEvaluation> {
  const reconstruction = await evaluateReconstruction(tokenizer, validation, { judge, progress });
  const labels = labelsInTurn(validation.count, generator.config.classes);
  const bar = progress({ label: "draw", total: labels.length, unit: "pictures" });
  const images = await drawPictures(generator, tokenizer, {
    ...{ labels, seed: `${seed}/judged`, batch: 100, signal, progress: bar },
    sampling: { points: 51, guidance: { scale: guidance } },
  });
  bar.stop();
  const all = Array.from({ length: validation.count }, (_, index) => index);
  const real = { images: await readSigned(validation, all), side };
  const generation = await evaluateGeneration({ images, side }, real, { judge, labels });
  const evaluation: MarksEvaluation = {
    seed,
    parameterCount: countDitParameters(generator.config),
    judge: judge.name,
    psnr: reconstruction.psnr,
    rfid: reconstruction.rfid,
    gfid: generation.fid,
    guidance,
    classAgreement: generation.classAgreement!,
    classAgreementReal: reconstruction.classAgreementReal!,
  };
  await writeGrid(join(out, "samples.png"), images.subarray(0, 48 * 3 * side ** 2), 48, 12);
  await writeJsonAtomic(join(out, "evaluation.json"), evaluation);
  await writeFileAtomic(join(out, "README.md"), modelCard(evaluation, validation.count));
  return evaluation;
}

/** README.md of the model; figures come from the evaluation. */
function modelCard(found: MarksEvaluation, count: number): string {
  const { seed, parameterCount, psnr, rfid, gfid, guidance, classAgreement, classAgreementReal } = found;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return `---
license: apache-2.0
pipeline_tag: unconditional-image-generation
---
# Polymath marks: draws striped figures

A latent diffusion transformer of ${parameterCount.toLocaleString("en")} parameters on the latents of a tokenizer that was aligned to a small vision
model (Yao et al. 2025, arXiv 2501.01423, in miniature). Twelve classes: four shapes in three palettes. \`tokenizer\`, \`generator\` and \`judge\`
are folders of their own; the judge, who counts below, is another net, trained on other pictures by another task.

\`\`\`sh
polymath lightningdit dit sample models/marks/generator --tokenizer models/marks/tokenizer --cfg ${guidance} --out samples
\`\`\`

![four samples of each class](samples.png)

| on ${count} pictures | |
|---|---|
| PSNR of reconstructions of held-out pictures | ${psnr.toFixed(1)} dB |
| Fréchet distance of reconstructions, of samples (guidance ${guidance}) | ${rfid.toFixed(2)}, ${gfid.toFixed(2)} |
| samples seen as the class they were asked for | ${percent(classAgreement)} |
| held-out pictures seen as their class | ${percent(classAgreementReal)} |

## Made by

\`\`\`sh
polymath train marks --seed ${seed} --out models/marks
\`\`\`
`;
}
