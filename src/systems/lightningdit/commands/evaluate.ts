/** `polymath lightningdit evaluate`: a generator's samples beside real pictures, and whether it repeats its training. */
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import type { Report } from "../../../core/report.ts";
import { type ImageSet, readSigned } from "../../../media/index.ts";
import {
  describeMemorisation,
  drawPictures,
  findMemorised,
  labelsInTurn,
  type Memorisation,
  openGenerator,
} from "../dit/index.ts";
import { evaluateGeneration } from "../evaluate/index.ts";
import { openFeatureNet } from "../features/open.ts";
import { openImages } from "../images.ts";
import type { GenerationEvaluation } from "../schemas.ts";
import { loadTokenizer } from "../tokenizer/index.ts";
import { samplingFrom, samplingOptions } from "./dit-options.ts";

type Result = { generation: GenerationEvaluation; memorisation: Memorisation };

export const evaluateCommand = defineCommand({
  name: "lightningdit evaluate",
  summary: "Measure a generator: gFID, sFID, IS, precision, recall, class agreement, and repeated training pictures",
  examples: [
    "polymath lightningdit evaluate generator --tokenizer tokenizer --judge judge",
    "polymath lightningdit evaluate generator photos/ --tokenizer tokenizer --judge inception.onnx --count 10000",
  ],
  args: z
    .array(z.string())
    .min(1)
    .max(2)
    .meta({ label: "generator pictures" })
    .describe("the generator's folder, then your pictures (default: the world marks)"),
  options: z.object({
    tokenizer: z.string().meta({ label: "folder" }).describe("decodes the latents"),
    judge: z.string().meta({ label: "net" }).describe("a folder of `lightningdit features --judge`, or an ONNX file"),
    stats: z.string().optional().meta({ label: "file" }).describe("latents_stats.pt, for an official checkpoint"),
    count: z.int().min(8).default(2000).describe("samples, and pictures on either side"),
    ...samplingOptions,
    shrink: z
      .boolean()
      .default(false)
      .describe("with fewer pictures than features, shrink covariances instead of refusing"),
    enlarge: z.boolean().default(false).describe("enlarge pictures smaller than the side instead of rejecting them"),
    dataSeed: z.int().min(0).default(0).describe("of the pictures: that of the training"),
    seed: z.int().min(0).default(0).describe("of the noise"),
  }),
  journal: true,
  async run([path, source], options, context): Promise<Result> {
    const { run, progress, signal } = context;
    const { count, shrink, enlarge, dataSeed, seed } = options;
    const generator = await openGenerator(path!, { stats: options.stats });
    const tokenizer = await loadTokenizer(options.tokenizer);
    const judge = await openFeatureNet(options.judge);
    const side = tokenizer.config.resolution;
    const images = await openImages(
      { source, side, count, holdout: count, seed: dataSeed, folder: run.path("pictures"), enlarge },
      context,
    );
    try {
      const labels = labelsInTurn(count, generator.config.classes);
      const bar = progress({ label: "sample", total: count, unit: "pictures" });
      const made = await drawPictures(generator, tokenizer, {
        labels,
        seed,
        sampling: samplingFrom(options),
        progress: bar,
        signal,
      });
      bar.stop();
      const [training, heldOut] = [await allOf(images.train), await allOf(images.validation)];
      const generation = await evaluateGeneration(
        { images: made, side },
        { images: heldOut, side },
        { judge, labels, shrink },
      );
      const features = async (pictures: Float32Array<ArrayBuffer>) => (await judge.run(pictures, side)).pooled;
      const memorisation = findMemorised({
        samples: await features(made),
        training: await features(training),
        heldOut: await features(heldOut),
        dim: judge.dim,
        space: `features of ${judge.name}`,
      });
      const result = { generation, memorisation };
      await run.finish(reportOf(result));
      return result;
    } finally {
      tokenizer.dispose();
      judge.dispose();
      await images.close();
    }
  },
  print: (result) =>
    [
      ...rowsOf(result).map(([name, value]) => `${name.padEnd(22)}${value}`),
      ...result.generation.warnings.map((text) => `warning: ${text}`),
      describeMemorisation(result.memorisation),
    ].join("\n"),
});

async function allOf(set: ImageSet): Promise<Float32Array<ArrayBuffer>> {
  return readSigned(
    set,
    Array.from({ length: set.count }, (_, index) => index),
  );
}

function rowsOf({ generation }: Result): [string, string][] {
  const { fid, fidExtrapolated, sfid, inceptionScore, precision, recall, classAgreement, count, judge } = generation;
  const rows: [string, number | undefined][] = [
    ["gFID", fid],
    ["gFID, extrapolated", fidExtrapolated],
    ["sFID", sfid],
    ["inception score", inceptionScore],
    ["precision", precision],
    ["recall", recall],
    ["class agreement", classAgreement],
  ];
  const figures = rows.flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value.toPrecision(4)]],
  );
  return [["samples", String(count)], ["judge", judge], ...figures];
}

function reportOf(result: Result): Report {
  return {
    title: "Generator, measured",
    summary: describeMemorisation(result.memorisation),
    sections: [
      { kind: "table", title: "Samples beside held-out pictures", columns: ["measure", "value"], rows: rowsOf(result) },
    ],
  };
}
