/**
 * CSV with a header line, parsed by csv-parse (RFC 4180 quotes; cells may span lines).
 * The delimiter is the one that the header uses most: comma, semicolon or tab. Cells become what the schema wants.
 */
import { pipeline, Readable } from "node:stream";
import { type CsvError, type Info, parse } from "csv-parse";
import type { z } from "zod";
import { createAtomicFile } from "./atomic.ts";
import { readCell, writeCell } from "./cells.ts";
import { DataError } from "./errors.ts";
import type { ReadOptions } from "./jsonl.ts";
import { schemaAt, validate } from "./schema.ts";
import { defaultMaxLineBytes, problemAt, readTextBlocks } from "./text-file.ts";

/**
 * The rows of a file as objects by column name, one at a time; memory does not grow with the file.
 * @throws DataError naming file, line and column; also for a header that is missing, or names a column twice
 */
export async function* readCsv<S extends z.ZodType>(
  file: string,
  schema: S,
  { onError, ...options }: ReadOptions = {},
): AsyncGenerator<z.output<S>> {
  const blocks = readTextBlocks(file, options);
  const first = (await blocks.next()).value;
  if (!first) throw emptyError(file);
  const report = (error: DataError) => {
    if (!onError) throw error;
    onError(error);
  };
  let columns: string[] = [];
  const parser = parse({
    delimiter: detectDelimiter(first.bytes),
    info: true,
    skip_empty_lines: true,
    max_record_size: options.maxLineBytes ?? defaultMaxLineBytes,
    columns: (header: string[]) => {
      columns = checkHeader(file, header);
      return columns;
    },
    skip_records_with_error: onError !== undefined,
    on_skip: (error) => void (error && onError?.(explainCsvError(file, error, columns))),
  });
  const source = Readable.from(prepend(first.bytes, blocks), { objectMode: false });
  pipeline(source, parser, () => {}); // its error reaches us through the parser
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: Record<string, string>; info: Info }>) {
      const cells = Object.entries(record).map(([name, cell]) => [name, readCell(schemaAt(schema, [name]), cell)]);
      const result = validate(schema, Object.fromEntries(cells));
      if ("value" in result) yield result.value;
      else report(problemAt(file, info.lines, { problem: result.problem.message, hint: result.problem.hint }));
    }
  } catch (error) {
    throw isCsvError(error) ? explainCsvError(file, error, columns) : error;
  }
  if (columns.length === 0) throw emptyError(file);
}

/**
 * Writes rows with a header line from the columns of `schema`; the file appears when all are written.
 * @returns how many
 */
export async function writeCsv<S extends z.ZodObject>(
  file: string,
  rows: Iterable<z.input<S>> | AsyncIterable<z.input<S>>,
  schema: S,
): Promise<number> {
  const columns = Object.keys(schema.shape);
  const delimiter = file.endsWith(".tsv") ? "\t" : ",";
  const line = (cells: string[]) => `${cells.map((cell) => quote(cell, delimiter)).join(delimiter)}\n`;
  const output = await createAtomicFile(file);
  try {
    let count = 0;
    let pending = line(columns);
    for await (const row of rows) {
      pending += line(columns.map((name) => writeCell((row as Record<string, unknown>)[name])));
      count++;
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

/** Also where a lone empty cell would make a blank line, which readers skip. */
function quote(cell: string, delimiter: string): string {
  const special = cell === "" || cell.includes(delimiter) || /["\r\n]|^\s|\s$/.test(cell);
  return special ? `"${cell.replaceAll('"', '""')}"` : cell;
}

async function* prepend(first: Buffer, blocks: AsyncGenerator<{ bytes: Buffer }>): AsyncGenerator<Buffer> {
  yield first;
  for await (const { bytes } of blocks) yield bytes;
}

function detectDelimiter(block: Buffer): string {
  const header = block
    .subarray(0, 64 * 1024)
    .toString("utf8")
    .trimStart()
    .split(/\r?\n/, 1)[0]!;
  const count = (delimiter: string) => header.split(delimiter).length;
  return [",", ";", "\t"].reduce((best, next) => (count(next) > count(best) ? next : best));
}

function checkHeader(file: string, header: string[]): string[] {
  const names = header.map((name) => name.trim());
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined && twice !== "") {
    throw problemAt(file, 1, { problem: `the header names "${twice}" twice`, hint: "Rename or remove one column." });
  }
  const unnamed = names.indexOf("");
  if (unnamed !== -1) {
    throw problemAt(file, 1, {
      problem: `column ${unnamed + 1} of the header has no name`,
      hint: "Name every column.",
    });
  }
  return names;
}

function emptyError(file: string): DataError {
  return new DataError(`${file}: is empty, expected a header line`, {
    hint: "Put the column names in the first line.",
  });
}

function isCsvError(error: unknown): error is CsvError {
  return error instanceof Error && "code" in error && String(error.code).startsWith("CSV_");
}

function explainCsvError(file: string, error: CsvError, columns: string[]): DataError {
  const line = Number(/(?:on|at) line (\d+)/.exec(error.message)?.[1] ?? error.lines ?? 1);
  const at = (problem: string, hint: string) => problemAt(file, line, { problem, hint });
  switch (error.code) {
    case "CSV_RECORD_INCONSISTENT_COLUMNS":
    case "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH": {
      const found = Array.isArray(error.record) ? error.record.length : "another number of";
      const expected = `expected ${columns.length} cells (${columns.slice(0, 6).join(", ")}${columns.length > 6 ? ", ..." : ""})`;
      return at(`${expected}, got ${found}`, "Put cells that hold the delimiter in double quotes.");
    }
    case "CSV_QUOTE_NOT_CLOSED":
      return at("a double quote is opened and never closed", "Close it; a quote inside a cell is written twice.");
    case "CSV_MAX_RECORD_SIZE":
      return at("a row is longer than the limit", "A double quote before it may not be closed.");
    default:
      return at(
        error.message.replace(/ (on|at) line \d+.*$/, ""),
        'A quote inside a cell is written twice: "say ""yes""".',
      );
  }
}
