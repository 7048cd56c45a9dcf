/**
 * Stage 1 of the factory: a row is a question with options and one key among them, or is set aside with its number.
 * in   any object with its number
 * out  McqRow with `process_id` (the row's number, from 1) and `options_str`, as the authors' code writes them
 */
import { validate } from "../../../core/schema.ts";
import { keep, reject, type Stage } from "../../../jobs/index.ts";
import { McqRow } from "../schemas.ts";

export interface NumberedRow {
  /** From 1. */
  number: number;
  row: unknown;
}

export type CheckedRow = McqRow & { process_id: number; options_str: string };

/** One line per option, `A. text`. */
export function optionsText(options: Readonly<Record<string, string>>): string {
  return Object.entries(options)
    .map(([letter, text]) => `${letter}. ${text}`)
    .join("\n");
}

/** What is wrong with a row, in words; null for nothing. */
export function problemOf(row: McqRow): string | null {
  const { options, answer_idx, answer } = row;
  const entries = Object.entries(options);
  if (entries.length < 2) return `options: expected at least two, got ${entries.length}`;
  const seen = new Map<string, string>();
  for (const [letter, text] of entries) {
    const spelled = text.trim().toLowerCase();
    const other = seen.get(spelled);
    if (other) return `options: ${other} and ${letter} are the same: "${text}"`;
    seen.set(spelled, letter);
  }
  const key = Object.hasOwn(options, answer_idx) ? options[answer_idx] : undefined;
  // A key of several letters is no mistake of writing: the rules stage says what it is.
  if (key === undefined && !isSeveral(answer_idx, options)) {
    return `answer_idx: "${answer_idx}" is none of ${Object.keys(options).join(", ")}`;
  }
  if (key !== undefined && key.trim() !== answer.trim()) {
    return `answer: "${answer}" is not the text of option ${answer_idx}, "${key}"`;
  }
  return null;
}

/** Whether a key names more than one option: `A,C`, `AC`, `A and C`. */
export function isSeveral(key: string, options: Readonly<Record<string, string>>): boolean {
  const letters = key
    .replace(/\b(and|or)\b/gi, " ")
    .split(/[\s,;/&+]*/)
    .filter(Boolean);
  return letters.length > 1 && letters.every((letter) => Object.hasOwn(options, letter));
}

export const checkRowStage: Stage<NumberedRow, CheckedRow> = {
  name: "check-row",
  version: 1,
  run({ number, row }) {
    const result = validate(McqRow, row);
    const problem = "problem" in result ? result.problem.message : problemOf(result.value);
    if (problem !== null) return reject("bad_row", { row: number, reason: problem });
    const checked = row as McqRow;
    return keep({ ...checked, process_id: number, options_str: optionsText(checked.options) });
  },
};
