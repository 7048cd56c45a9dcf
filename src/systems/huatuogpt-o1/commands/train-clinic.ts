/** `polymath train clinic`: makes the model of the invented clinic, and its verifier. */
import { resolve } from "node:path";
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { type ClinicEvaluation, trainClinicModel } from "../clinic-model.ts";
import { showPercent } from "../verifier/calibrate.ts";

export const trainClinicCommand = defineCommand({
  name: "train clinic",
  summary: "Train the model of an invented clinic, which thinks, checks and corrects itself, and its verifier",
  description:
    "Reads facts, learns the searches of a scripted teacher, and is then trained by PPO on the verifier's rewards. Writes a " +
    "Hugging Face folder with the model card; the verifier is inside. Some five minutes on two free cores.",
  examples: ["polymath train clinic --out models/clinic", "polymath train clinic --updates 150 --out my-clinic"],
  options: z.object({
    out: z.string().default("clinic").meta({ label: "folder" }).describe("where the trained model goes"),
    updates: z.number().int().min(1).optional().describe("of PPO; default 100"),
    problems: z.number().int().min(10).optional().describe("that the teacher searches; default 2000"),
    seed: z.number().int().nonnegative().default(0),
  }),
  journal: true,
  async run(_, { out, updates, problems, seed }, context) {
    const sizes = { ...(updates !== undefined && { updates }), ...(problems !== undefined && { problems }) };
    const folder = resolve(out);
    const inside = { ...context, dir: context.run.path("parts"), out: folder };
    const evaluation = await trainClinicModel(seed, inside, sizes);
    if (!evaluation) return null; // interrupted: `polymath resume` goes on
    await context.run.finish({ title: "The model of the clinic", summary: sentenceOf(evaluation), sections: [] });
    return { out: folder, ...evaluation };
  },
  print: (result) => (result ? `${result.out}\n${sentenceOf(result)}` : ""),
});

function sentenceOf({ parameterCount, test, taught, rewarded, verifier, alarm }: ClinicEvaluation): string {
  return (
    `${parameterCount.toLocaleString("en")} parameters. Of ${test} held-out questions ${showPercent(taught)} right when taught, ` +
    `${showPercent(rewarded)} after PPO; the verifier is right on ${showPercent(verifier)} of its pairs.${alarm ? ` PPO ended early: ${alarm}.` : ""}`
  );
}
