/** Small folders of each format, written, read, and held to what they say. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, suite, test } from "vitest";
import { Problem } from "../../schemas.ts";
import { writeProblem } from "./folder.ts";
import { loadProblem } from "./load.ts";

const root = await mkdtemp(join(tmpdir(), "formats-"));
afterAll(() => rm(root, { recursive: true }));

async function folder(name: string, files: Record<string, string>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name, path)), { recursive: true });
    await writeFile(join(root, name, path), text);
  }
  return join(root, name);
}

suite("our own", () => {
  test("written and read again, a problem is the same", async () => {
    const program = (source: string) => ({ language: "python" as const, source, files: { "lib.py": "x = 1" } });
    const problem = Problem.parse({
      id: "p",
      title: "P",
      statement: "# P\n",
      tests: [{ name: "1", input: "1\n", answer: "2\n", isSample: true, subtask: "a" }],
      subtasks: [{ name: "a", points: 10 }],
      checker: { kind: "testlib", program: program("print(1)") },
      interactor: { kind: "kattis", program: program("print(2)") },
      validator: program("print(3)"),
      generator: program("print(4)"),
      solutions: [{ name: "good", program: program("print(5)"), expected: ["OK"], fault: "reference" }],
    });
    await writeProblem(join(root, "own"), problem);
    expect(await loadProblem(join(root, "own"))).toEqual(problem);
    const withFunction = { ...problem, checker: { kind: "javascript" as const, source: "function check() {}" } };
    await writeProblem(join(root, "own-2"), withFunction);
    expect(await loadProblem(join(root, "own-2"))).toEqual(withFunction);
  });
  test("faults name the file", async () => {
    const manifest = JSON.stringify({ id: "p", tests: [{ name: "1" }], timeLimitMs: "2000" });
    await expect(loadProblem(await folder("no-test", { "problem.json": manifest }))).rejects.toThrow(
      "tests/1.in: no such file",
    );
    const files = { "problem.json": manifest, "tests/1.in": "", "tests/1.ans": "" };
    await expect(loadProblem(await folder("bad", files))).rejects.toThrow(
      /problem\.json: timeLimitMs: .*"2000" \(text\)/,
    );
    const outside = JSON.stringify({ id: "p", tests: [], validator: { language: "python", file: "../../etc/passwd" } });
    await expect(loadProblem(await folder("outside", { "problem.json": outside }))).rejects.toThrow("lies outside");
    await expect(loadProblem(await folder("empty", { "readme.txt": "" }))).rejects.toThrow("no problem is here");
  });
});

suite("Kattis", () => {
  const data = {
    "data/sample/1.in": "1\n",
    "data/sample/1.ans": "2\n",
    "data/secret/02.in": "3\n",
    "data/secret/02.ans": "4\n",
    "data/secret/group1/a.in": "5\n",
    "data/secret/group1/a.ans": "6\n",
  };
  test("limits, tests in groups, tolerances, submissions", async () => {
    const problem = await loadProblem(
      await folder("kattis", {
        ...data,
        "problem.yaml":
          "name: A Problem # with a comment\nvalidator_flags: float_tolerance 1e-4\nlimits:\n  time_limit: 1.5\n  memory: 512\n",
        "problem_statement/problem.en.tex": "\\problemname{A Problem}",
        "submissions/accepted/ok.py": "print(2)",
        "submissions/time_limit_exceeded/slow.cpp": "int main() { for (;;); }",
      }),
    );
    expect(problem).toMatchObject({
      id: "kattis",
      title: "A Problem",
      timeLimitMs: 1500,
      memoryLimitMb: 512,
      statement: "\\problemname{A Problem}",
    });
    expect(problem.checker).toEqual({ kind: "float", absolute: 1e-4, relative: 1e-4 });
    expect(problem.tests.map(({ name, input, answer, isSample }) => [name, input, answer, isSample])).toEqual([
      ["sample-1", "1\n", "2\n", true],
      ["secret-02", "3\n", "4\n", false],
      ["secret-group1-a", "5\n", "6\n", false],
    ]);
    expect(problem.solutions.map(({ name, expected }) => [name, expected])).toEqual([
      ["accepted-ok.py", ["OK"]],
      ["time_limit_exceeded-slow.cpp", ["TIME_LIMIT_EXCEEDED"]],
    ]);
  });
  test("a validator of its own; an interactive one", async () => {
    const yaml = "name: {en: Two}\nvalidation: custom interactive\n";
    const problem = await loadProblem(
      await folder("talk", { ...data, "problem.yaml": yaml, "output_validators/v/v.py": "exit(42)" }),
    );
    expect([problem.title, problem.interactor?.program.source, problem.checker.kind]).toEqual([
      "Two",
      "exit(42)",
      "tokens",
    ]);
    const custom = await loadProblem(
      await folder("custom", {
        ...data,
        "problem.yaml": "name: C\nvalidation: custom\nvalidator_flags: -x 3\n",
        "output_validators/v/v.cpp": "int main() {}",
      }),
    );
    expect(custom.checker).toMatchObject({ kind: "kattis", flags: ["-x", "3"], program: { language: "cpp" } });
  });
});

suite("DMOJ", () => {
  test("cases, batches with points and dependencies, checkers", async () => {
    const problem = await loadProblem(
      await folder("dmoj", {
        "init.yml": [
          "checker:",
          "  name: floats",
          "  args: {precision: 4, error_mode: absolute}",
          "test_cases:",
          "- {in: a.in, out: a.out, points: 0}",
          "- points: 40",
          "  batched:",
          "  - {in: b.in, out: b.out}",
          "  - in: a.in",
          "    out: a.out",
          "- points: 60",
          "  dependencies: [2]",
          "  batched: [{in: b.in, out: b.out}]",
        ].join("\n"),
        "a.in": "1\n", "a.out": "2\n", "b.in": "3\n", "b.out": "4\n",
      }), // biome-ignore format: a row of files
    );
    expect(problem.checker).toEqual({ kind: "float", absolute: 1e-4, relative: 0 });
    expect(problem.tests.map(({ name, input, subtask, isSample }) => [name, input, subtask, isSample])).toEqual([
      ["1", "1\n", "1", true],
      ["2.1", "3\n", "2", false],
      ["2.2", "1\n", "2", false],
      ["3.1", "3\n", "3", false],
    ]);
    expect(problem.subtasks.map(({ name, points, requires }) => [name, points, requires])).toEqual([
      ["1", 0, []],
      ["2", 40, []],
      ["3", 60, ["2"]],
    ]);
  });
  test("packed tests are named", async () => {
    const yaml = "archive: tests.zip\ntest_cases:\n- {in: x.in, out: x.out, points: 1}\n";
    await expect(loadProblem(await folder("zip", { "init.yml": yaml }))).rejects.toThrow("packed in tests.zip");
  });
});

suite("Polygon", () => {
  const xml = `<?xml version="1.0"?><problem short-name="apples"><names><name language="english" value="Apples &amp; Pears"/></names>
<judging><testset name="pretests"><tests/></testset><testset name="tests"><time-limit>1000</time-limit><memory-limit>67108864</memory-limit>
<test-count>2</test-count><input-path-pattern>tests/%02d</input-path-pattern><answer-path-pattern>tests/%02d.a</answer-path-pattern>
<tests><test method="manual" sample="true" group="0"/><test cmd="gen 5" method="generated" group="1"/></tests>
<groups><group name="0" points="0.0" points-policy="complete-group"/><group name="1" points="100.0" points-policy="each-test"><dependencies><dependency group="0"/></dependencies></group></groups></testset></judging>
<assets><checker name="CHECKER" type="testlib"><source path="files/check.cpp" type="cpp.g++17"/></checker>
<interactor><source path="files/interactor.cpp" type="cpp.g++17"/></interactor>
<solutions><solution tag="main"><source path="solutions/ok.cpp" type="cpp"/></solution><solution tag="time-limit-exceeded"><source path="solutions/slow.py" type="python.3"/></solution><solution tag="wrong-answer"><source path="solutions/old.pas"/></solution></solutions></assets>
<tags><tag value="math"/></tags></problem>`;
  const files = {
    "problem.xml": xml, "tests/01": "1\n", "tests/01.a": "2\n", "tests/02": "3\n", "tests/02.a": "4\n",
    "files/check.cpp": '#include "testlib.h"\nint main() {}', "files/testlib.h": "// the library", "files/interactor.cpp": "int main() {}",
    "solutions/ok.cpp": "int main() {}", "solutions/slow.py": "while True: pass",
  }; // biome-ignore format: a row of files
  test("limits, groups, checker with its header, interactor, solutions", async () => {
    const problem = await loadProblem(await folder("polygon", files));
    expect(problem).toMatchObject({
      id: "apples",
      title: "Apples & Pears",
      timeLimitMs: 1000,
      memoryLimitMb: 64,
      tags: ["math"],
    });
    expect(problem.tests.map(({ input, answer, isSample, subtask }) => [input, answer, isSample, subtask])).toEqual([
      ["1\n", "2\n", true, "0"],
      ["3\n", "4\n", false, "1"],
    ]);
    expect(problem.subtasks.map(({ scoring, requires, points }) => [scoring, requires, points])).toEqual([
      ["all", [], 0],
      ["sum", ["0"], 100],
    ]);
    expect(problem.checker).toMatchObject({ kind: "testlib", program: { files: { "testlib.h": "// the library" } } });
    expect(problem.interactor).toMatchObject({ kind: "testlib", checkTranscript: true });
    expect(problem.solutions.map(({ name, expected }) => [name, expected[0]])).toEqual([
      ["ok.cpp", "OK"],
      ["slow.py", "TIME_LIMIT_EXCEEDED"],
    ]);
    expect(problem.notes).toEqual(["solutions/old.pas: a solution in a language that the judge does not know"]);
  });
  test("files in place of standard input and output", async () => {
    const named = xml.replace("<judging>", '<judging input-file="apples.in" output-file="apples.out">');
    const { ioFiles } = await loadProblem(await folder("files", { ...files, "problem.xml": named }));
    expect(ioFiles).toEqual({ input: "apples.in", output: "apples.out" });
    const outside = named.replace("apples.in", "../apples.in");
    await expect(loadProblem(await folder("files-outside", { ...files, "problem.xml": outside }))).rejects.toThrow(
      "ioFiles.input: expected a file name without a folder",
    );
  });
  test("standard checkers by name; a package without tests is named", async () => {
    const standard = xml.replace('name="CHECKER"', 'name="std::rcmp6.cpp"');
    expect((await loadProblem(await folder("rcmp", { ...files, "problem.xml": standard }))).checker).toEqual({
      kind: "float",
      absolute: 1e-6,
      relative: 1e-6,
    });
    await expect(loadProblem(await folder("bare", { "problem.xml": xml }))).rejects.toThrow(
      "the package has no written tests",
    );
  });
});

test("broken YAML is named with its file and line, and the mend comes along", async () => {
  const broken = folder("tabs", { "problem.yaml": "limits:\n\tmemory: 512\n" }).then(loadProblem);
  await expect(broken).rejects.toMatchObject({
    message: expect.stringMatching(/tabs.problem\.yaml line 2, column 1: Tabs/),
    hint: "Indent with blanks.",
  });
});
