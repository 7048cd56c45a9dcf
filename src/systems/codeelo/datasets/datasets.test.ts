/** One row of each published format as the data sets have them, and what is wrong with bad ones. */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { codeContests, codeElo, liveCodeBench, openR1 } from "./formats.ts";
import { loadProblems } from "./load.ts";
import { readPickledString, unpackString } from "./pickle-string.ts";

/** What CPython's pickle.dumps(text, protocol=4) writes. */
function pickled(text: string): Buffer {
  const utf8 = Buffer.from(text);
  const isShort = utf8.length < 256;
  const length = Buffer.alloc(isShort ? 1 : 4);
  if (isShort) length.writeUInt8(utf8.length);
  else length.writeUInt32LE(utf8.length);
  const body = Buffer.concat([Buffer.from([isShort ? 0x8c : 0x58]), length, utf8, Buffer.from([0x94, 0x2e])]);
  const frame = Buffer.alloc(8);
  frame.writeBigUInt64LE(BigInt(body.length));
  return Buffer.concat([Buffer.from([0x80, 4, 0x95]), frame, body]);
}
const packed = (text: string) => deflateSync(pickled(text)).toString("base64");

const lcbTests = [
  { input: "1 2\n", output: "3\n", testtype: "stdin" },
  { input: "5 6\n", output: "11\n", testtype: "stdin" },
];
const lcbRow = {
  question_id: "abc301_a",
  question_title: "Sum",
  question_content: "Add two numbers.",
  platform: "atcoder",
  contest_id: "abc301",
  contest_date: "2023-05-13T00:00:00",
  difficulty: "easy",
  starter_code: "",
  public_test_cases: JSON.stringify(lcbTests.slice(0, 1)),
  private_test_cases: JSON.stringify(lcbTests.slice(1)),
  metadata: "{}",
};

suite("pickles are read, never executed", () => {
  test("a pickled string, short and long, in a file of Python's own", () => {
    expect(readPickledString(pickled("tests: äöü"))).toBe("tests: äöü");
    expect(readPickledString(pickled("x".repeat(70_000)))).toBe("x".repeat(70_000));
    // pickle.dumps("abc", protocol=2), as CPython 3.11 writes it
    expect(readPickledString(Buffer.from("80025803000000616263 7100 2e".replaceAll(" ", ""), "hex"))).toBe("abc");
  });
  test("a pickle that calls something is refused at the instruction", () => {
    // pickle.dumps(eval) begins so: a global reference
    const evil = Buffer.from("8004950f000000000000008c086275696c74696e73948c046576616c9493942e", "hex");
    expect(() => readPickledString(evil)).toThrow("pickle: a second value at byte");
    expect(() => readPickledString(Buffer.from("800263", "hex"))).toThrow("0x63 is not of a string");
  });
  test("cut, empty and lying ones are refused", () => {
    expect(() => readPickledString(pickled("abc").subarray(0, -3))).toThrow(/announced|no end/);
    expect(() => readPickledString(Buffer.from([0x80, 4, 0x2e]))).toThrow("no value");
    expect(() => readPickledString(Buffer.from([0x80, 4, 0x58, 255, 255, 255, 255]))).toThrow(
      "4294967295 bytes are announced",
    );
    expect(() => unpackString("not base64 of zlib")).toThrow("packed tests:");
  });
});

suite("formats", () => {
  test("LiveCodeBench: plain and packed hidden tests are the same", () => {
    const plain = liveCodeBench.read(lcbRow);
    const fromPacked = liveCodeBench.read({ ...lcbRow, private_test_cases: packed(JSON.stringify(lcbTests.slice(1))) });
    expect(fromPacked).toEqual(plain);
    expect(plain).toMatchObject({ contestId: "abc301", isComplete: true, date: expect.stringContaining("2023-05-1") });
    expect(plain.problem.tests.map(({ name, isSample }) => [name, isSample])).toEqual([
      ["public-1", true],
      ["private-1", false],
    ]);
  });
  test("LiveCodeBench: functions", () => {
    const functional = JSON.stringify([{ input: "[1, 2]\n3", output: "[0, 1]", testtype: "functional" }]);
    const row = {
      ...lcbRow,
      public_test_cases: functional,
      metadata: '{"func_name": "twoSum"}',
      starter_code: "class Solution:",
    };
    expect(liveCodeBench.read(row)).toMatchObject({ entryPoint: "twoSum", starterCode: "class Solution:" });
    expect(() => liveCodeBench.read({ ...row, metadata: "{}" })).toThrow("metadata: func_name is missing");
  });
  test("open-r1: tests that the site cut are left out, and said", () => {
    const row = {
      id: "1984/C",
      title: "Magnitude",
      contest_id: "1984",
      index: "C",
      contest_start: 1_718_029_500,
      time_limit: 2,
      memory_limit: 256,
      description: "Maximise it.",
      input_format: "n",
      output_format: "c",
      interaction_format: null,
      note: null,
      examples: [{ input: "1\n", output: "2\n" }],
      rating: 1300,
      tags: ["dp"],
      official_tests: [
        { input: "1\n", output: "2\n" },
        { input: "9999 1 2 3...", output: "4\n" },
      ],
      official_tests_complete: false,
      input_mode: "stdio",
      generated_checker: "print(1)",
    };
    const { problem, ...rest } = openR1.read(row);
    expect(rest).toMatchObject({ contestId: "1984", index: "C", isComplete: false, date: "2024-06-10T14:25:00.000Z" });
    expect(problem.tests.map(({ name }) => name)).toEqual(["example-1", "official-1"]);
    expect(problem.notes).toEqual(["1 official tests were cut by the site and left out"]);
    expect(problem.checker.kind).toBe("python");
    expect(problem.statement).toBe("Maximise it.\n\n## Input\n\nn\n\n## Output\n\nc");
  });
  test("CodeElo: examples as pairs, contest and letter from the id", () => {
    const row = {
      problem_id: "2034B",
      url: "",
      title: "Rakhsh's Revival",
      rating: 1000,
      tags: ["greedy"],
      div: "Div. 2",
      time_limit_ms: 1000,
      memory_limit_mb: 256,
      description: "Text ![](a.png)",
      input: "",
      output: "",
      interaction: "",
      examples: [["3\n", "1\n"]],
      note: "",
    };
    const { problem, ...rest } = codeElo.read(row);
    expect(rest).toEqual({ contestId: "2034", index: "B", division: "Div. 2", isComplete: false });
    expect(problem).toMatchObject({ timeLimitMs: 1000, tests: [{ input: "3\n", answer: "1\n", isSample: true }] });
    expect(problem.notes[0]).toBe("images are missing from the statement");
  });
  test("CodeContests: tests by column, limits in seconds and bytes", () => {
    const tests = (count: number) => ({ input: Array(count).fill("1\n"), output: Array(count).fill("2\n") });
    const row = {
      name: "1575_A. Another Sorting Problem",
      description: "Sort.",
      public_tests: tests(1),
      private_tests: tests(2),
      generated_tests: tests(3),
      cf_contest_id: 1575,
      cf_index: "A",
      cf_rating: 1100,
      cf_tags: ["sortings"],
      time_limit: { seconds: 1, nanos: 500_000_000 },
      memory_limit_bytes: 256_000_000,
    };
    const { problem, ...rest } = codeContests.read(row);
    expect(rest).toEqual({ contestId: "1575", index: "A", isComplete: true });
    expect([problem.timeLimitMs, problem.tests.length]).toEqual([1500, 6]);
  });
});

const hasPython = spawnSync("python3", ["--version"]).status === 0;
test.skipIf(!hasPython).each([
  ["print(1)", 1],
  ["print(0)", 0],
  ["import sys\nprint(int(open(sys.argv[2]).read() == open(sys.argv[3]).read()))", 1],
  ["import sys\nprint(int(open(sys.argv[1]).read() == 'other'))", 0],
  ["import sys\nsys.exit(1)", 0],
  ["pass", 0],
])("open-r1's checkers run as a function over three files: %j (needs python3)", (generated_checker, expected) => {
  const row = { id: "1/A", title: "", description: "", generated_checker };
  const { checker } = openR1.read(row).problem;
  if (checker.kind !== "python") throw new Error(checker.kind);
  const call = `${checker.source}\nprint(float(check("in", "out", "out")))`;
  const { stdout, stderr } = spawnSync("python3", ["-c", call]);
  expect(Number(String(stdout)), String(stderr)).toBe(expected);
});

suite("loadProblems", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "polymath-datasets-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const write = async (name: string, rows: unknown[]) => {
    const file = join(folder, name);
    await writeFile(file, rows.map((row) => JSON.stringify(row)).join("\n"));
    return file;
  };

  test("bad rows are listed and end nothing", async () => {
    const file = await write("lcb.jsonl", [
      lcbRow,
      { ...lcbRow, private_test_cases: "?" },
      { ...lcbRow, question_id: "b" },
    ]);
    const bad: unknown[] = [];
    const ids: string[] = [];
    for await (const { problem } of loadProblems(file, { onBadRow: (row) => bad.push(row) })) ids.push(problem.id);
    expect(ids).toEqual(["abc301_a", "b"]);
    expect(bad).toEqual([{ row: 2, message: expect.stringContaining("private_test_cases: packed tests:") }]);
  });
  test("a file of another kind, and a file of bad rows only, are errors", async () => {
    const all = async (file: string) => {
      for await (const _ of loadProblems(file));
    };
    await expect(all(await write("other.jsonl", [{ a: 1 }]))).rejects.toThrow("no known format (fields a)");
    const broken = await write("broken.jsonl", [{ ...lcbRow, question_id: 7 }]);
    await expect(all(broken)).rejects.toThrow("broken.jsonl row 1: question_id:");
  });
});
