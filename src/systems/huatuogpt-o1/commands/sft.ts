/** `polymath huatuo sft`: a model learns to think before it answers, from rows of the data engine. */
import { resolve } from "node:path";
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { sftModes } from "../sft/target.ts";
import { publishedSft, type SftOutcome, trainOnSftRows } from "../sft/train.ts";
import { lookAt } from "./look-at.ts";

export const sftCommand = defineCommand({
  name: "huatuo sft",
  summary: "Train a model on verified reasoning: to think before it answers",
  description:
    "Takes merged.json of `polymath huatuo merge`, or any file with Question, Complex_CoT and Response. The loss is on the " +
    "assistant's turn alone, ## Thinking and then ## Final Response, in the model's own chat template. Rates are the paper's, " +
    "for billions of parameters; small models want more. For full scale, `polymath huatuo export` writes the rows for TRL.",
  examples: [
    "polymath huatuo sft merged.json --base ./Llama-3.2-1B-Instruct --out thinker",
    "polymath huatuo sft merged.json --base ./Qwen2.5-0.5B-Instruct --out thinker --mode simple --mix general.jsonl",
  ],
  args: z.tuple([z.string().meta({ label: "rows" }).describe("merged rows, or a published SFT file")]),
  options: z.object({
    base: z.string().meta({ label: "folder" }).describe("model to start from, in Hugging Face format"),
    out: z.string().meta({ label: "folder" }).describe("where the trained model goes"),
    mode: z
      .enum(sftModes)
      .default("complex")
      .describe("what is learned: the whole search, the accepted thoughts alone, or only the response"),
    mix: z.string().optional().meta({ label: "file" }).describe("further rows, of any form that can be read"),
    lr: z.number().positive().default(publishedSft.lr).describe("highest learning rate"),
    epochs: z.number().positive().default(publishedSft.epochs),
    batch: z.number().int().min(1).default(publishedSft.batch).describe("packed rows per step"),
    weightDecay: z.number().min(0).default(publishedSft.weightDecay),
    maxLength: z
      .number()
      .int()
      .min(8)
      .optional()
      .describe("tokens; longer rows are left out and counted; default 8192"),
    seed: z.number().int().default(0),
  }),
  journal: true,
  async run([file], options, context): Promise<SftOutcome | null> {
    const { run, log } = context;
    await lookAt(file, log);
    const settings = { ...options, file, base: resolve(options.base), out: resolve(options.out) };
    const result = await trainOnSftRows(settings, { ...context, dir: run.path("train"), metric: run.metric });
    if (!result) return null; // interrupted: `polymath resume` goes on
    await run.finish({ title: "Supervised training", summary: sentenceOf(result), sections: [] });
    return result;
  },
  print: (result) => (result ? `${result.out}\n${sentenceOf(result)}` : ""),
});

function sentenceOf({ mode, rows, mixed, tooLong, steps, loss }: SftOutcome): string {
  const more = mixed > 0 ? ` and ${mixed} mixed in` : "";
  const less = tooLong > 0 ? `, ${tooLong} too long and left out` : "";
  return `${rows} rows (${mode})${more}${less}; ${steps} steps, last loss ${loss.toFixed(3)} nats per token.`;
}
