/** The stop of `systems/lightningdit`: its generator draws pictures, and a net that had no part in it says what they show. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { clopperPearson } from "../../core/statistics/index.ts";
import {
  drawPictures,
  labelsInTurn,
  loadNet,
  loadTokenizer,
  markClassNames,
  openGenerator,
  writeGrid,
} from "../../systems/lightningdit/index.ts";
import { classAgreement, type FeatureNet } from "../../vision/index.ts";
import { modelsRoot } from "../models.ts";
import { type Figure, percent, type StopOptions, type StopResult, type StopSkipped } from "./stop.ts";

const picturesPerClass = 4;
const stepCount = 50;
/** As the model card of models/marks has it. */
const guidance = 2;
const folder = join(modelsRoot, "marks");

/** Four pictures of each of the twelve classes; the sheet stays in the run folder. */
export async function visitLightningDit(options: StopOptions): Promise<StopResult | StopSkipped> {
  const { seed, progress, signal, say, path } = options;
  const isThere = (part: string) => existsSync(join(folder, part, "card.json"));
  if (!isThere("generator") || !isThere("tokenizer")) {
    return {
      lacks: `there is no generator in ${join(basename(modelsRoot), basename(folder))}`,
      hint: "polymath train marks makes one",
    };
  }
  say("a diffusion transformer draws striped figures in a grid of latents, and the tokenizer turns them into pictures");
  const generator = await openGenerator(join(folder, "generator"));
  const tokenizer = await loadTokenizer(join(folder, "tokenizer"));
  const judge = isThere("judge") ? await loadNet(join(folder, "judge")) : undefined;
  try {
    const labels = labelsInTurn(picturesPerClass * generator.config.classes, generator.config.classes);
    const bar = progress({ label: "draw", total: labels.length, unit: "pictures" });
    const began = performance.now();
    const pictures = await drawPictures(generator, tokenizer, {
      ...{ labels, seed, signal, progress: bar, batch: labels.length },
      sampling: { points: stepCount + 1, guidance: { scale: guidance } },
    });
    const msPerPicture = (performance.now() - began) / labels.length;
    bar.stop();
    await writeGrid(path("lightningdit.png"), pictures, labels.length, generator.config.classes);
    const seen = judge && (await agreement(judge, pictures, labels, tokenizer.config.resolution));
    const figures: Figure[] = [
      ...(seen ? [{ label: "seen as what was asked", measured: percent(seen.value), published: null }] : []),
      { label: "time per picture", measured: `${Math.round(msPerPicture)} ms`, published: null },
    ];
    return {
      did: `drew ${labels.length} pictures of ${generator.config.classes} classes`,
      figures,
      // Better than chance, and not by luck.
      passed: !seen || seen.low > 1 / generator.config.classes,
      sections: [
        {
          kind: "text",
          title: "LightningDiT: the pictures",
          text: `lightningdit.png in this run's folder: a column for each class (${markClassNames.join(", ")}).`,
        },
      ],
    };
  } finally {
    tokenizer.dispose();
    judge?.dispose();
  }
}

async function agreement(
  judge: FeatureNet,
  pictures: Float32Array<ArrayBuffer>,
  labels: Int32Array<ArrayBuffer>,
  side: number,
) {
  const { logits } = await judge.run(pictures, side);
  if (!logits || judge.classCount === undefined) return undefined;
  const share = classAgreement(logits, judge.classCount, labels);
  return clopperPearson(Math.round(share * labels.length), labels.length);
}
