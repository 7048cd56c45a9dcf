/**
 * Questions with their answers from a file of rows: JSON lines, JSON, CSV or Parquet.
 * The columns are found by their usual names; flags name others. Answers may be numbers, or GSM8K's worked solutions
 * that end in `#### 18`; where there is no column of answers, the last box in the solution is the answer.
 */
import { basename } from "node:path";
import { z } from "zod";
import { DataError } from "../../core/errors.ts";
import { readRows } from "../../core/rows.ts";
import { extractAnswer } from "../../endpoint/answers/index.ts";
import type { Question } from "./programs/program.ts";

export interface DatasetOptions {
  /** Column of the question; default the first of problem, question, prompt, input. */
  questionField?: string | undefined;
  /** Column of the right answer; default the first of answer, target, ground_truth, expected_answer. */
  answerField?: string | undefined;
  /** Column of the name; default the first of id, unique_id, problem_id, else the number of the row. */
  idField?: string | undefined;
  /** Rows at most. */
  limit?: number | undefined;
}

export interface Dataset {
  /** Of the file, without folders. */
  name: string;
  questions: Question[];
  /** How many have an answer. */
  labelledCount: number;
}

const usual = {
  question: ["problem", "question", "prompt", "input"],
  answer: ["answer", "target", "ground_truth", "expected_answer"],
  id: ["id", "unique_id", "problem_id"],
} as const;

const AnyRow = z.looseObject({});

/** @throws DataError naming file, row and field: no such column, an empty question, a name that occurs twice */
export async function readQuestions(file: string, options: DatasetOptions = {}): Promise<Dataset> {
  const columns = await findColumns(file, options);
  const questions: Question[] = [];
  const rows = new Map<string, number>();
  for await (const row of readRows(file, schemaOf(columns))) {
    const number = questions.length + 1;
    const values: Record<string, unknown> = row;
    const id = columns.id === undefined ? String(number) : String(values[columns.id]);
    const earlier = rows.get(id);
    if (earlier !== undefined) {
      throw new DataError(
        `${file} question ${number}: ${columns.id}: "${id}" is the name of question ${earlier}, too`,
        {
          hint: "Names tell questions apart when a run is resumed: number them, or name another column with --id-field.",
        },
      );
    }
    rows.set(id, number);
    questions.push({ id, text: String(values[columns.question]).trim(), target: targetOf(values, columns) });
    if (questions.length === options.limit) break;
  }
  if (questions.length === 0) throw new DataError(`${file}: there are no questions in it`);
  return {
    name: basename(file),
    questions,
    labelledCount: questions.filter(({ target }) => target !== null).length,
  };
}

interface Columns {
  question: string;
  answer: string | undefined;
  /** Where the answer is the last box. */
  solution: string | undefined;
  id: string | undefined;
}

/** By the names in the first row. */
async function findColumns(file: string, options: DatasetOptions): Promise<Columns> {
  let names: string[] | undefined;
  for await (const row of readRows(file, AnyRow)) {
    names = Object.keys(row);
    break;
  }
  if (!names) throw new DataError(`${file}: there are no rows in it`);
  const find = (what: keyof typeof usual, given: string | undefined): string | undefined => {
    if (given === undefined) return usual[what].find((name) => names.includes(name));
    if (names.includes(given)) return given;
    throw new DataError(`${file} row 1: ${given}: there is no such field`, {
      hint: `The fields are ${names.join(", ")}: choose one with --${what}-field.`,
    });
  };
  const question = find("question", options.questionField);
  if (question === undefined) {
    throw new DataError(`${file} row 1: none of ${usual.question.join(", ")} is there, which would be the question`, {
      hint: `The fields are ${names.join(", ")}: choose one with --question-field.`,
    });
  }
  const answer = find("answer", options.answerField);
  const solution = answer === undefined && names.includes("solution") ? "solution" : undefined;
  return { question, answer, solution, id: find("id", options.idField) };
}

/** The reader names file, row and field of what does not fit. */
function schemaOf({ question, answer, id }: Columns) {
  const scalar = z.union([z.string(), z.number(), z.bigint(), z.boolean()]);
  const text = z.string().refine((value) => value.trim() !== "", "is empty");
  return z.looseObject({
    [question]: text,
    ...(answer !== undefined && { [answer]: scalar.nullish() }),
    ...(id !== undefined && { [id]: scalar }),
  });
}

function targetOf(row: Record<string, unknown>, { answer, solution }: Columns): string | null {
  if (solution !== undefined) return extractAnswer(String(row[solution] ?? ""))?.text ?? null;
  const value = answer === undefined ? undefined : row[answer];
  if (value === undefined || value === null) return null;
  const text = String(value).trim();
  const worked = /####[ \t]*(\S[^\n]*)\s*$/.exec(text)?.[1]?.trim();
  return worked ?? (text === "" ? null : text);
}
