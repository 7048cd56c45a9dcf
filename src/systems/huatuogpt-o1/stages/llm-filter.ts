/**
 * Stage 6 of the factory: a model judges whether a question needs reasoning, has one answer, and stands without options.
 * in   CheckedRow
 * out  the same with `gpt_filter_query` and `gpt_filter_response`
 * Source: spec section 2.1, step 3. The authors' code takes any reply with "pass" in it; here a reply must be one of
 * the four labels, so that "does not pass" is no Pass.
 */
import { keep, reject, type Stage } from "../../../jobs/index.ts";
import { fill } from "../prompts/prompts.ts";
import { askForText, type Teacher, teacherSettings } from "../teacher.ts";
import type { CheckedRow } from "./check-row.ts";

export const labels = ["Pass", "Too Simple", "Ambiguous Answer", "Not Reformulatable"] as const;
export type Label = (typeof labels)[number];

export type FilteredRow = CheckedRow & { gpt_filter_query: string; gpt_filter_response: string };

/**
 * The whole reply is a label, or its last line is one, after reasons; marks and "Label:" around it do not count.
 * Where first and last line are different labels it is neither.
 */
export function parseLabel(reply: string): { value: Label } | { problem: string } {
  const lines = reply.split("\n").filter((line) => line.trim() !== "");
  const [first, last] = [labelOf(lines[0]), labelOf(lines.at(-1))];
  if (last && (!first || first === last)) return { value: last };
  return { problem: `the reply must be one of ${labels.join(", ")}` };
}

function labelOf(line = ""): Label | undefined {
  const word = line
    .replace(/^[\s\W]*(?:final )?(?:label|answer|output|verdict|judg(?:e)?ment|decision)\s*[:=]/i, "")
    .replace(/^[\W_]+|[\W_]+$/g, "")
    .replace(/[\s_-]+/g, " ")
    .toLowerCase();
  return labels.find((label) => label.toLowerCase() === word);
}

/** A reply that is no label is asked for once more, then the row ends as `parse_error`. */
export function llmFilterStage(teacher: Teacher): Stage<CheckedRow, FilteredRow> {
  return {
    name: "llm-filter",
    version: 1,
    settings: teacherSettings(teacher, "filter"),
    async run(row, { signal }) {
      const { question, options_str: options, answer } = row;
      const query = fill(teacher.prompts.filter, { question, options, answer });
      const judged = await askForText(teacher, query, parseLabel, { signal });
      if (!("value" in judged))
        return reject(judged.fault, { row: row.process_id, reason: judged.detail, reply: judged.reply });
      if (judged.value !== "Pass")
        return reject(judged.value, { row: row.process_id, rule: "model", reply: judged.reply });
      return keep({ ...row, gpt_filter_query: query, gpt_filter_response: judged.reply });
    },
  };
}
