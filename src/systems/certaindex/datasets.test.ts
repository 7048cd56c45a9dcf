import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, suite, test } from "vitest";
import { z } from "zod";
import { writeParquet } from "../../core/parquet.ts";
import { readQuestions } from "./datasets.ts";

const folder = mkdtempSync(join(tmpdir(), "datasets-"));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
function file(text: string, extension = "jsonl"): string {
  const path = join(folder, `${count++}.${extension}`);
  writeFileSync(path, text);
  return path;
}
const rows = (...values: unknown[]) => file(values.map((value) => JSON.stringify(value)).join("\n"));

suite("datasets", () => {
  test("the usual columns: the repository's, GSM8K's, a solution with a box, and no answer at all", async () => {
    const repository = rows({ id: 7, problem: " 1+1? ", solution: "so", answer: 2 });
    expect((await readQuestions(repository)).questions).toEqual([{ id: "7", text: "1+1?", target: "2" }]);
    const gsm = rows({ question: "eggs?", answer: "16-3=<<16-3=13>>13\n#### 13" });
    expect((await readQuestions(gsm)).questions).toEqual([{ id: "1", text: "eggs?", target: "13" }]);
    const boxed = rows({ problem: "x?", solution: "hence $\\boxed{\\frac{1}{2}}$." });
    expect((await readQuestions(boxed)).questions[0]!.target).toBe("\\frac{1}{2}");
    expect(await readQuestions(rows({ prompt: "why?" }))).toMatchObject({ labelledCount: 0 });
  });

  test("CSV and Parquet, columns by name, and a limit", async () => {
    const csv = file("nr;frage;loesung\n1;1+1?;2\n2;1+2?;3\n3;1+3?;4\n", "csv");
    const named = { questionField: "frage", answerField: "loesung", idField: "nr", limit: 2 };
    const wanted = [
      { id: "1", text: "1+1?", target: "2" },
      { id: "2", text: "1+2?", target: "3" },
    ];
    expect((await readQuestions(csv, named)).questions).toEqual(wanted);
    const parquet = join(folder, "x.parquet");
    const schema = z.object({ id: z.int(), problem: z.string(), answer: z.number() });
    await writeParquet(parquet, [{ id: 1, problem: "1+1?", answer: 2 }], schema);
    expect((await readQuestions(parquet)).questions).toEqual([wanted[0]]);
  });

  test.each([
    [rows({ q: "x" }), {}, "row 1: none of problem, question, prompt, input is there", "The fields are q: choose"],
    [rows({ problem: "x" }), { answerField: "gold" }, "row 1: gold: there is no such field", "with --answer-field"],
    [rows({ problem: "x" }, { problem: " " }), {}, "line 2: problem: is empty", undefined],
    [rows({ problem: "x" }, { problem: 3 }), {}, "line 2: problem: expected text, got 3", undefined],
    [
      rows({ id: 1, problem: "x" }, { id: 1, problem: "y" }),
      {},
      'question 2: id: "1" is the name of question 1',
      "--id-field",
    ],
    [file(""), {}, "there are no rows in it", undefined],
  ])("%s: %j", async (path, options, message, hint) => {
    const error = await readQuestions(path, options).then(
      () => undefined,
      (caught) => caught,
    );
    expect(error?.message).toContain(message);
    expect(error?.message).toContain(path);
    if (hint) expect(error.hint).toContain(hint);
  });
});

const data = join(import.meta.dirname, "../../../../shared/data");
const isMissing = !existsSync(data);
if (isMissing) console.info("certaindex: ../shared/data is missing, so the tests on real questions are skipped");

test.skipIf(isMissing)("every real question has an answer", async () => {
  const counts = [];
  for (const name of ["math500-a", "gsm8k-test-a", "aime24", "amc23"]) {
    const { questions, labelledCount } = await readQuestions(join(data, `${name}.jsonl`));
    counts.push([questions.length, labelledCount]);
    for (const { target } of questions) expect(target).not.toContain("####");
  }
  expect(counts).toEqual([
    [250, 250],
    [660, 660],
    [30, 30],
    [40, 40],
  ]);
});
