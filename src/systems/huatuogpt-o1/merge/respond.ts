/**
 * Stage 3 of the merge: the reply that the user reads, from question and monologue.
 * in   NaturalRow
 * out  the same with `Response`
 * Source: spec section 2.4, step 3.
 */
import { keep, reject, type Stage } from "../../../jobs/index.ts";
import { fill } from "../prompts/prompts.ts";
import { askForText, type Teacher, teacherSettings } from "../teacher.ts";
import type { NaturalRow } from "./natural.ts";

export type MergedRow = NaturalRow & { Response: string };

const parseResponse = (text: string) => (text === "" ? { problem: "the reply is empty" } : { value: text });

export function respondStage(teacher: Teacher): Stage<NaturalRow, MergedRow> {
  return {
    name: "respond",
    version: 1,
    settings: teacherSettings(teacher, "respond"),
    async run(row, { signal }) {
      const query = fill(teacher.prompts.respond, { question: row.Question, thinking: row.Complex_CoT });
      const answer = await askForText(teacher, query, parseResponse, { signal });
      if (!("value" in answer)) return reject(answer.fault, { reason: answer.detail, reply: answer.reply });
      return keep({ ...row, Response: answer.value } as MergedRow);
    },
  };
}
