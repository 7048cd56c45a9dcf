import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { openCounter } from "../measure/count-tokens.ts";
import { analyzeCommand } from "./analyze.ts";
import { runCommand, temporaryFolder } from "./context.fixtures.ts";
import { metricsCommand } from "./metrics.ts";
import { pairsCommand } from "./pairs.ts";

const data = join(import.meta.dirname, "../../../../../shared/data");
const isMissing = !existsSync(data);
if (isMissing) console.info("overthinking: ../shared/data is missing, so the metrics of real traces are not checked");

/** A file of rows, in a folder of its own. */
function fileOf(rows: readonly unknown[], name = "rows.jsonl"): string {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, rows.map((row) => `${typeof row === "string" ? row : JSON.stringify(row)}\n`).join(""));
  return file;
}

const thought =
  "She has 9 eggs left and sells each for $2, so the answer is 18.\n\nWait, let me double-check that by counting all of it again from the start.\n\nSixteen less seven is nine, and nine times two is 18. So the answer is 18.";
const row = {
  problem: "How much?",
  response: `<think>\n${thought}\n</think>\n\nIt is \\boxed{18}.`,
  expected_answer: "18",
};

suite.skipIf(isMissing)("overthinking metrics on real traces", () => {
  const example = join(data, "overthinking-example.jsonl");

  test("the published example: 48.8 %, 75.8 %, 4.0 by the formula, once per record", async () => {
    const found = await runCommand(metricsCommand, [example]);
    expect(found.outcomePercent).toBeCloseTo(48.8, 1);
    expect(found.processPercent).toBeCloseTo(75.8, 1);
    expect(found.meanSolutions).toBeCloseTo(4, 1);
    expect(found).toMatchObject({ rowCount: 20, wasOncePerSolution: true, approximateTokens: true });
    expect(metricsCommand.print!(found)).toContain("equal neighbours were counted once: 5 traces");
    expect(readFileSync(join(found.folder, "report.html"), "utf8")).toContain("solution 3: right, strategy 1");
  });

  test("and 38.1 %, 74.5 %, 4.9 weighted as in the published code", async () => {
    const found = await runCommand(metricsCommand, [example], { repoCompat: true });
    expect(found.outcomePercent).toBeCloseTo(38.1, 1);
    expect(found.processPercent).toBeCloseTo(74.5, 1);
    expect(found.meanSolutions).toBeCloseTo(4.9, 1);
  });

  test("single solutions: outcome efficiency is accuracy and process efficiency 100 %, exactly", async () => {
    const found = await runCommand(metricsCommand, [join(data, "gsm8k-model-solutions-a.jsonl")]);
    expect(found.traceCount).toBe(2640);
    for (const group of found.groups) {
      expect(group.outcome.value).toBe(group.accuracy.value);
      expect(group.process.value).toBe(1);
      expect(group.solutionCount.value).toBe(1);
    }
    expect(found.groups.map(({ name }: { name: string }) => name)).toContain("model 175b_verification");
  });
});

suite("overthinking metrics", () => {
  test("cuts, judges and clusters what the file does not bring", async () => {
    const found = await runCommand(metricsCommand, [fileOf([row])], { price: 10 });
    expect(found).toMatchObject({ meanSolutions: 2, wasOncePerSolution: false });
    const first = thought.split("\n\n")[0]!.split(" ").length;
    expect(found.outcomePercent).toBeCloseTo((100 * first) / thought.split(/\s+/).length, 9);
    expect(found.money.wasted).toBeCloseTo(((thought.split(/\s+/).length - first) * 10) / 1e6, 12);
  });

  test("the final answer's text counts in the full basis, for the last solution", async () => {
    const file = fileOf([row]);
    const [reasoning, full] = await Promise.all(
      ["reasoning", "full"].map((tokens) => runCommand(metricsCommand, [file], { tokens })),
    );
    expect(full.groups[0].fullTokenCount.value - full.groups[0].reasoningTokenCount.value).toBe(3);
    expect(full.totals.tokenCount - reasoning.totals.tokenCount).toBe(3);
    expect(full.outcomePercent).toBeLessThan(reasoning.outcomePercent);
  });

  test("rows that cannot be used are counted and kept with line and reason; the others are measured", async () => {
    const bad = [
      { response: "x", expected_answer: "7" },
      { problem: "p", expected_answer: "7" },
      { problem: "p", response: "x" },
      { ...row, response: "<think>\n</think>\n18" },
      "{not json",
    ];
    const found = await runCommand(metricsCommand, [fileOf([row, ...bad, row])]);
    expect(found).toMatchObject({ rowCount: 7, traceCount: 2, rejectedCount: 5 });
    const reasons = readFileSync(join(found.folder, "rejected.jsonl"), "utf8").trim().split("\n");
    for (const [index, reason] of [
      "There is no problem",
      "There is no response",
      "There is no expected answer",
      "the reasoning is empty",
      "not valid JSON",
    ].entries()) {
      expect(reasons[index]).toContain(`line ${index + 2}: `);
      expect(reasons[index]).toContain(reason);
    }
  });

  test("a file without a single usable row is refused with the first reason", async () => {
    await expect(runCommand(metricsCommand, [fileOf([{ problem: "p" }])])).rejects.toThrow(
      "line 1: There is no response",
    );
    await expect(runCommand(metricsCommand, [fileOf([])])).rejects.toThrow("has no rows");
  });

  test("rows without expected answer are measured against the model's own, if asked to", async () => {
    const { expected_answer: _, ...unlabelled } = row;
    const found = await runCommand(metricsCommand, [fileOf([unlabelled])], { unlabelled: true });
    expect(found).toMatchObject({ traceCount: 1, flags: { own_answer: 1 }, groups: [{ accuracy: { value: 1 } }] });
  });

  test("a trace that was cut off is measured on what is there, and counted apart", async () => {
    const cut = { ...row, response: `<think>\n${thought.slice(0, 120)}` };
    const found = await runCommand(metricsCommand, [fileOf([row, cut])]);
    expect(found.flags).toMatchObject({ truncated: 1 });
    expect(found.groups.map(({ name, traceCount }: any) => [name, traceCount])).toEqual([
      ["all", 2],
      ["finished", 1],
      ["truncated", 1],
    ]);
    expect(found.groups[2].accuracy.value).toBe(0);
  });

  test("a tokenizer that counts otherwise than the server is told to be approximate", async () => {
    const tokenizer = join(import.meta.dirname, "../../../language/tokenizers/fixtures/qwen2");
    const counter = await openCounter(tokenizer);
    const reply = (completion_tokens: number) => ({
      ...row,
      response: undefined,
      choices: [{ message: { reasoning_content: thought, content: "18" }, finish_reason: "stop" }],
      usage: { completion_tokens },
    });
    const count = counter.count(thought) + 1;
    const measure = async (tokens: number) =>
      (await runCommand(metricsCommand, [fileOf([reply(tokens)])], { tokenizer })).approximateTokens;
    expect([await measure(count), await measure(2 * count)]).toEqual([false, true]);
  });
});

test("a tokenizer.json of Qwen2's style gives the stored token counts, by folder and by file", async () => {
  const folder = join(import.meta.dirname, "../../../language/tokenizers/fixtures/qwen2");
  const cases: { text: string; ids: number[] }[] = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
  for (const choice of [folder, join(folder, "tokenizer.json")]) {
    const counter = await openCounter(choice);
    expect(cases.map(({ text }) => counter.count(text))).toEqual(cases.map(({ ids }) => ids.length));
  }
  await expect(openCounter("no-such-folder")).rejects.toThrow("no-such-folder: no such tokenizer");
});

suite("overthinking analyze without a model", () => {
  test("writes published rows that give the same figures again", async () => {
    const rows = [row, { ...row, response: `${thought}\n\nSo it is \\boxed{18}.`, level: 2 }];
    const out = join(temporaryFolder(), "analysed.jsonl");
    const first = await runCommand(analyzeCommand, [fileOf(rows)], { out });
    const second = await runCommand(metricsCommand, [out]);
    expect(first.calls).toBeNull();
    for (const name of ["outcomePercent", "processPercent", "meanSolutions"])
      expect(second[name]).toBeCloseTo(first[name], 9);
    expect(JSON.parse(readFileSync(out, "utf8").split("\n")[0]!)).toMatchObject({
      problem: "How much?",
      response: row.response,
      expected_answer: "18",
      correct: true,
      split_solutions: [
        { correct: true, cluster: 0, answer: "18" },
        { correct: true, answer: "18" },
      ],
      split_parse_error: false,
    });
  });

  test.skipIf(isMissing)("a file that repeats its records is written once per record", async () => {
    const out = join(temporaryFolder(), "analysed.jsonl");
    await runCommand(analyzeCommand, [join(data, "overthinking-example.jsonl")], { out });
    const found = await runCommand(metricsCommand, [out]);
    expect(found).toMatchObject({ rowCount: 5, wasOncePerSolution: false, meanSolutions: 4 });
  });
});

suite("overthinking pairs", () => {
  const sample = (response: string, index: number) => ({
    problem: `problem ${Math.floor(index / 2)}`,
    response,
    expected_answer: "18",
  });
  const short = `<think>\n${thought}\n</think>\n\nIt is \\boxed{18}.`;
  const long = `<think>\n${thought}\n\nAlternatively, count what all of them bring, less what is eaten.\n\nThat is 32 less 14, and so the answer is 18.\n</think>\n\nIt is \\boxed{18}.`;
  const samples = Array.from({ length: 500 }, (_, index) => sample(index % 2 ? long : short, index));

  test("250 problems give 250 pairs whose chosen text is closed by the sample's own answer", async () => {
    const out = join(temporaryFolder(), "pairs");
    const found = await runCommand(pairsCommand, [fileOf(samples)], { out, positive: "fcs" });
    expect(found).toMatchObject({
      pairCount: 250,
      setCount: 250,
      dropped: {},
      chosenSolutions: 1,
      rejectedSolutions: 3,
    });
    const [first] = readFileSync(join(out, "pairs.jsonl"), "utf8").split("\n");
    const { prompt, chosen, rejected } = JSON.parse(first!);
    expect(prompt).toEqual([{ role: "user", content: "problem 0" }]);
    expect(chosen[0].content).toBe(`<think>\n${thought.split("\n\n")[0]}\n</think>\n\nIt is \\boxed{18}.`);
    expect(rejected[0].content).toBe(long);
    expect(pairsCommand.print!(found)).toContain("gamma 0.5 (gamma / beta 0.25)");
  });

  test("too few are refused without --force", async () => {
    const file = fileOf(samples.slice(0, 20));
    const out = join(temporaryFolder(), "pairs");
    await expect(runCommand(pairsCommand, [file], { out })).rejects.toThrow("10 pairs, fewer than 200");
    expect(existsSync(out)).toBe(false);
    expect(await runCommand(pairsCommand, [file], { out, force: true, format: "llama-factory" })).toMatchObject({
      pairCount: 10,
    });
  });

  test("the final answer of a reasoning that a server kept apart is put behind the end mark", async () => {
    const apart = (reasoning_content: string, index: number) => ({
      problem: `problem ${Math.floor(index / 2)}`,
      expected_answer: "18",
      choices: [{ message: { reasoning_content, content: "It is \\boxed{18}." } }],
    });
    const out = join(temporaryFolder(), "pairs");
    const rows = [
      thought,
      `${thought}\n\nHmm, let me check the whole of it once more from the end.\n\nIt all fits, so the answer is 18.`,
    ].map(apart);
    await runCommand(pairsCommand, [fileOf(rows)], { out, force: true, text: true, positive: "fcs-reflection" });
    const { chosen } = JSON.parse(readFileSync(join(out, "pairs.jsonl"), "utf8"));
    expect(chosen).toBe(`<think>\n${thought}\n</think>\n\nIt is \\boxed{18}.`);
  });
});
