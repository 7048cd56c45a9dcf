/** One row of each data set and a Kattis folder, all the way: loaded, and a right and a wrong program judged. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { deflateSync } from "node:zlib";
import { afterAll, expect, suite, test } from "vitest";
import { openJudge } from "../judge/judge.ts";
import { findLanguage } from "../judge/languages.ts";
import { loadProblem } from "../problems/formats/load.ts";
import { wrapFunction } from "../run/functional.ts";
import type { Problem } from "../schemas.ts";
import { loadProblems } from "./load.ts";
import { pickled } from "./pickle.fixtures.ts";

const folder = await mkdtemp(join(tmpdir(), "codeelo-judged-"));
afterAll(() => rm(folder, { recursive: true }));
const judge = await openJudge().catch(() => undefined);
const whyNot = !judge
  ? "programs cannot be confined here"
  : (await findLanguage("python"))
    ? ""
    : "there is no python3";

const tests = [
  { input: "2\n", output: "4\n", testtype: "stdin" },
  { input: "-3\n", output: "-6\n", testtype: "stdin" },
];
const lcb = {
  question_id: "lcb",
  question_title: "Double",
  question_content: "Double it.",
  public_test_cases: JSON.stringify(tests.slice(0, 1)),
  private_test_cases: JSON.stringify(tests.slice(1)),
  metadata: "{}",
};
const packed = deflateSync(pickled(lcb.private_test_cases)).toString("base64");
const calls = [{ input: "2", output: "4", testtype: "functional" }, { input: "-3", output: "-6", testtype: "functional" }]; // biome-ignore format: one line
const columns = (list: typeof tests) => ({
  input: list.map((one) => one.input),
  output: list.map((one) => one.output),
});
const checker = "import sys\nprint(int(abs(int(open(sys.argv[2]).read())) == abs(int(open(sys.argv[3]).read()))))";

const rows: Record<string, object> = {
  "CodeElo": { problem_id: "2034B", title: "", description: "", time_limit_ms: 2000, memory_limit_mb: 256, examples: [["2\n", "4\n"], ["-3\n", "-6\n"]] },
  "open-r1": { id: "1/A", title: "", description: "", official_tests: tests },
  "open-r1 with a checker": { id: "1/B", title: "", description: "", official_tests: [tests[0], { input: "-3\n", output: "6\n" }], generated_checker: checker },
  "LiveCodeBench": lcb,
  "LiveCodeBench, packed": { ...lcb, private_test_cases: packed },
  "LiveCodeBench, a function": { ...lcb, public_test_cases: JSON.stringify(calls), private_test_cases: "[]", metadata: '{"func_name": "double"}' },
  "CodeContests": { name: "A", description: "", public_tests: columns(tests.slice(0, 1)), private_tests: columns(tests.slice(1)), generated_tests: columns([]) },
}; // biome-ignore format: a row a data set

async function verdictOf(problem: Problem, source: string) {
  const { verdict, tests: results } = await judge!.judge(problem, { language: "python", source, files: {} });
  return [verdict, results.length];
}

suite.skipIf(whyNot)(`data sets are judged${whyNot && ` (skipped: ${whyNot})`}`, () => {
  test.each(Object.entries(rows))("%s", async (name, row) => {
    const file = join(folder, `${name}.jsonl`);
    await writeFile(file, `${JSON.stringify(row)}\n`);
    const [loaded] = await Array.fromAsync(loadProblems(file));
    const { problem, entryPoint } = loaded!;
    const write = (expression: string) =>
      entryPoint
        ? wrapFunction(`class Solution:\n    def double(self, n):\n        return ${expression}`, entryPoint)
        : `n = int(input())\nprint(${expression})`;
    expect(await verdictOf(problem, write("2 * n"))).toEqual(["OK", 2]);
    expect(await verdictOf(problem, write("abs(3 * n) - 2"))).toEqual(["WRONG_ANSWER", 2]); // right for 2 alone
  });
  test("a Kattis folder with a validator of its own", async () => {
    const validator =
      "import sys\nsys.exit(42 if sys.stdin.read().split() == open(sys.argv[2]).read().split() else 43)";
    const files: Record<string, string> = {
      "problem.yaml": "name: Double\nvalidation: custom\nlimits: {time_limit: 2}\n",
      "output_validators/v/v.py": validator,
      "data/sample/1.in": "2\n",
      "data/sample/1.ans": "4\n",
      "data/secret/1.in": "-3\n",
      "data/secret/1.ans": "-6\n",
    };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, "kattis", path)), { recursive: true });
      await writeFile(join(folder, "kattis", path), text);
    }
    const problem = await loadProblem(join(folder, "kattis"));
    expect(await verdictOf(problem, "print(2 * int(input()))")).toEqual(["OK", 2]);
    expect(await verdictOf(problem, "print(abs(2 * int(input())))")).toEqual(["WRONG_ANSWER", 2]);
  });
});
