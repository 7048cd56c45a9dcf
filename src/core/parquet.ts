/**
 * Parquet, read by hyparquet and written by hyparquet-writer, one row group at a time: memory holds one group.
 * Lists and objects become Parquet lists and structs, so that pandas and `datasets` see them as such.
 * A limit: hyparquet trusts what stands inside a page, so a file damaged there (not cut short) may take very long.
 */
import type { FileHandle } from "node:fs/promises";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  type SchemaElement,
} from "hyparquet";
import { ByteWriter, parquetWriteRows } from "hyparquet-writer";
import type { z } from "zod";
import { createAtomicFile } from "./atomic.ts";
import { acceptsNull } from "./cells.ts";
import { DataError } from "./errors.ts";
import type { ReadOptions } from "./jsonl.ts";
import { isInteger, schemaAt, unwrapSchema, validate } from "./schema.ts";
import { openData } from "./text-file.ts";

// Snappy and uncompressed are hyparquet's own; Node brings the others that people use.
const compressors = {
  GZIP: (input: Uint8Array) => new Uint8Array(gunzipSync(input)),
  ZSTD: (input: Uint8Array) => new Uint8Array(zstdDecompressSync(input)),
  BROTLI: (input: Uint8Array) => new Uint8Array(brotliDecompressSync(input)),
};

/**
 * The rows of a file, one at a time. Whole numbers that fit come as number, larger ones as bigint, bytes as Uint8Array.
 * @throws DataError naming file, row (counted from 1) and field
 */
export async function* readParquet<S extends z.ZodType>(
  file: string,
  schema: S,
  { onError }: Pick<ReadOptions, "onError"> = {},
): AsyncGenerator<z.output<S>> {
  const handle = await openData(file);
  try {
    const size = (await handle.stat()).size;
    const read = (start: number, end = size) => readSlice(handle, size, start, end);
    await checkMarks(file, size, read);
    const buffer: AsyncBuffer = { byteLength: size, slice: read };
    const metadata = await guard(file, () => parquetMetadataAsync(buffer));
    let row = 0;
    for (const group of metadata.row_groups) {
      const rows = await readGroup(file, buffer, metadata, row, row + Number(group.num_rows));
      for (const value of rows) {
        row++;
        const result = validate(schema, plain(value, schema));
        if ("value" in result) {
          yield result.value;
          continue;
        }
        const error = new DataError(`${file} row ${row}: ${result.problem.message}`, { hint: result.problem.hint });
        if (!onError) throw error;
        onError(error);
      }
    }
  } finally {
    await handle.close();
  }
}

/**
 * Writes rows with the columns and types of `schema`; the file appears when all are written.
 * @param options.groupRows rows held in memory at a time; default 10,000
 * @returns how many
 */
export async function writeParquet<S extends z.ZodObject>(
  file: string,
  rows: Iterable<z.input<S>> | AsyncIterable<z.input<S>>,
  schema: S,
  { groupRows = 10_000 }: { groupRows?: number } = {},
): Promise<number> {
  const output = await createAtomicFile(file);
  const writer = new ByteWriter();
  const flush = async () => {
    await output.write(writer.getBytes());
    writer.index = 0;
  };
  const names = Object.keys(schema.shape);
  let count = 0;
  async function* counted() {
    for await (const row of rows) {
      count++;
      yield encode(row, schema) as Record<string, unknown>;
    }
  }
  try {
    await parquetWriteRows({
      writer: Object.assign(writer, { flush, finish: flush }),
      rows: counted(),
      columns: names.map((name) => ({ name })),
      schema: [
        { name: "root", num_children: names.length },
        ...names.flatMap((name) => element(name, schema.shape[name])),
      ],
      rowGroupSize: groupRows,
      createdBy: "polymath",
    });
    await output.commit();
    return count;
  } catch (cause) {
    await output.abort();
    if (cause instanceof DataError) throw cause;
    throw new DataError(`${file} near row ${count}: cannot be written: ${(cause as Error).message}`, {
      hint: "Do the rows fit the schema?",
      cause,
    });
  }
}

/** The Parquet form of a field: a leaf, a LIST or a struct; what has no fixed form (records, unions) becomes JSON. */
function element(name: string, schema: unknown): SchemaElement[] {
  const inner = unwrapSchema(schema as z.core.$ZodType);
  const def = inner._zod.def as any;
  const leaf = (rest: Omit<SchemaElement, "name">) => [{ name, repetition_type: "OPTIONAL" as const, ...rest }];
  switch (def.type) {
    case "string":
    case "enum":
      return leaf({ type: "BYTE_ARRAY", converted_type: "UTF8" });
    case "number":
      return leaf({ type: isInteger(inner) ? "INT64" : "DOUBLE" });
    case "bigint":
      return leaf({ type: "INT64" });
    case "boolean":
      return leaf({ type: "BOOLEAN" });
    case "date":
      return leaf({ type: "INT64", converted_type: "TIMESTAMP_MILLIS" });
    case "array":
      return [
        ...leaf({ converted_type: "LIST", num_children: 1 }),
        { name: "list", repetition_type: "REPEATED", num_children: 1 },
        ...element("element", def.element),
      ];
    case "object": {
      const names = Object.keys(def.shape);
      return [...leaf({ num_children: names.length }), ...names.flatMap((field) => element(field, def.shape[field]))];
    }
    default:
      return leaf({ type: "BYTE_ARRAY", converted_type: "JSON" });
  }
}

/** A value as the writer wants it: whole numbers as bigint. */
function encode(value: unknown, schema: z.core.$ZodType): unknown {
  if (value === null || value === undefined) return value;
  const inner = unwrapSchema(schema);
  const def = inner._zod.def as any;
  if (def.type === "number") return isInteger(inner) ? BigInt(value as number) : value;
  if (def.type === "array") return (value as unknown[]).map((item) => encode(item, def.element));
  if (def.type !== "object") return value;
  const fields = Object.keys(def.shape).map((name) => [name, encode((value as any)[name], def.shape[name])]);
  return Object.fromEntries(fields);
}

async function readGroup(file: string, buffer: AsyncBuffer, metadata: FileMetaData, rowStart: number, rowEnd: number) {
  // Bytes stay bytes: images in a column are not text, and columns marked as text are decoded all the same.
  return guard(file, () => parquetReadObjects({ file: buffer, metadata, rowStart, rowEnd, utf8: false, compressors }));
}

function readSlice(handle: FileHandle, size: number, start: number, end: number): Promise<ArrayBuffer> {
  const slice = async () => {
    if (!(start >= 0 && start <= end && end <= size)) throw new RangeError(`bytes ${start} to ${end} of ${size}`);
    const bytes = new Uint8Array(end - start);
    await handle.read(bytes, 0, bytes.length, start);
    return bytes.buffer;
  };
  const reading = slice();
  // hyparquet asks for many slices and gives up at the first that fails; the others must not end the process.
  reading.catch(() => {});
  return reading;
}

async function checkMarks(file: string, size: number, read: (start: number, end: number) => Promise<ArrayBuffer>) {
  const mark = async (start: number) => Buffer.from(await read(start, start + 4)).toString("latin1");
  if (size < 12 || (await mark(0)) !== "PAR1") {
    throw new DataError(`${file}: is not a Parquet file (it does not start with PAR1)`, {
      hint: "Name the file after its format: .jsonl, .json, .csv or .parquet.",
    });
  }
  if ((await mark(size - 4)) !== "PAR1") {
    throw new DataError(`${file}: the end of the file is missing`, { hint: "Download or write it again." });
  }
}

/** A damaged file shows as any kind of error inside the parser. */
async function guard<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw new DataError(`${file}: damaged or of an unknown kind: ${(cause as Error).message}`, {
      hint: "Download it again, or write it anew with snappy or zstd compression.",
      cause,
    });
  }
}

/** No bigint where a number holds it, and no null where the schema calls a missing value absent. */
function plain(value: unknown, schema: z.core.$ZodType | undefined): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map((item, i) => plain(item, schema && schemaAt(schema, [i])));
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value) || value instanceof Date) return value;
  const fields = Object.entries(value).map(([name, inner]) => {
    const field = schema && schemaAt(schema, [name]);
    return [name, inner === null && field && !acceptsNull(field) ? undefined : plain(inner, field)] as const;
  });
  return Object.fromEntries(fields.filter(([, inner]) => inner !== undefined));
}
