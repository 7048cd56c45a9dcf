/** `huatuo factory`, `search`, `merge` and `export` from questions to training rows, with a teacher that misbehaves. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { readParquet } from "../../core/parquet.ts";
import { readRows } from "../../core/rows.ts";
import { startMockServer } from "../../endpoint/testing/index.ts";
import { exportCommand, factoryCommand, promptsCommand } from "./command.ts";
import { runEngine } from "./data-engine.fixtures.ts";
import { formats, TrlMessages, VerlRow } from "./export/formats.ts";
import { parseForm } from "./form.ts";
import { looksMedical, medicalNotice } from "./medical-notice.ts";
import { readPromptFolder } from "./prompts/prompts.ts";
import { answerField, type SearchedRow, SftRow } from "./schemas.ts";
import { labels } from "./stages/llm-filter.ts";
import {
  demoFile,
  demoRows,
  inventedRows,
  isDemoMissing,
  runHere,
  scriptedTeacher,
  temporaryFolder,
} from "./teacher.fixtures.ts";

const rowsOf = (file: string) => JSON.parse(readFileSync(file, "utf8")) as Record<string, any>[];
const linesOf = (file: string) =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, any>);

suite("from questions to training rows", () => {
  test("every row is accounted for, and what comes out is verified, natural and in the published form", async () => {
    const rows = inventedRows(30);
    rows[3] = { ...rows[3]!, answer: "lead" };
    rows[5] = { ...rows[5]!, question: "Which?" };
    rows[7] = { ...rows[7]!, question: `${rows[7]!.question} Which of them is it NOT?` };
    const { factory, search, merge, counts } = await runEngine(rows, { faults: { rateLimit: 0.03 } });
    expect(counts.faults["429"]).toBeGreaterThan(0);

    const problems = rowsOf(factory.result.out);
    const rejected = linesOf(join(factory.run.dir, "rejected.jsonl"));
    expect(problems.length + rejected.length).toBe(rows.length);
    expect(rejected.filter(({ row }) => [4, 6, 8].includes(row))).toMatchObject([
      { row: 4, stage: "check-row", label: "bad_row", detail: { reason: expect.stringContaining('"lead" is not') } },
      { row: 6, stage: "long-enough", label: "Too Simple" },
      { row: 8, stage: "rules", label: "Not Reformulatable", detail: { rule: "negated" } },
    ]);
    const judged = rejected.filter(({ stage }) => stage === "llm-filter");
    expect(judged.length).toBeGreaterThan(0);
    for (const { label } of judged) expect([...labels.slice(1), "refused", "parse_error"]).toContain(label);
    for (const { process_id, question, options, answer, ...row } of problems) {
      const given = rows[process_id - 1]!;
      expect([question, options, answer, row[answerField]]).toEqual([
        given.question,
        given.options,
        given.answer,
        given.answer,
      ]);
    }

    const found = rowsOf(search.result.out) as SearchedRow[];
    const { search: statistics } = search.result;
    expect(statistics.found).toBe(found.length);
    expect(found.length + linesOf(join(search.run.dir, "rejected.jsonl")).length).toBe(problems.length);
    expect(found.length).toBeGreaterThan(problems.length / 2);
    expect(statistics.byAttempt.reduce((sum, count) => sum + count, 0)).toBe(found.length);
    for (const row of found) {
      expect(row.Long_CoT.at(-2)!.content).toContain(row[answerField]);
      expect(row.verify.at(-1)).toBe(true);
      expect(row.provenance).toMatchObject({ label_revealed: false, teacher: "mock", seed: 5, verifier: "llm:mock" });
    }

    const merged = rowsOf(merge.result.out);
    const refused = linesOf(join(merge.run.dir, "rejected.jsonl"));
    expect(merged.length + refused.length).toBe(found.length);
    expect(merged.length).toBeGreaterThan(found.length / 2);
    for (const row of merged) {
      expect(SftRow.safeParse(row).success).toBe(true);
      expect(row.Complex_CoT).toContain("\n");
      expect(row.Complex_CoT).not.toContain("answer key");
    }
    for (const { detail } of refused.filter(({ label }) => label === "leak")) {
      expect(detail.Complex_CoT).toContain("answer key");
    }

    await exportsOf(factory.result.out, merge.result.out, merged.length, problems.length);
  }, 180_000);
});

/** Acceptance of the exports: each against the fields that its trainer reads. */
async function exportsOf(problems: string, merged: string, mergedCount: number, problemCount: number) {
  const folder = temporaryFolder();
  const write = (file: string, format: string, name: string, options = {}) =>
    runHere(exportCommand, [file], { format, out: join(folder, name), ...options });
  await write(merged, "trl-messages", "sft.jsonl");
  const conversations = await Array.fromAsync(readRows(join(folder, "sft.jsonl"), TrlMessages.strict()));
  expect(conversations.length).toBe(mergedCount);
  for (const { messages } of conversations) {
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
    expect(parseForm(messages[1]!.content)).not.toBeNull();
  }
  await write(problems, "verl", "train.parquet", { dataSource: "exams", style: "rule" });
  const verl = await Array.fromAsync(readParquet(join(folder, "train.parquet"), VerlRow.strict()));
  expect(verl.length).toBe(problemCount);
  expect(verl[1]).toMatchObject({
    data_source: "exams",
    prompt: [{ role: "user" }],
    reward_model: { style: "rule", ground_truth: expect.any(String) },
    extra_info: { split: "train", index: 1, label_revealed: false },
  });
  for (const format of ["trl-prompt-completion", "sft"] as const) {
    await write(merged, format, `${format}.json`);
    const rows = await Array.fromAsync(readRows(join(folder, `${format}.json`), formats[format].output.strict()));
    expect(rows.length).toBe(mergedCount);
  }
  await expect(write(merged, "verl", "train.jsonl")).rejects.toThrow("verl reads Parquet");
  await expect(write(problems, "sft", "x.json")).rejects.toThrow(
    "row 1: Question: missing, expected text that is not empty",
  );
}

test("what all weak models know and what evaluation data holds is dropped, before the teacher is asked", async () => {
  const rows = inventedRows(10); // the key of every fifth is A, which is all that the weak models ever say
  const server = await startMockServer(scriptedTeacher({ rows }));
  const folder = temporaryFolder();
  const [file, evaluation] = [join(folder, "questions.json"), join(folder, "eval.txt")];
  writeFileSync(file, JSON.stringify(rows));
  writeFileSync(evaluation, `Benchmark:\n${rows[2]!.question.slice(0, 70)}`);
  const options = { endpoint: server.url, model: "mock", decontaminate: [evaluation], count: 8 };
  const weak = [`mock@${server.url}`, `mock@${server.url}`];
  const { result, run } = await runHere(factoryCommand, [file], { ...options, weak });
  expect(linesOf(join(run.dir, "rejected.jsonl"))).toMatchObject([
    { row: 3, stage: "decontaminate", label: "contaminated", detail: { source: evaluation } },
    { row: 1, stage: "difficulty", label: "Too Simple", detail: { models: ["mock", "mock"] } },
    { row: 6, stage: "difficulty", label: "Too Simple" },
  ]);
  expect(rowsOf(result.out).map(({ process_id }) => process_id)).toEqual([2, 4, 5, 7, 8]);
  // Seven are asked once (the second weak model is the same one, so its answers are known); five go through two stages.
  expect(server.counts.servedCount).toBe(7 + 2 * 5);
  await expect(runHere(factoryCommand, [file], { ...options, concurrency: 0 })).rejects.toThrow("there are none");
  await server.close();
});

test("a spent budget stops the run with its reason", async () => {
  const rows = inventedRows(4);
  const server = await startMockServer(scriptedTeacher({ rows }));
  const file = join(temporaryFolder(), "questions.json");
  writeFileSync(file, JSON.stringify(rows));
  const options = { endpoint: server.url, model: "mock", maxTokensTotal: 600 };
  await expect(runHere(factoryCommand, [file], options)).rejects.toThrow(/The run stands still: (llm-filter|reformat)/);
  expect(server.counts.servedCount).toBeLessThan(8);
  await server.close();
});

test("prompts are written, edited and read back; medical data is known by its words", async () => {
  const folder = join(temporaryFolder(), "prompts");
  const { result } = await runHere(promptsCommand, [folder], {});
  expect(result.files.length).toBe(12);
  expect(Object.keys(await readPromptFolder(folder)).length).toBe(12);
  await expect(runHere(promptsCommand, [folder], {})).rejects.toThrow("is there already");
  expect(looksMedical(["A patient has a fever.", "Which drug is best?"])).toBe(true);
  expect(looksMedical(inventedRows(5).map(({ question }) => question))).toBe(false);
});

test.skipIf(isDemoMissing)("the notice is shown where the published rows are loaded", async () => {
  const out = join(temporaryFolder(), "rl.json");
  const { warnings, result } = await runHere(exportCommand, [demoFile], { format: "rl", out });
  expect(warnings).toEqual([medicalNotice]);
  expect(result.written).toBe(demoRows.length);
});
