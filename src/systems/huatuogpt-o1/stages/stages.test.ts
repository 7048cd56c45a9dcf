import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import type { Outcome } from "../../../jobs/index.ts";
import { numberedRows, writePublished } from "../pipelines/rows.ts";
import { demoFields } from "../schemas.ts";
import { demoFile, demoRows, demoText, isDemoMissing, temporaryFolder } from "../teacher.fixtures.ts";
import { type CheckedRow, checkRowStage, optionsText } from "./check-row.ts";
import { contaminationIndex, readEvaluationFiles } from "./decontaminate.ts";
import { chosenLetter } from "./difficulty.ts";
import { parseLabel } from "./llm-filter.ts";
import { flagsOf, Reformatted } from "./reformat.ts";
import { askingPart, brokenRule, isNegated } from "./rules.ts";

const context = { signal: new AbortController().signal, attempt: 1, place: "000000000" };
const row = { question: "Which?", options: { A: "iron", B: "gold" }, answer_idx: "B", answer: "gold" };
const check = (change: object): Outcome<CheckedRow> =>
  checkRowStage.run({ number: 7, row: { ...row, ...change } }, context) as Outcome<CheckedRow>;

suite("check-row", () => {
  test("a good row goes on with its number and options, its own fields unchanged", () => {
    expect(check({ source: "x" })).toEqual({
      items: [{ ...row, source: "x", process_id: 7, options_str: "A. iron\nB. gold" }],
    });
  });
  test.each([
    [{ answer: "iron" }, 'answer: "iron" is not the text of option B, "gold"'],
    [{ answer_idx: "C" }, 'answer_idx: "C" is none of A, B'],
    [{ options: { A: "gold", B: " Gold" } }, 'options: A and B are the same: " Gold"'],
    [{ options: { A: "gold" }, answer_idx: "A" }, "options: expected at least two, got 1"],
    [{ question: " " }, "question: must not be empty"],
    [{ answer: undefined }, "answer: missing"],
  ])("%j is set aside with row and reason", (change, reason) => {
    expect(check(change)).toMatchObject({
      reject: "bad_row",
      detail: { row: 7, reason: expect.stringContaining(reason) },
    });
  });
});

suite("rules", () => {
  test("what asks for the exception is negated; a case history with 'not' in it is none", () => {
    for (const question of [
      "All of the following are metals, EXCEPT?",
      "Which of these is not a metal?",
      "Which metal is NOT magnetic?",
      "Which of the following is the least likely cause?",
      "Which statement is incorrect?",
      "Which drug cannot be used here:",
    ]) {
      expect(isNegated(question), question).toBe(true);
    }
    for (const question of [
      "She does not smoke and has not been abroad. Which of the following is the most likely diagnosis?",
      "The scan does not show a mass. What is the next step?",
      "Which test has the fewest false positive results?",
      "He refuses all treatment except for fluids. Which of the following explains the findings?",
    ]) {
      expect(isNegated(question), question).toBe(false);
    }
    expect(askingPart("Used in all except a) One b) Two c) Three")).toBe("Used in all except");
  });

  test("keys of several options are ambiguous", () => {
    const options = { A: "iron", B: "gold", C: "All of the above" };
    const broken = (answer_idx: string, answer: string) =>
      brokenRule({ ...row, options, answer_idx, answer, process_id: 1, options_str: optionsText(options) });
    expect(broken("C", "All of the above")).toEqual({ label: "Ambiguous Answer", rule: "several-answers" });
    expect(broken("A,B", "iron, gold")?.rule).toBe("several-answers");
    expect(broken("A", "Both A and B")?.rule).toBe("several-answers");
    expect(broken("A", "A cat and a dog")).toBeNull();
    expect(broken("B", "gold")).toBeNull();
  });

  test("an invented plan: planted negations and double keys are found, and nothing else", () => {
    const plan = Array.from({ length: 200 }, (_, n) => {
      const kind = n % 5 === 0 ? "negated" : n % 7 === 0 ? "double" : "clean";
      const story = `Miner ${n} does not find silver in shaft ${n % 9}, but the stone is not empty.`;
      const ask =
        kind === "negated"
          ? ["Which of these is not in the stone?", "All are in the stone except?", "Which is least likely?"][n % 3]
          : "Which metal is most likely in the stone?";
      const [answer_idx, answer] = kind === "double" ? ["A, B", "iron and gold"] : ["B", "gold"];
      return { kind, row: { ...row, question: `${story} ${ask}`, answer_idx, answer, process_id: n, options_str: "" } };
    });
    const wrong = plan.filter(({ kind, row }) => (brokenRule(row as CheckedRow) !== null) !== (kind !== "clean"));
    expect(wrong).toEqual([]);
  });
});

test("labels are parsed strictly: a sentence with 'pass' in it is no Pass", () => {
  for (const reply of ["Pass", "**Pass**", "Label: Pass.", "It has one answer.\n\nPass"]) {
    expect(parseLabel(reply), reply).toEqual({ value: "Pass" });
  }
  expect(parseLabel("too_simple")).toEqual({ value: "Too Simple" });
  expect(parseLabel('"Not Reformulatable"')).toEqual({ value: "Not Reformulatable" });
  for (const reply of [
    "does not pass",
    "This does not pass.",
    "Pass or Too Simple",
    "Pass\nToo Simple",
    "",
    "Bypass",
  ]) {
    expect(parseLabel(reply), reply).toMatchObject({ problem: expect.stringContaining("must be one of Pass") });
  }
});

test("chosenLetter: the letter a model settles on", () => {
  const options = { A: "iron", B: "gold" };
  expect(chosenLetter("It shines. Answer: B", options)).toBe("B");
  expect(chosenLetter("**(A)**", options)).toBe("A");
  expect(chosenLetter("The answer is gold.", options)).toBe("B");
  expect(chosenLetter("Answer: Z", options)).toBeNull();
  expect(chosenLetter("", options)).toBeNull();
});

test("reformatted problems: both names of the answer, exactly two texts, and flags", () => {
  const [question, answer] = ["Which metal does not rust?", "gold"];
  const written = { "Open-ended Verifiable Question": question, "Ground-True Answer": answer };
  expect(Reformatted.parse(written)).toEqual(written);
  expect(Reformatted.parse({ "Open-ended Verifiable Question": question, "Standard Answer": answer })).toEqual(written);
  expect(Reformatted.safeParse({ ...written, more: "x" }).success).toBe(false);
  expect(Reformatted.safeParse({ ...written, "Ground-True Answer": " " }).success).toBe(false);
  expect(flagsOf("Is Gold, which shines, a metal?", "gold")).toEqual(["leak"]);
  expect(flagsOf("Is a goldfish a fish?", "gold")).toEqual([]);
  expect(flagsOf("Why?", "one two three four five six seven eight nine ten eleven twelve thirteen")).toEqual([
    "not_concise",
  ]);
});

suite("decontamination", () => {
  const evaluation = `Intro. ${"abcdefghij".repeat(3)} The quick brown fox jumps over the lazy dog near the old river bank, twice.`;
  const index = contaminationIndex({ "eval.json": [evaluation] });
  test("a shared run of 64 characters is a hit at any offset, one of 63 is none", () => {
    for (let start = 0; start + 64 <= evaluation.length; start++) {
      expect(index.find(`x ${evaluation.slice(start, start + 64)}~`), String(start)).toMatchObject({
        source: "eval.json",
      });
      expect(index.find(`~${evaluation.slice(start, start + 63)}~`), String(start)).toBeNull();
    }
    expect(index.find(evaluation.replaceAll(" ", "\n  "))?.run).toBe(evaluation);
  });
  test("evaluation files: every text in them, and the message for broken ones", async () => {
    const folder = temporaryFolder();
    const [lines, broken] = [join(folder, "eval.jsonl"), join(folder, "broken.json")];
    await writeFile(lines, '{"q": {"text": "one"}, "n": 1}\n["two"]\n');
    await writeFile(broken, "{");
    expect(await readEvaluationFiles([lines])).toEqual({ [lines]: ["one", "two"] });
    await expect(readEvaluationFiles([broken])).rejects.toThrow("broken.json: not valid JSON");
  });
});

suite.skipIf(isDemoMissing)("the published demonstration file", () => {
  test("198 rows of nine fields are read unchanged, and written back to the same bytes", async () => {
    const rows = await Array.fromAsync(numberedRows(demoFile), ({ row }) => row as Record<string, unknown>);
    expect(rows.length).toBe(198);
    expect(rows).toEqual(demoRows);
    for (const row of rows) expect(Object.keys(row)).toEqual(demoFields);
    const file = join(temporaryFolder(), "again.json");
    await writePublished(file, rows);
    expect(await readFile(file, "utf8")).toBe(demoText);
  });

  // Read by a person: questions that ask for the exception (counted from 0), and keys of several options.
  const negated = [
    1, 2, 36, 39, 49, 51, 52, 62, 74, 90, 95, 98, 100, 110, 118, 127, 135, 137, 140, 147, 151, 162, 174, 176, 182, 190,
  ];
  const several = [186];
  test("the rules find the negated questions and double keys among them", () => {
    const planned = new Set([...negated, ...several]);
    const found = demoRows.flatMap((row, index) =>
      brokenRule({ ...row, process_id: index + 1, options_str: "" }) ? [index] : [],
    );
    const right = found.filter((index) => planned.has(index)).length;
    console.info(`rules on the published rows: recall ${right}/${planned.size}, precision ${right}/${found.length}`);
    const missed = [...planned].filter((index) => !found.includes(index));
    const extra = found.filter((index) => !planned.has(index));
    console.info(`missed ${missed.join(", ") || "none"}; extra ${extra.join(", ") || "none"}`);
    expect(right / planned.size).toBeGreaterThanOrEqual(0.95);
    expect(right / found.length).toBeGreaterThanOrEqual(0.9);
  });
});
