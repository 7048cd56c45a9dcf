/**
 * Stage 7 of the factory: the question without its options, with one short answer to compare with.
 * in   FilteredRow
 * out  the same with `Open-ended Verifiable Question`, `Ground-True Answer`, the call, and `flags`
 * Source: spec section 2.1, step 4. The paper's figure calls the second key `Standard Answer`: read, never written.
 */
import { z } from "zod";
import { keep, reject, type Stage } from "../../../jobs/index.ts";
import { fill } from "../prompts/prompts.ts";
import { answerField, type ProblemFlag, questionField, type VerifiableRow } from "../schemas.ts";
import { askForJson, type Teacher, teacherSettings } from "../teacher.ts";
import type { FilteredRow } from "./llm-filter.ts";
import { wordCount } from "./long-enough.ts";

const text = z.string().trim().min(1);

/** Exactly two texts. */
export const Reformatted = z.preprocess(
  (value) => {
    if (typeof value !== "object" || value === null || !("Standard Answer" in value)) return value;
    const { "Standard Answer": answer, ...rest } = value;
    return answerField in rest ? value : { ...rest, [answerField]: answer };
  },
  z.strictObject({ [questionField]: text, [answerField]: text }),
);

export type ReformattedRow = FilteredRow &
  VerifiableRow & { gpt_reformat_query: string; gpt_reformat_response: string; flags: ProblemFlag[] };

/** Longer answers are hard to compare. */
const mostAnswerWords = 12;

export function flagsOf(question: string, answer: string): ProblemFlag[] {
  const plain = (value: string) =>
    ` ${value
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, " ")
      .trim()} `;
  const flags: ProblemFlag[] = [];
  if (plain(question).includes(plain(answer))) flags.push("leak");
  if (wordCount(answer) > mostAnswerWords) flags.push("not_concise");
  return flags;
}

/** A reply that does not fit is asked for once more, with what is wrong; then the row ends as `parse_error`. */
export function reformatStage(teacher: Teacher): Stage<FilteredRow, ReformattedRow> {
  return {
    name: "reformat",
    version: 1,
    settings: teacherSettings(teacher, "reformat"),
    async run(row, { signal }) {
      const query = fill(teacher.prompts.reformat, {
        question: row.question,
        options: row.options_str,
        answer: row.answer,
      });
      const answer = await askForJson(teacher, query, Reformatted, { signal });
      if (!("value" in answer))
        return reject(answer.fault, { row: row.process_id, reason: answer.detail, reply: answer.reply });
      const problem = answer.value as VerifiableRow;
      return keep({
        ...row,
        gpt_reformat_query: query,
        gpt_reformat_response: answer.reply,
        ...problem,
        flags: flagsOf(problem[questionField] as string, problem[answerField] as string),
      } as ReformattedRow);
    },
  };
}
