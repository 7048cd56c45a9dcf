/** JSON lines: one value per line, read and written as streams. Blank lines are skipped. */
import type { z } from "zod";
import { createAtomicFile } from "./atomic.ts";
import { DataError } from "./errors.ts";
import { validate } from "./schema.ts";
import { problemAt, readLines, type TextOptions } from "./text-file.ts";

export interface ReadOptions extends TextOptions {
  /** Told of every bad row, which is then left out; without it the first bad row ends the reading. */
  onError?: (error: DataError) => void;
}

/**
 * The rows of a file, one at a time; memory does not grow with the file.
 * @throws DataError naming file, line and field, e.g. `rollouts.jsonl line 118: reward: expected a number, got ...`
 */
export async function* readJsonLines<S extends z.ZodType>(
  file: string,
  schema: S,
  { onError, ...options }: ReadOptions = {},
): AsyncGenerator<z.output<S>> {
  for await (const line of readLines(file, options)) {
    if ("text" in line && line.text.trim() === "") continue;
    const row = "problem" in line ? line : parseRow(schema, line.text, line);
    if ("value" in row) {
      yield row.value;
    } else {
      const error = problemAt(file, line.number, row);
      if (!onError) throw error;
      onError(error);
    }
  }
}

function parseRow<S extends z.ZodType>(schema: S, text: string, { number, ended }: { number: number; ended: boolean }) {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return explainSyntax(text, error as Error, { first: number === 1, ended });
  }
  const result = validate(schema, value);
  if ("value" in result) return result;
  const { message: problem, hint } = result.problem;
  return { problem, hint: Array.isArray(value) && number === 1 ? documentHint : hint };
}

const documentHint = "This looks like one JSON document: name the file .json, or write one row per line (jq -c '.[]').";

function explainSyntax(text: string, error: Error, { first, ended }: { first: boolean; ended: boolean }) {
  const start = text.trim();
  if (first && (start === "{" || start.startsWith("[")))
    return { problem: "not a whole JSON value", hint: documentHint };
  if (!ended && breaksOff(text, error)) {
    return {
      problem: "the file breaks off inside this line",
      hint: "Its writer was probably stopped: write it anew, or delete the last line.",
    };
  }
  return { problem: `not valid JSON: ${describeSyntaxError(error)}`, hint: hintForSyntax(start) };
}

/** Whether the parser came to the end of the text and wanted more. */
export function breaksOff(text: string, { message }: Error): boolean {
  if (/Unterminated|end of JSON/.test(message)) return true;
  return Number(/at position (\d+)/.exec(message)?.[1] ?? 0) >= text.trimEnd().length;
}

/** V8's words without the excerpt, which repeats the line and may be long. */
export function describeSyntaxError(error: Error): string {
  return error.message
    .replace(/, (\.\.\.)?".*"(\.\.\.)? is not valid JSON$/s, "")
    .replace(/ in JSON at position.*$/s, (place) => ` at character ${Number(/\d+/.exec(place)?.[0] ?? 0) + 1}`)
    .replace(/"undefined" is not valid JSON/, "undefined");
}

/** The usual suspects: rows printed by Python, and hand-written ones. */
export function hintForSyntax(text: string): string {
  if (/[:[,]\s*-?(NaN|Infinity)\b/.test(text)) return "JSON has no NaN or Infinity: write null.";
  if (/[:[,]\s*(None|True|False)\b/.test(text)) return "This is Python's notation: write it with json.dumps.";
  if (/^\{\s*'/.test(text)) return "JSON wants double quotes, not single ones: write it with json.dumps.";
  if (/,\s*[}\]]/.test(text)) return "Remove the comma before the closing bracket.";
  return "Each row must be one whole JSON value.";
}

/**
 * Writes rows, one per line; the file appears when all are written.
 * @returns how many
 * @throws DataError for what JSON cannot hold (NaN, bigint, undefined) instead of writing something else
 */
export async function writeJsonLines(file: string, rows: Iterable<unknown> | AsyncIterable<unknown>): Promise<number> {
  const output = await createAtomicFile(file);
  try {
    let count = 0;
    let pending = "";
    for await (const row of rows) {
      count++;
      pending += `${stringifyRow(row, `${file} line ${count}`)}\n`;
      if (pending.length < 64 * 1024) continue;
      await output.write(pending);
      pending = "";
    }
    await output.write(pending);
    await output.commit();
    return count;
  } catch (error) {
    await output.abort();
    throw error;
  }
}

/** JSON.stringify that refuses what it would silently change. */
export function stringifyRow(row: unknown, place: string): string {
  const refuse = (key: string, value: unknown) => {
    throw new DataError(`${place}: ${key ? `${key}: ` : ""}${String(value)} cannot be written as JSON`, {
      hint: "Write null where there is no number, and bigint as text.",
    });
  };
  const text = JSON.stringify(row, (key, value) => {
    const fits = typeof value === "number" ? Number.isFinite(value) : typeof value !== "bigint";
    return fits ? value : refuse(key, value);
  });
  return text ?? refuse("", row);
}
