/** `polymath train marks`: makes the generator of striped figures, with its tokenizer and its judge. */
import { resolve } from "node:path";
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { type MarksEvaluation, marksModelSizes, trainMarksModel } from "../marks-model.ts";

export const trainMarksCommand = defineCommand({
  name: "train marks",
  summary: "Train a generator of striped figures: a vision model, a tokenizer aligned to it, a diffusion transformer",
  description:
    "Writes the folders tokenizer, generator and judge with a model card and a sheet of samples. Some ten minutes on two free cores.",
  examples: ["polymath train marks --out models/marks", "polymath train marks --generator-steps 8000 --out my-marks"],
  options: z.object({
    out: z.string().default("marks").meta({ label: "folder" }).describe("where the trained parts go"),
    d: z.int().positive().default(marksModelSizes.d).describe("channels of the latents"),
    tokenizerSteps: z.int().positive().default(marksModelSizes.tokenizerSteps),
    generatorSteps: z.int().positive().default(marksModelSizes.generatorSteps),
    seed: z.int().nonnegative().default(0),
  }),
  journal: true,
  async run(_, { out, seed, ...sizes }, context) {
    const folder = resolve(out);
    const evaluation = await trainMarksModel(seed, { ...context, dir: context.run.path("parts"), out: folder }, sizes);
    if (!evaluation) return null; // interrupted: `polymath resume` goes on
    await context.run.finish({ title: "The generator of marks", summary: sentenceOf(evaluation), sections: [] });
    return { out: folder, ...evaluation };
  },
  print: (result) => (result ? `${result.out}\n${sentenceOf(result)}` : ""),
});

function sentenceOf(found: MarksEvaluation): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return (
    `${found.parameterCount.toLocaleString("en")} parameters. PSNR ${found.psnr.toFixed(1)} dB; with guidance ${found.guidance} ` +
    `${percent(found.classAgreement)} of samples are seen as the class they were asked for, of real pictures ${percent(found.classAgreementReal)}; ` +
    `Fréchet distance ${found.gfid.toFixed(2)}.`
  );
}
