/**
 * Stage 5 of the factory: what every weak model knows teaches nothing.
 * in, out  CheckedRow
 * Source: spec section 2.1, step 1: dropped if all three small models answer it correctly. Here any number of models;
 * they are asked one after the other, and the first that fails keeps the question.
 */
import { extractAnswer } from "../../../endpoint/answers/index.ts";
import { keep, reject, type Stage } from "../../../jobs/index.ts";
import { fill } from "../prompts/prompts.ts";
import { askForText, type Teacher, teacherSettings } from "../teacher.ts";
import type { CheckedRow } from "./check-row.ts";

/** The letter that a reply settles on; null for none of the options. */
export function chosenLetter(reply: string, options: Readonly<Record<string, string>>): string | null {
  const answer = extractAnswer(reply)?.text ?? reply.trim();
  const letter = /^[\s("'*[]*([A-Za-z])(?![A-Za-z])/.exec(answer)?.[1]?.toUpperCase();
  if (letter && Object.hasOwn(options, letter)) return letter;
  const spelled = answer.trim().toLowerCase().replace(/\.$/, "");
  return Object.entries(options).find(([, text]) => text.trim().toLowerCase() === spelled)?.[0] ?? null;
}

/** @param weak asked in this order; the easiest to fool first saves calls */
export function difficultyStage(weak: readonly Teacher[]): Stage<CheckedRow, CheckedRow> {
  return {
    name: "difficulty",
    version: 1,
    settings: weak.map((model) => teacherSettings(model, "weak")),
    async run(row, { signal }) {
      for (const model of weak) {
        const query = fill(model.prompts.weak, { question: row.question, options: row.options_str });
        const answer = await askForText(model, query, (text) => ({ value: chosenLetter(text, row.options) }), {
          signal,
        });
        if (!("value" in answer) || answer.value !== row.answer_idx) return keep(row);
      }
      const models = weak.map(({ endpoint }) => endpoint.model);
      return reject("Too Simple", { row: row.process_id, rule: "all weak models know it", models });
    },
  };
}
