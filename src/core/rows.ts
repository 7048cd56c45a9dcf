/** Rows of any format we know, chosen by the file's extension. */
import { extname } from "node:path";
import type { z } from "zod";
import { readCsv, writeCsv } from "./csv.ts";
import { DataError } from "./errors.ts";
import { readJsonArray, writeJsonArray } from "./json.ts";
import { type ReadOptions, readJsonLines, writeJsonLines } from "./jsonl.ts";
import { readParquet, writeParquet } from "./parquet.ts";

const formats = {
  ".jsonl": { read: readJsonLines, write: writeJsonLines },
  ".ndjson": { read: readJsonLines, write: writeJsonLines },
  ".json": { read: readJsonArray, write: writeJsonArray },
  ".csv": { read: readCsv, write: writeCsv },
  ".tsv": { read: readCsv, write: writeCsv },
  ".parquet": { read: readParquet, write: writeParquet },
};

/**
 * Reads .jsonl, .ndjson, .json (an array), .csv, .tsv or .parquet, one validated row at a time.
 * @throws DataError naming file, row and field
 */
export function readRows<S extends z.ZodType>(
  file: string,
  schema: S,
  options?: ReadOptions,
): AsyncGenerator<z.output<S>> {
  return formatOf(file).read(file, schema, options);
}

/** Writes the same formats; the file appears when all rows are written. @returns how many */
export function writeRows<S extends z.ZodObject>(
  file: string,
  rows: Iterable<z.input<S>> | AsyncIterable<z.input<S>>,
  schema: S,
): Promise<number> {
  return formatOf(file).write(file, rows, schema);
}

function formatOf(file: string) {
  const extension = extname(file).toLowerCase();
  if (Object.hasOwn(formats, extension)) return formats[extension as keyof typeof formats];
  throw new DataError(`${file}: the extension "${extension}" is not a format of rows`, {
    hint: `Use one of ${Object.keys(formats).join(", ")}.`,
  });
}
