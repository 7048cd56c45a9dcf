/** `polymath lightningdit tokenizer eval`: reconstruction, and the health of the latents before a generator is trained. */
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import type { ReportSection } from "../../../core/report.ts";
import { evaluateReconstruction, latentHealth } from "../evaluate/index.ts";
import { loadNet } from "../features/index.ts";
import { openFeatureNet } from "../features/open.ts";
import { openImages } from "../images.ts";
import type { LatentHealth, TokenizerEvaluation } from "../schemas.ts";
import { loadTokenizer } from "../tokenizer/index.ts";

type Result = { evaluation: TokenizerEvaluation; health: LatentHealth };

export const tokenizerEvalCommand = defineCommand({
  name: "lightningdit tokenizer eval",
  summary: "Measure a tokenizer: PSNR, SSIM, rFID on a named judge, and whether its latents are fit to be generated",
  examples: [
    "polymath lightningdit tokenizer eval tokenizer --judge judge --features features",
    "polymath lightningdit tokenizer eval tokenizer photos/ --judge inception.onnx",
  ],
  args: z
    .array(z.string())
    .min(1)
    .max(2)
    .meta({ label: "tokenizer pictures" })
    .describe("the tokenizer's folder, then your pictures (default: the world marks)"),
  options: z.object({
    judge: z.string().meta({ label: "net" }).describe("a folder of `lightningdit features --judge`, or an ONNX file"),
    features: z
      .string()
      .optional()
      .meta({ label: "net" })
      .describe("measure alignment and the perceptual distance with this net"),
    count: z.number().int().min(2).default(2000).describe("held-out pictures"),
    shrink: z
      .boolean()
      .default(false)
      .describe("with fewer pictures than features, shrink covariances instead of refusing"),
    enlarge: z.boolean().default(false).describe("enlarge pictures smaller than the side instead of rejecting them"),
    seed: z.number().int().min(0).default(0).describe("of the held-out pictures; that of the training"),
  }),
  journal: true,
  async run(
    [folder, source],
    { judge: judgePlace, features: featuresPlace, count, shrink, enlarge, seed },
    context,
  ): Promise<Result> {
    const { run } = context;
    const tokenizer = await loadTokenizer(folder!);
    const judge = await openFeatureNet(judgePlace);
    const features = featuresPlace === undefined ? undefined : await openFeatureNet(featuresPlace);
    const perceptual =
      featuresPlace === undefined || featuresPlace.endsWith(".onnx") ? undefined : await loadNet(featuresPlace);
    const side = tokenizer.config.resolution;
    const images = await openImages(
      { source, side, count: 1, holdout: count, seed, folder: run.path("pictures"), enlarge },
      context,
    );
    try {
      const gridFile = run.path("reconstructions.png");
      const evaluation = await evaluateReconstruction(tokenizer, images.validation, {
        ...context,
        judge,
        perceptual,
        shrink,
        gridFile,
      });
      const health = await latentHealth(tokenizer, images.validation, { features });
      await run.finish({
        title: `Tokenizer ${tokenizer.name}`,
        summary: sentence(evaluation),
        sections: sections({ evaluation, health }),
      });
      return { evaluation, health };
    } finally {
      for (const opened of [tokenizer, judge, features, perceptual]) opened?.dispose();
      await images.close();
    }
  },
  print: ({ evaluation, health }) =>
    [
      sentence(evaluation),
      ...evaluation.warnings.map((text) => `warning: ${text}`),
      ...rowsOf({ evaluation, health }).map(([name, value]) => `  ${name.padEnd(28)}${value}`),
    ].join("\n"),
});

function sentence({ tokenizer, psnr, rfid, judge, count }: TokenizerEvaluation): string {
  return `${tokenizer}: PSNR ${psnr.toFixed(2)} dB, rFID ${rfid.toFixed(3)} on ${judge}, ${count} pictures.`;
}

function rowsOf({ evaluation, health }: Result): [string, string][] {
  const rows: [string, number | undefined, string][] = [
    ["PSNR", evaluation.psnr, " dB"],
    ["SSIM", evaluation.ssim, ""],
    ["perceptual distance", evaluation.perceptual, ""],
    ["rFID", evaluation.rfid, ""],
    ["rFID, extrapolated", evaluation.rfidExtrapolated, ""],
    ["class kept", evaluation.classAgreement, ""],
    ["class of the pictures", evaluation.classAgreementReal, ""],
    ["channel std, least", health.std.min, ""],
    ["channel std, median", health.std.median, ""],
    ["channel std, most", health.std.max, ""],
    ["dead channels", health.dead.length, ` of ${health.channels}`],
    ["mean correlation", health.correlation, ""],
    ["effective rank", health.effectiveRank, ` of ${health.channels}`],
    ["posterior noise / spread", health.noiseShare, ""],
    ["alignment cosine", health.alignment, ""],
    ["kNN label purity", health.knnPurity, ""],
    ["linear probe", health.probeAccuracy, ""],
  ];
  return rows.flatMap(([name, value, unit]) =>
    value === undefined ? [] : [[name, `${Number(value.toPrecision(4))}${unit}`]],
  );
}

function sections(result: Result): ReportSection[] {
  return [{ kind: "table", title: "Reconstruction and latents", columns: ["measure", "value"], rows: rowsOf(result) }];
}
