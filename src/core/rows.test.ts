import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, expect, suite, test } from "vitest";
import { z } from "zod";
import { DataError } from "./errors.ts";
import { readJson } from "./json.ts";
import { readParquet, writeParquet } from "./parquet.ts";
import { Random } from "./random.ts";
import { readRows, writeRows } from "./rows.ts";

const dir = mkdtempSync(join(tmpdir(), "polymath-rows-"));
afterAll(() => rmSync(dir, { recursive: true }));

const Problem = z.object({
  id: z.string(),
  reward: z.number().min(0).max(1),
  level: z.int().nullable(),
  correct: z.boolean().optional(),
  kind: z.enum(["mid", "worst"]),
  tags: z.array(z.string()).optional(),
  trace: z.object({ tokens: z.array(z.int()), note: z.string().nullable() }).optional(),
  extra: z.record(z.string(), z.unknown()).optional(),
});
type Problem = z.output<typeof Problem>;

async function complaint(name: string, content: string | Buffer, schema: z.ZodType = Problem): Promise<string> {
  const file = join(dir, name);
  writeFileSync(file, content);
  return Array.fromAsync(readRows(file, schema)).then(() => "no error", describe);
}

function describe(error: unknown): string {
  if (!(error instanceof DataError)) throw error;
  return `${error.message.replace(`${dir}/`, "")} | ${error.hint}`;
}

suite("every format", () => {
  const text = fc.string({ unit: "binary" }).map((value) => value.toWellFormed().replaceAll("\0", "0"));
  const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const problems: fc.Arbitrary<Problem[]> = fc.array(
    fc.record({
      id: text,
      reward: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0), // no format tells -0 from 0
      level: fc.option(fc.maxSafeInteger()),
      correct: optional(fc.boolean()),
      kind: fc.constantFrom("mid", "worst"),
      tags: optional(fc.array(text, { minLength: 1 })),
      trace: optional(fc.record({ tokens: fc.array(fc.maxSafeInteger(), { minLength: 1 }), note: fc.option(text) })),
      extra: optional(
        fc.dictionary(fc.string(), fc.oneof(fc.boolean(), fc.integer(), text), { minKeys: 1, noNullPrototype: true }),
      ),
    }),
  );
  const withoutAbsent = (row: Problem) => JSON.parse(JSON.stringify(row));

  test.each(["jsonl", "ndjson", "json", "csv", "tsv", "parquet"])(
    ".%s gives back what was written",
    async (extension) => {
      const file = join(dir, `round.${extension}`);
      const property = fc.asyncProperty(problems, async (rows) => {
        expect(await writeRows(file, rows, Problem)).toBe(rows.length);
        const back = await Array.fromAsync(readRows(file, Problem));
        expect(back.map(withoutAbsent)).toEqual(rows.map(withoutAbsent));
      });
      await fc.assert(property, { numRuns: 60, seed: 1 });
    },
  );

  test("an unknown extension names the known ones", () => {
    expect(() => readRows("a.xlsx", Problem)).toThrow('a.xlsx: the extension ".xlsx" is not a format of rows');
  });

  test("a failing source leaves no file", async () => {
    async function* failing() {
      yield { id: "a", reward: 1, level: 1, kind: "mid" as const };
      throw new Error("the source broke");
    }
    for (const extension of ["jsonl", "json", "csv"]) {
      const file = join(dir, `failing.${extension}`);
      await expect(writeRows(file, failing(), Problem)).rejects.toThrow("the source broke");
      expect(() => readFileSync(file)).toThrow("ENOENT");
    }
  });
});

suite("CSV", () => {
  const header = "id,reward,level,kind\n";

  test("takes commas, semicolons and tabs, a byte order mark, CRLF, quotes, cells over several lines", async () => {
    const expected = [{ id: 'a "b"\r\nc;d', reward: 0.5, level: null, kind: "mid" }];
    for (const delimiter of [",", ";", "\t"]) {
      const line = ['"a ""b""\r\nc;d"', "0.5", "", "mid"].join(delimiter);
      const file = join(dir, "a.csv");
      writeFileSync(file, `\ufeff id ${delimiter}${["reward", "level", "kind"].join(delimiter)}\r\n\r\n${line}`);
      expect(await Array.fromAsync(readRows(file, Problem))).toEqual(expected);
    }
  });

  test.each([
    [
      "a ragged row",
      `${header}a,1,1,mid\nb,1,mid\n`,
      "bad.csv line 3: expected 4 cells (id, reward, level, kind), got 3",
    ],
    ["a column named twice", "id,reward,id\n", 'bad.csv line 1: the header names "id" twice'],
    ["a column without a name", "id,,reward\n", "bad.csv line 1: column 2 of the header has no name"],
    [
      "a value out of range",
      `${header}a,1,1,mid\n"b\nb",1.5,1,mid\n`,
      "bad.csv line 4: reward: expected a number from 0 to 1, got 1.5",
    ],
    [
      "text for a number",
      `${header}a,much,1,mid\n`,
      'bad.csv line 2: reward: expected a number from 0 to 1, got "much" (text)',
    ],
    [
      "a quote left open",
      `${header}a,1,1,mid\n"b,1,1,mid\n`,
      "bad.csv line 3: a double quote is opened and never closed",
    ],
    ["a stray quote", `${header}"a"b,1,1,mid\n`, "bad.csv line 2: Invalid Closing Quote"],
    ["a missing column", "id,level,kind\na,1,mid\n", "bad.csv line 2: reward: missing"],
    ["an empty file", "", "bad.csv: is empty, expected a header line"],
    ["a NUL byte", `${header}a,1,1,mid\na\0,1,1,mid\n`, "bad.csv line 3: NUL byte at byte 2"],
    ["an Excel workbook", "PK\u0003\u0004", "bad.csv: is a ZIP archive or an Excel workbook"],
  ])("names %s", async (_, content, expected) => {
    expect(await complaint("bad.csv", content)).toContain(expected);
  });

  test("skips and reports bad rows when asked to", async () => {
    const file = join(dir, "some.csv");
    writeFileSync(file, `${header}a,1,1,mid\nb,1\nc,2,1,mid\nd,0,1,worst\n`);
    const errors: string[] = [];
    const rows = await Array.fromAsync(readRows(file, Problem, { onError: (error) => errors.push(describe(error)) }));
    expect(rows.map(({ id }) => id)).toEqual(["a", "d"]);
    expect(errors.map((error) => /line \d/.exec(error)?.[0])).toEqual(["line 3", "line 4"]);
  });
});

suite("JSON", () => {
  test.each([
    [
      "the item",
      `[{"id":"a","reward":1,"level":1,"kind":"mid"},\n{"id":"b","reward":2,"level":1,"kind":"mid"}]`,
      "bad.json item 2: reward: expected a number from 0 to 1, got 2",
    ],
    [
      "line and column",
      `[{"id":"a"},\n {"id" 1}]`,
      "bad.json line 2: column 8: not valid JSON: Expected ':' after property name",
    ],
    [
      "the place of NaN",
      `[{"id":"a"},\n {"reward": NaN, "and": "so on"}]`,
      "bad.json line 2: column 13: not valid JSON: Unexpected token 'N' | JSON has no NaN",
    ],
    ["where the file breaks off", `[{"id":"a"},\n {"id"`, "bad.json line 2: column 7: the file breaks off"],
    [
      "JSON lines",
      `{"id":"a"}\n{"id":"b"}\n`,
      "bad.json line 2: more text after the end of the document | This looks like JSON lines",
    ],
    ["one object", `{"rows": []}`, "bad.json: expected a list of rows, got an object with rows"],
    ["an empty file", "  \n", "bad.json: is empty, expected a JSON document"],
  ])("names %s", async (_, content, expected) => {
    expect(await complaint("bad.json", content)).toContain(expected);
  });

  test("readJson checks a whole document", async () => {
    const file = join(dir, "config.json");
    writeFileSync(file, `{"hidden_size": "64"}`);
    const reading = readJson(file, z.object({ hidden_size: z.int() }));
    await expect(reading).rejects.toThrow('config.json: hidden_size: expected a whole number, got "64" (text)');
  });
});

suite("Parquet", () => {
  const file = join(dir, "a.parquet");

  test("reads row group by row group and names the row", async () => {
    const rows = Array.from({ length: 2500 }, (_, i) => ({ id: i, score: i === 1733 ? 2 : 0.5 }));
    await writeParquet(file, rows, z.object({ id: z.int(), score: z.number() }), { groupRows: 1000 });
    const Row = z.object({ id: z.int(), score: z.number().max(1) });
    const reading = Array.fromAsync(readParquet(file, Row));
    await expect(reading).rejects.toThrow("a.parquet row 1734: score: expected a number of at most 1, got 2");
    const errors: DataError[] = [];
    expect(await Array.fromAsync(readParquet(file, Row, { onError: (error) => errors.push(error) }))).toHaveLength(
      2499,
    );
    expect(errors).toHaveLength(1);
  });

  test("keeps bytes as bytes and large whole numbers exact", async () => {
    const data = [new Uint8Array([0xff, 0, 1])];
    const columns = [
      { name: "image", data, type: "BYTE_ARRAY" as const },
      { name: "id", data: [2n ** 60n], type: "INT64" as const },
    ];
    writeFileSync(file, Buffer.from(parquetWriteBuffer({ columnData: columns })));
    const [row] = await Array.fromAsync(
      readParquet(file, z.object({ image: z.instanceof(Uint8Array), id: z.bigint() })),
    );
    expect([...row!.image]).toEqual([0xff, 0, 1]);
    expect(row!.id).toBe(2n ** 60n);
  });

  test("reads gzip pages", async () => {
    const columnData = [{ name: "id", data: ["a", "b"] }];
    const compressors = { GZIP: (input: Uint8Array) => new Uint8Array(gzipSync(input)) };
    writeFileSync(file, Buffer.from(parquetWriteBuffer({ columnData, codec: "GZIP", compressors })));
    expect(await Array.fromAsync(readParquet(file, z.object({ id: z.string() })))).toEqual([{ id: "a" }, { id: "b" }]);
  });

  test("names files that are something else or incomplete", async () => {
    expect(await complaint("b.parquet", '{"id":"a"}\n{"id":"b"}')).toContain("b.parquet: is not a Parquet file");
    await writeParquet(file, [{ id: "a" }], z.object({ id: z.string() }));
    const bytes = readFileSync(file);
    expect(await complaint("c.parquet", bytes.subarray(0, -10))).toContain("c.parquet: the end of the file is missing");
  });

  // Only the footer: hyparquet trusts what stands inside the pages.
  test("500 damaged footers: rows or a DataError that names the file", async () => {
    const Row = z.object({ id: z.string(), n: z.int() });
    await writeParquet(
      file,
      Array.from({ length: 50 }, (_, i) => ({ id: `row ${i}`, n: i })),
      Row,
    );
    const bytes = readFileSync(file);
    const footerStart = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
    const rng = new Random("parquet");
    const outcomes = new Set<string>();
    for (let i = 0; i < 500; i++) {
      const damaged = Buffer.from(bytes);
      for (let j = rng.int(1, 4); j > 0; j--) damaged[rng.int(footerStart, bytes.length - 5)] = rng.int(0, 255);
      const outcome = await complaint("d.parquet", damaged, Row);
      outcomes.add(outcome === "no error" ? outcome : outcome.slice(0, 10));
    }
    expect([...outcomes].sort()).toEqual(["d.parquet ", "d.parquet:", "no error"]);
  });
});
