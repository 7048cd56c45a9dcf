import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { writeProblem } from "../problems/formats/folder.ts";
import { Problem } from "../schemas.ts";
import { readServedProblems, servedStatement } from "./problems.ts";

const quiet = { onBadRow() {} };
const row = (fields: object) =>
  JSON.stringify({
    id: "1980/A",
    contest_id: "1980",
    index: "A",
    title: "Sum",
    time_limit: 1,
    memory_limit: 256,
    description: "Add.",
    examples: [{ input: "1 2", output: "3" }],
    official_tests: [{ input: "5 7", output: "12" }],
    official_tests_complete: true,
    input_mode: "stdio",
    tags: [],
    rating: 800,
    ...fields,
  });

async function fileOf(...lines: string[]): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), "served-")), "problems.jsonl");
  await writeFile(file, lines.join("\n"));
  return file;
}

suite("readServedProblems", () => {
  test("names problems as the client does: contest and letter", async () => {
    const file = await fileOf(row({}), row({ id: "1981/B", contest_id: "1981", index: "B" }));
    const served = await readServedProblems(file, quiet);
    expect(served.map(({ prob, contestId }) => [prob, contestId])).toEqual([
      ["1980A", "1980"],
      ["1981B", "1981"],
    ]);
  });
  test("refuses a problem that is there twice", async () => {
    await expect(readServedProblems(await fileOf(row({}), row({})), quiet)).rejects.toThrow("1980A is there twice");
  });
  test("takes a problem folder, and a folder of them", async () => {
    const root = await mkdtemp(join(tmpdir(), "served-"));
    const sample = { name: "1", input: "1\n", answer: "1\n", isSample: true };
    for (const id of ["echo", "other"]) await writeProblem(join(root, id), Problem.parse({ id, tests: [sample] }));
    const ids = async (path: string) => (await readServedProblems(path, quiet)).map(({ prob }) => prob).sort();
    expect(await ids(root)).toEqual(["echo", "other"]);
    expect(await ids(join(root, "echo"))).toEqual(["echo"]);
  });
});

test("a statement that shows its sample does not show it again", () => {
  const problem = Problem.parse({
    id: "a",
    statement: "Echo.\n\n## Example\n\n1 2 3",
    tests: [{ name: "1", input: "1 2 3\n", answer: "x\n", isSample: true }],
  });
  const { sections } = servedStatement({ prob: "a", contestId: "0", problem }).statement.content;
  expect(sections.map(({ title }) => title)).toEqual(["Legend", "Example"]);
});
