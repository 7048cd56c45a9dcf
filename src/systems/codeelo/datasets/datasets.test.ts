/** One row of each published format as the data sets have them, and what is wrong with bad ones. */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { z } from "zod";
import { writeRows } from "../../../core/rows.ts";
import { codeContests } from "./code-contests.ts";
import { codeElo } from "./code-elo.ts";
import { liveCodeBench } from "./live-code-bench.ts";
import { loadProblems } from "./load.ts";
import { openR1 } from "./open-r1.ts";
import { pickled } from "./pickle.fixtures.ts";
import { readPickledString, unpackString } from "./pickle-string.ts";

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
    expect(() => readPickledString(evil)).toThrow("asks for builtins.eval");
    expect(() => readPickledString(Buffer.from("80024b012e", "hex"))).toThrow("expected one string, got number");
  });
  test("cut, empty and lying ones are refused", () => {
    expect(() => readPickledString(pickled("abc").subarray(0, -3))).toThrow(/announced|no end/);
    expect(() => readPickledString(Buffer.from([0x80, 4, 0x2e]))).toThrow("an instruction without its value");
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
    expect(openR1.read({ ...row, generated_checker: null }).problem.checker).toEqual({ kind: "yesno" });
    expect(openR1.read({ ...row, input_mode: "file" }).problem.ioFiles).toEqual({
      input: "input.txt",
      output: "output.txt",
    });
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
suite.skipIf(!hasPython)("open-r1's checkers, called as its own runner calls them (needs python3)", () => {
  const texts = { input: "3\r\n", output: "2 1\n\n3\n", answer: "1 2\r\n\n3\n" };
  function check(generated_checker: string): [isRight: boolean, message: string] {
    const { checker } = openR1.read({ id: "1/A", title: "", description: "", generated_checker }).problem;
    if (checker.kind !== "python") throw new Error(checker.kind);
    const call = `${checker.source}\nimport json\nprint(json.dumps(check(${Object.values(texts)
      .map((text) => JSON.stringify(text))
      .join(", ")})))`;
    const { stdout, stderr } = spawnSync("python3", ["-c", call]);
    return JSON.parse(String(stdout) || `"${stderr}"`);
  }
  /** In the form that the data set's checkers have. */
  const sameNumbers = `import sys
def main(input_path, correct_path, output_path):
    numbers = lambda path: sorted(int(word) for line in open(path) for word in line.split())
    print(1 if numbers(correct_path) == numbers(output_path) else 0)
if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3])`;
  test.each([
    ["right", sameNumbers, true],
    ["wrong", sameNumbers.replace("sorted", "list"), false],
    ["in percent, with blanks", "print(' 100 ')", true],
    ["a part is not enough", "print(50)", false],
    ["a word is no score", "print('True')", false],
    ["nothing said", "pass", false],
    ["an exit code outweighs what was said", "import sys\nprint(1)\nsys.exit(2)", false],
    ["ended early, after its say", "import os\nprint(1, flush=True)\nos._exit(0)", true],
    ["returns are gone from the input", "import sys\nprint(int(open(sys.argv[1], newline='').read() == '3\\n'))", true],
    ["so are they, and empty lines, from the answer", "import sys\nprint(int(open(sys.argv[2], newline='').read() == '1 2\\n3\\n'))", true],
    ["and empty lines from the output", "import sys\nprint(int(open(sys.argv[3], newline='').read() == '2 1\\n3\\n'))", true],
    ["nothing is on standard input", "import sys\nprint(int(sys.stdin.read() == ''))", true],
  ])("%s", (_, source, isRight) => expect(check(source)[0]).toBe(isRight)); // biome-ignore format: a row a case
  test("one that crashes rejects, and says why", () => {
    expect(check("print(1)\nint('x')")).toEqual([false, "ValueError: invalid literal for int() with base 10: 'x'"]);
  });
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
  test("generated tests of open-r1 are added by contest and problem; a missing folder is named", async () => {
    const row = (id: string) => ({ id, contest_id: id.split("/")[0], title: "", description: "", official_tests: [] });
    const file = await write("open-r1.jsonl", [row("77/A"), row("77/B"), row("1984/A")]);
    const Tests = z.object({ problem_id: z.string(), input: z.string(), output: z.string(), test_case_i: z.int() });
    const tests = ["A", "B", "A"].map((letter, index) => ({
      problem_id: `77/${letter}`, input: `${index}\n`, output: `${letter}\n`, test_case_i: index,
    })); // biome-ignore format: a row of fields
    await writeRows(join(folder, "test_cases_0077.parquet"), tests, Tests);
    const loaded = await Array.fromAsync(loadProblems(file, { testsFolder: folder }));
    expect(loaded.map(({ problem }) => problem.tests.map(({ name, input, answer }) => [name, input, answer]))).toEqual([
      [["generated-1", "0\n", "A\n"], ["generated-2", "2\n", "A\n"]],
      [["generated-1", "1\n", "B\n"]],
      [],
    ]); // biome-ignore format: a row a problem
    const some = await Array.fromAsync(loadProblems(file, { keep: ({ index }) => index === "B" }));
    expect(some.map(({ problem }) => problem.id)).toEqual(["77/B"]);
    const missing = Array.fromAsync(loadProblems(file, { testsFolder: join(folder, "nowhere") }));
    await expect(missing).rejects.toThrow("nowhere: no such folder");
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
