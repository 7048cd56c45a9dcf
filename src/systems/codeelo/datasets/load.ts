/** Problems from files of published data sets; rows that cannot be read are listed and end nothing. */
import { z } from "zod";
import { DataError } from "../../../core/errors.ts";
import { readRows } from "../../../core/rows.ts";
import type { Format } from "./format.ts";
import { formats } from "./formats.ts";
import { openGeneratedTests } from "./generated-tests.ts";
import type { LoadedProblem } from "./loaded-problem.ts";

export interface BadRow {
  /** From 1. */
  row: number;
  message: string;
}

export interface LoadOptions {
  /** Folder of generated tests, for open-r1/codeforces. Default: only the tests of the file. */
  testsFolder?: string | undefined;
  /** Says which problems are wanted. Default: all. */
  keep?(loaded: LoadedProblem): boolean;
  /** Called for each row that could not be read. */
  onBadRow?(bad: BadRow): void;
}

/**
 * Streams the problems of a JSONL, CSV or Parquet file.
 * @throws DataError when the first row is of no known format, or every row is bad
 */
export async function* loadProblems(
  file: string,
  { testsFolder, keep = () => true, onBadRow = () => {} }: LoadOptions = {},
): AsyncGenerator<LoadedProblem> {
  const withTests = testsFolder === undefined ? undefined : await openGeneratedTests(testsFolder);
  let format: Format | undefined;
  let [row, goodCount] = [0, 0];
  let last: string | undefined;
  for await (const value of readRows(file, z.record(z.string(), z.unknown()))) {
    row++;
    format ??= findFormat(file, value);
    try {
      const loaded = format.read(value);
      goodCount++;
      if (keep(loaded)) yield withTests ? await withTests(loaded) : loaded;
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      last = `${file} row ${row}: ${error.message}`;
      onBadRow({ row, message: error.message });
    }
  }
  if (row > 0 && goodCount === 0) {
    throw new DataError(last!, { hint: `No row of ${row} could be read as ${format!.name}.` });
  }
}

/** @throws DataError that lists the formats */
export function findFormat(file: string, row: Record<string, unknown>): Format {
  const found = formats.find(({ sign }) => sign in row);
  if (found) return found;
  throw new DataError(`${file}: its rows are of no known format (fields ${Object.keys(row).slice(0, 8).join(", ")})`, {
    hint: `Known are ${formats.map(({ name, sign }) => `${name} (has ${sign})`).join(", ")}.`,
  });
}
