import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, suite, test } from "vitest";
import { z } from "zod";
import { DataError } from "./errors.ts";
import { type ReadOptions, readJsonLines, writeJsonLines } from "./jsonl.ts";
import { Random } from "./random.ts";

const dir = mkdtempSync(join(tmpdir(), "polymath-jsonl-"));
afterAll(() => rmSync(dir, { recursive: true }));

const Rollout = z.object({ id: z.string(), reward: z.number().min(0).max(1) });
const good = '{"id":"a","reward":0.5}';
const row = { id: "a", reward: 0.5 };
const file = join(dir, "rollouts.jsonl");

/** The rows of a file with this content. */
async function read(content: string | Buffer, options?: ReadOptions) {
  writeFileSync(file, content);
  return Array.fromAsync(readJsonLines(file, Rollout, options));
}

/** What a person gets to see: message after the folder, then the hint. */
async function complaint(content: string | Buffer, options?: ReadOptions): Promise<string> {
  return read(content, options).then(() => "no error", describe);
}

function describe(error: unknown): string {
  if (!(error instanceof DataError)) throw error;
  return `${error.message.replace(`${dir}/`, "")} | ${error.hint}`;
}

suite("readJsonLines reads", () => {
  test("LF and CRLF, with and without a last newline, blank lines, a byte order mark", async () => {
    expect(await read(`${good}\n${good}\n`)).toEqual([row, row]);
    expect(await read(`\ufeff${good}\r\n\r\n  \n${good}`)).toEqual([row, row]);
    expect(await read("")).toEqual([]);
    expect(await read("\n\n")).toEqual([]);
  });

  test("lines of any length across blocks, and characters cut by a block's end", async () => {
    const ids = [1, 262_130, 262_144, 700_000].map((length) => "é€😀".repeat(length / 3));
    expect(await read(ids.map((id) => JSON.stringify({ id, reward: 1 })).join("\n"))).toEqual(
      ids.map((id) => ({ id, reward: 1 })),
    );
  });

  test("a large file in flat memory, and can be left early", async () => {
    writeFileSync(file, `${JSON.stringify({ id: "x".repeat(1000), reward: 0 })}\n`.repeat(60_000)); // 61 MB
    const before = process.memoryUsage().rss;
    let peak = 0;
    let count = 0;
    for await (const { reward } of readJsonLines(file, Rollout)) {
      count += 1 + reward;
      if (count % 5000 === 0) peak = Math.max(peak, process.memoryUsage().rss - before);
    }
    expect(count).toBe(60_000);
    expect(peak).toBeLessThan(150e6); // garbage included; holding the rows would take more
    for await (const _ of readJsonLines(file, Rollout)) break;
  });
});

suite("readJsonLines complains", () => {
  test("with file, line, field, finding and mend", async () => {
    expect(await complaint(`${good}\n\n{"id":"b","reward":"0.8"}`)).toBe(
      'rollouts.jsonl line 3: reward: expected a number from 0 to 1, got "0.8" (text) | Write it without quotes.',
    );
  });

  test.each([
    ["a truncated last line", `${good}\n{"id":"a","rew`, "line 2: the file breaks off inside this line"],
    ["an open string at the end", `${good}\n{"id":"a`, "line 2: the file breaks off inside this line"],
    ["a broken line before others", `{"id":"a\n${good}\n`, "line 1: not valid JSON: Unterminated string"],
    ["a NUL byte", `${good}\n{"id":"\0"}\n`, "line 2: NUL byte at byte 8"],
    ["a JSON array", `[${good},\n${good}]`, "line 1: not a whole JSON value | This looks like one JSON document"],
    [
      "an array in one line",
      `[${good}]`,
      "line 1: expected an object with id, reward, got a list of 1 | This looks like",
    ],
    ["a pretty-printed object", `{\n  "id": "a"\n}`, "line 1: not a whole JSON value | This looks like one JSON"],
    ["Python's notation", `{'id': 'a'}`, "double quotes, not single ones: write it with json.dumps"],
    ["None", `{"id": None}`, "This is Python's notation"],
    ["NaN", `{"id":"a","reward":NaN}`, "JSON has no NaN or Infinity: write null."],
    ["a trailing comma", `{"id":"a",}`, "Remove the comma before the closing bracket."],
    ["two values in a line", `${good} ${good}`, "line 1: not valid JSON: Unexpected non-whitespace character"],
    ["a missing field", `{"id":"a"}`, "line 1: reward: missing, expected a number from 0 to 1"],
    ["null", "null", "line 1: expected an object with id, reward, got null"],
  ])("about %s", async (_, content, expected) => {
    expect(await complaint(content)).toContain(expected);
  });

  test("about invalid UTF-8, with the byte", async () => {
    const latin1 = Buffer.from(`${good}\n{"id":"\xe9","reward":0}\n`, "latin1");
    expect(await complaint(latin1)).toContain("line 2: byte 8 is not UTF-8 | Save the file as UTF-8");
  });

  test("about a line over the limit, wherever it lies, and goes on behind it", async () => {
    for (const length of [2000, 300_000, 900_000]) {
      const long = `{"id":"${"x".repeat(length)}","reward":1}`;
      const errors: string[] = [];
      const rows = await read(`${good}\n${long}\n${good}\nx\n`, {
        maxLineBytes: 1000,
        onError: (error) => errors.push(describe(error)),
      });
      expect(rows).toEqual([row, row]);
      expect(errors[0]).toContain("rollouts.jsonl line 2: longer than the limit of 1000 bytes");
      expect(errors[1]).toContain("line 4: not valid JSON");
    }
  });

  test("about files of another kind, missing files and folders", async () => {
    expect(await complaint(Buffer.from([0x1f, 0x8b, 8, 0]))).toBe(
      "rollouts.jsonl: is compressed by gzip, not UTF-8 text | Unpack it first: gunzip.",
    );
    expect(await complaint("PAR1....")).toContain("is a Parquet file");
    expect(await complaint(Buffer.from(`\ufeff${good}`, "utf16le"))).toContain("is UTF-16 text");
    const open = (path: string) => Array.fromAsync(readJsonLines(path, Rollout)).then(String, describe);
    expect(await open(join(dir, "rolouts.jsonl"))).toBe("rolouts.jsonl: no such file | Did you mean rollouts.jsonl?");
    expect(await open(join(dir, "nowhere", "x.jsonl"))).toContain("there is no folder");
    mkdirSync(join(dir, "folder.jsonl"), { recursive: true });
    expect(await open(join(dir, "folder.jsonl"))).toBe(
      "folder.jsonl: is a folder, expected a file | The folder is empty.",
    );
  });
});

/** One of the ways in which files go wrong. */
function damage(text: Buffer<ArrayBuffer>, rng: Random): Buffer<ArrayBuffer> {
  const at = rng.int(0, text.length);
  const insert = (bytes: number[] | string) =>
    Buffer.concat([text.subarray(0, at), Buffer.from(bytes as string), text.subarray(at)]);
  switch (rng.int(0, 9)) {
    case 0:
      return text.subarray(0, at);
    case 1:
      return text.subarray(at);
    case 2:
      return insert([rng.int(0, 255)]);
    case 3:
      return insert(
        rng.choice(["\0", '"', "\\", "{", "[".repeat(5000), ",", "\r", "\n", "\ufeff", "1e999", "null", "\\ud800"]),
      );
    case 4:
      return insert([0xff, 0xfe, 0x80, 0xc0]);
    case 5:
      return Buffer.from(text.map((byte) => (rng.bool(0.05) ? rng.int(0, 255) : byte)));
    case 6:
      return Buffer.concat([text, text]);
    case 7:
      return Buffer.from(
        text
          .toString("utf8")
          .replace(/\d+(\.\d+)?/, rng.choice(["NaN", "-", "1e", "9".repeat(400), '"1"', "true", "{}"])),
      );
    case 8:
      return Buffer.from(
        text.toString("utf8").replace(/"(\w+)":/, rng.choice(["", "$1:", "'$1':", '"__proto__":', '"$1"'])),
      );
    default:
      return text;
  }
}

/** What the reader should have said of a line, by the shortest other way. */
function isSound(line: Buffer): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
    return line.length <= 8000 && Rollout.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

test("10,000 damaged rows: every one is read or named, none disturbs another", async () => {
  const rng = new Random("fuzz");
  let readCount = 0;
  let errorCount = 0;
  for (let fileIndex = 0; fileIndex < 100; fileIndex++) {
    const rows = [Buffer.from(good)]; // the first is sound: a magic number there would make it another file
    for (let i = 1; i <= 100; i++) {
      const sound = Buffer.from(JSON.stringify({ id: `ü${i}`, reward: rng.next(), extra: { nested: [i, null] } }));
      rows.push(damage(sound, rng));
    }
    const content = Buffer.concat(rows.flatMap((bytes) => [bytes, Buffer.from("\n")]));
    const lines = content.toString("latin1").split("\n").slice(0, -1);
    const isBlank = (line: string) => Buffer.from(line, "latin1").toString("utf8").trim() === "";
    const errors: DataError[] = [];
    const options = { maxLineBytes: 8000, onError: (error: DataError) => errors.push(error) };
    const valid = await read(content, options);
    expect(valid.length + errors.length).toBe(lines.filter((line) => !isBlank(line)).length);
    for (const error of errors) {
      expect(error).toBeInstanceOf(DataError);
      const number = Number(/rollouts\.jsonl line (\d+): ./s.exec(error.message)?.[1]);
      expect(isSound(Buffer.from(lines[number - 1]!, "latin1")), error.message).toBe(false);
    }
    readCount += valid.length;
    errorCount += errors.length;
  }
  expect(readCount).toBeGreaterThan(2000); // the fuzzer neither spares nor ruins everything
  expect(errorCount).toBeGreaterThan(4000);
});

suite("writeJsonLines", () => {
  test("writes what is read back, from a list or a stream, and counts", async () => {
    const path = join(dir, "out", "a.jsonl");
    async function* rows() {
      for (let i = 0; i < 2000; i++) yield { id: `${i}\n"\u2028`.repeat(20), reward: i / 2000 };
    }
    expect(await writeJsonLines(path, rows())).toBe(2000);
    expect(await Array.fromAsync(readJsonLines(path, Rollout))).toEqual(await Array.fromAsync(rows()));
    expect(await writeJsonLines(path, [])).toBe(0);
  });

  test("refuses what JSON would change, and then leaves the old file", async () => {
    const path = join(dir, "out", "b.jsonl");
    await writeJsonLines(path, [row]);
    for (const [bad, found] of [
      [{ a: NaN }, "a: NaN"],
      [{ a: 1n }, "a: 1"],
      [undefined, "undefined"],
    ] as const) {
      const writing = writeJsonLines(path, [row, bad]);
      await expect(writing).rejects.toThrow(`b.jsonl line 2: ${found} cannot be written as JSON`);
    }
    expect(await Array.fromAsync(readJsonLines(path, Rollout))).toEqual([row]);
    expect(readdirSync(join(dir, "out")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});
