/**
 * Questions for an evaluation. Source: spec section 2.7: the published file is `{"benchmark": [question, ...]}`; rows of
 * multiple-choice questions, and problems without options, are read as well.
 */
import { extname } from "node:path";
import { z } from "zod";
import { DataError } from "../../../core/errors.ts";
import { readJson } from "../../../core/json.ts";
import { readRows } from "../../../core/rows.ts";
import { validate } from "../../../core/schema.ts";
import { answerField, McqRow, questionField, VerifiableRow } from "../schemas.ts";
import { problemOf } from "../stages/check-row.ts";

export type EvalItem =
  | { kind: "mcq"; benchmark: string; row: McqRow }
  | { kind: "open"; benchmark: string; question: string; reference: string };

const AnyRow = z.looseObject({});

/** @throws DataError naming file, benchmark, row and field; for a file of both kinds */
export async function readEvalFile(file: string): Promise<EvalItem[]> {
  const items: EvalItem[] = [];
  for (const [benchmark, rows] of await groupsOf(file)) {
    for (const [index, row] of rows.entries())
      items.push(itemOf(row, benchmark, `${file} ${benchmark} row ${index + 1}`));
  }
  if (items.length === 0) throw new DataError(`${file}: there are no questions`);
  if (new Set(items.map(({ kind }) => kind)).size > 1) {
    throw new DataError(`${file}: some questions have options and some have none`, {
      hint: "Put them into two files: they are judged by different rules.",
    });
  }
  return items;
}

async function groupsOf(file: string): Promise<[string, unknown[]][]> {
  if (extname(file).toLowerCase() === ".json") {
    const whole = await readJson(file, z.unknown());
    if (typeof whole === "object" && whole !== null && !Array.isArray(whole)) {
      return Object.entries(await readJson(file, z.record(z.string(), z.array(z.unknown()))));
    }
  }
  const rows: unknown[] = [];
  for await (const row of readRows(file, AnyRow)) rows.push(row);
  return [["all", rows]];
}

function itemOf(row: unknown, benchmark: string, place: string): EvalItem {
  const hasOptions = typeof row === "object" && row !== null && "options" in row;
  if (hasOptions) {
    const result = validate(McqRow, row);
    const problem = "problem" in result ? result.problem.message : problemOf(result.value);
    if (problem !== null) throw new DataError(`${place}: ${problem}`, { hint: "Mend or remove the row." });
    return { kind: "mcq", benchmark, row: row as McqRow };
  }
  const result = validate(VerifiableRow, row);
  if ("problem" in result) {
    throw new DataError(`${place}: ${result.problem.message}`, {
      hint: "A question has options, answer_idx and answer, or is a problem with its Ground-True Answer.",
    });
  }
  const problem = result.value;
  return {
    kind: "open",
    benchmark,
    question: problem[questionField] as string,
    reference: problem[answerField] as string,
  };
}
