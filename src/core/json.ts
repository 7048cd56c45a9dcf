/** JSON documents, read whole: the format allows no less. Rows are the items of an array. */
import type { z } from "zod";
import { createAtomicFile } from "./atomic.ts";
import { DataError } from "./errors.ts";
import { breaksOff, describeSyntaxError, hintForSyntax, type ReadOptions, stringifyRow } from "./jsonl.ts";
import { describeValue, validate } from "./schema.ts";
import { readTextBlocks } from "./text-file.ts";

/** V8 cannot hold longer text in one string. */
const maxBytes = 500 * 1024 * 1024;

/**
 * A whole document.
 * @throws DataError naming file, line and column, or the field
 */
export async function readJson<S extends z.ZodType>(file: string, schema: S): Promise<z.output<S>> {
  const result = validate(schema, await parseFile(file));
  if ("problem" in result) throw new DataError(`${file}: ${result.problem.message}`, { hint: result.problem.hint });
  return result.value;
}

/**
 * The items of an array; memory holds the whole file, so large data belongs in JSON lines.
 * @throws DataError naming file, item (counted from 1) and field
 */
export async function* readJsonArray<S extends z.ZodType>(
  file: string,
  schema: S,
  { onError }: Pick<ReadOptions, "onError"> = {},
): AsyncGenerator<z.output<S>> {
  const items = await parseFile(file);
  if (!Array.isArray(items)) {
    throw new DataError(`${file}: expected a list of rows, got ${describeValue(items)}`, {
      hint: "Put the rows in square brackets, or one per line in a .jsonl file.",
    });
  }
  for (const [index, item] of items.entries()) {
    const result = validate(schema, item);
    if ("value" in result) {
      yield result.value;
    } else {
      const error = new DataError(`${file} item ${index + 1}: ${result.problem.message}`, {
        hint: result.problem.hint,
      });
      if (!onError) throw error;
      onError(error);
    }
  }
}

/** Writes rows as one array; the file appears when all are written. @returns how many */
export async function writeJsonArray(file: string, rows: Iterable<unknown> | AsyncIterable<unknown>): Promise<number> {
  const output = await createAtomicFile(file);
  try {
    let count = 0;
    for await (const row of rows) {
      await output.write(`${count === 0 ? "[\n" : ",\n"}${stringifyRow(row, `${file} item ${count + 1}`)}`);
      count++;
    }
    await output.write(count === 0 ? "[]\n" : "\n]\n");
    await output.commit();
    return count;
  } catch (error) {
    await output.abort();
    throw error;
  }
}

async function parseFile(file: string): Promise<unknown> {
  const blocks: Buffer[] = [];
  let size = 0;
  for await (const { bytes } of readTextBlocks(file, { maxLineBytes: maxBytes })) {
    blocks.push(bytes);
    size += bytes.length;
    if (size > maxBytes) {
      throw new DataError(`${file}: larger than ${maxBytes} bytes, too large for one JSON document`, {
        hint: "Write it as JSON lines (jq -c '.[]') and name it .jsonl.",
      });
    }
  }
  const text = Buffer.concat(blocks).toString("utf8");
  if (text.trim() === "") throw new DataError(`${file}: is empty, expected a JSON document`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw syntaxError(file, text, cause as Error);
  }
}

function syntaxError(file: string, text: string, cause: Error): DataError {
  const lines = text.split("\n", 2);
  if (lines.length === 2 && lines[0]!.trim() !== "" && isJson(lines[0]!)) {
    return new DataError(`${file} line 2: more text after the end of the document`, {
      hint: "This looks like JSON lines: name the file .jsonl.",
      cause,
    });
  }
  const position = errorPosition(text, cause.message);
  const before = text.slice(0, position);
  const line = before.split("\n").length;
  const place = `${file} line ${line}: column ${position - before.lastIndexOf("\n")}`;
  if (breaksOff(text, cause)) {
    return new DataError(`${place}: the file breaks off`, { hint: "Download or write it again.", cause });
  }
  const problem = describeSyntaxError(cause).replace(/ at character \d+$/, "");
  return new DataError(`${place}: not valid JSON: ${problem}`, { hint: hintForSyntax(text), cause });
}

/** V8 gives a position, or an excerpt that reaches ten characters to both sides of the fault, or neither at the end. */
function errorPosition(text: string, message: string): number {
  const position = /at position (\d+)/.exec(message);
  if (position) return Number(position[1]);
  const excerpt = /^Unexpected token .*?, (\.{3})?"(.*)"(\.{3})? is not valid JSON$/s.exec(message);
  if (!excerpt) return text.length;
  const [, before, context = ""] = excerpt;
  return Math.max(0, text.indexOf(context)) + (before ? 10 : Math.max(0, context.length - 10));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
