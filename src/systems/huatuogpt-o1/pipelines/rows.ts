/** Rows of a file on their way into a pipeline, and published files written as they are published. */
import { z } from "zod";
import { createAtomicFile } from "../../../core/atomic.ts";
import { readRows } from "../../../core/rows.ts";
import { publishedOrder } from "../schemas.ts";
import type { NumberedRow } from "../stages/check-row.ts";

/** Any object; what is wrong with it is for the first stage to say, by its number. */
const AnyRow = z.looseObject({});

/** @throws DataError for a file that cannot be read, or rows that are no objects */
export async function* numberedRows(file: string, limit = Number.POSITIVE_INFINITY): AsyncGenerator<NumberedRow> {
  let number = 0;
  for await (const row of readRows(file, AnyRow)) {
    if (number === limit) return;
    yield { number: ++number, row };
  }
}

/** The published fields first and in their order; a database keeps none. */
export function inPublishedOrder(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const known = publishedOrder.filter((name) => Object.hasOwn(row, name));
  const others = Object.keys(row).filter((name) => !publishedOrder.includes(name));
  return Object.fromEntries([...known, ...others].map((name) => [name, row[name]]));
}

/** An array with four blanks of indent, as the published files are: rows that were read unchanged give the same bytes. */
export async function writePublished(
  file: string,
  rows: Iterable<Readonly<Record<string, unknown>>> | AsyncIterable<Readonly<Record<string, unknown>>>,
): Promise<number> {
  const output = await createAtomicFile(file);
  try {
    let count = 0;
    for await (const row of rows) {
      const text = JSON.stringify(inPublishedOrder(row), null, 4).replace(/^/gm, "    ");
      await output.write(`${count++ === 0 ? "[\n" : ",\n"}${text}`);
    }
    await output.write(count === 0 ? "[]" : "\n]");
    await output.commit();
    return count;
  } catch (error) {
    await output.abort();
    throw error;
  }
}
