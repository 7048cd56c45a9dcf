/**
 * Stage 2 of the merge: the accepted chain as one monologue.
 * in   SearchedRow
 * out  the same with `Question` and `Complex_CoT`
 * Source: spec section 2.4, steps 1 and 2: blocks with headings are rewritten as one thought per line; a text of a
 * single line is no monologue.
 */
import { z } from "zod";
import { keep, reject, type Stage } from "../../../jobs/index.ts";
import { fill } from "../prompts/prompts.ts";
import { questionField, type SearchedRow } from "../schemas.ts";
import { renderChain } from "../search/chain.ts";
import { askForJson, type Teacher, teacherSettings } from "../teacher.ts";

export type NaturalRow = SearchedRow & { Question: string; Complex_CoT: string };

export const NaturalReply = z.object({
  NaturalReasoning: z.string().trim().regex(/\n/, "must have one thought per line: more than one line"),
});

export function naturalStage(teacher: Teacher): Stage<SearchedRow, NaturalRow> {
  return {
    name: "natural",
    version: 1,
    settings: teacherSettings(teacher, "natural"),
    async run(row, { signal }) {
      const question = row[questionField] as string;
      const query = fill(teacher.prompts.natural, { question, chain: renderChain(row.Long_CoT) });
      const answer = await askForJson(teacher, query, NaturalReply, { signal });
      if (!("value" in answer)) return reject(answer.fault, { reason: answer.detail, reply: answer.reply });
      return keep({ ...row, Question: question, Complex_CoT: answer.value.NaturalReasoning } as NaturalRow);
    },
  };
}
