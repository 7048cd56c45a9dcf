/** `polymath huatuo export`: rows for TRL, verl, or in the published form. */
import { extname } from "node:path";
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { DataError, UsageError } from "../../../core/errors.ts";
import { readRows, writeRows } from "../../../core/rows.ts";
import { validate } from "../../../core/schema.ts";
import { type FormatName, formats, isFlagged, isRevealed } from "../export/formats.ts";
import { writePublished } from "../pipelines/rows.ts";
import { lookAt } from "./look-at.ts";

const names = Object.keys(formats) as [FormatName, ...FormatName[]];

export const exportCommand = defineCommand({
  name: "huatuo export",
  summary: "Write problems or merged rows for TRL, for verl, or in the published form",
  description:
    "trl-messages, trl-prompt-completion and sft take merged rows; trl-prompt, verl and rl take problems. trl-preference " +
    "takes merged rows with their search: the accepted answer against the first that was given up; rows whose first was " +
    "right are left out. The assistant's " +
    "turn has the form that the rewards look for: ## Thinking, then ## Final Response. The output's extension says how it " +
    "is written: .jsonl, .json or .parquet.",
  examples: [
    "polymath huatuo export merged.json --format trl-messages --out sft.jsonl",
    "polymath huatuo export problems.json --format verl --out train.parquet --data-source exams",
  ],
  args: z.tuple([z.string().meta({ label: "rows" }).describe("problems.json or merged.json, or a published file")]),
  options: z.object({
    format: z.enum(names).describe("what to write"),
    out: z.string().meta({ label: "file" }).describe("where to write it"),
    withoutRevealed: z.boolean().default(false).describe("leave out rows whose teacher was told the answer"),
    withoutFlagged: z.boolean().default(false).describe("leave out problems flagged as leak or not concise"),
    dataSource: z.string().default("polymath/huatuogpt-o1").describe("verl: names the set"),
    ability: z.string().default("reasoning").describe("verl: names the field"),
    style: z.enum(["model", "rule"]).default("model").describe("verl: how answers are to be judged"),
    split: z.string().default("train").describe("verl: names the split"),
  }),
  async run([file], options, { log }) {
    const { format, out, withoutRevealed, withoutFlagged, ...details } = options;
    const { input, output, convert } = formats[format];
    if (format === "verl" && extname(out).toLowerCase() !== ".parquet") {
      throw new UsageError(`--out ${out}: verl reads Parquet`, { hint: "Name it .parquet." });
    }
    await lookAt(file, log);
    let [number, index, leftOut] = [0, 0, 0];
    async function* rows() {
      for await (const row of readRows(file, z.looseObject({}))) {
        number++;
        if ((withoutRevealed && isRevealed(row)) || (withoutFlagged && isFlagged(row))) {
          leftOut++;
          continue;
        }
        const result = validate(input, row);
        if ("problem" in result) {
          const { message, hint } = result.problem;
          throw new DataError(`${file} row ${number}: ${message}`, {
            hint:
              hint ??
              `--format ${format} takes ${format === "rl" || format === "verl" || format === "trl-prompt" ? "problems" : "merged rows"}.`,
          });
        }
        const converted = convert(result.value, { index, ...details });
        if (!converted) {
          leftOut++;
          continue;
        }
        index++;
        yield converted;
      }
    }
    const isPublished = (format === "sft" || format === "rl") && extname(out).toLowerCase() === ".json";
    const written = isPublished ? await writePublished(out, rows()) : await writeRows(out, rows(), output);
    return { out, format, written, leftOut };
  },
  print: ({ out, format, written, leftOut }) =>
    `${written} rows for ${format} in ${out}${leftOut > 0 ? `; ${leftOut} left out` : ""}`,
});
