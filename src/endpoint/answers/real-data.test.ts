/**
 * Extraction and equality on data that nobody here wrote: MATH500 answers against each other and against their
 * respellings, and 2,640 labelled outputs of language models on GSM8K. docs/answers.md quotes the figures.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { answersEqual, compareAnswers } from "./equal.ts";
import { extractAnswer } from "./extract.ts";
import { respellings } from "./respellings.fixtures.ts";
import { parseAnswer } from "./value.ts";

const folder = join(import.meta.dirname, "../../../../shared/data");
const isMissing = !existsSync(folder);
if (isMissing) console.info("answers: ../shared/data is missing, so the tests on real data are skipped");

function readRows<T>(file: string): T[] {
  const lines = readFileSync(join(folder, file), "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as T);
}

type Problem = { id?: number; answer: string | number; solution?: string };

suite.skipIf(isMissing)("MATH500", () => {
  const problems = isMissing ? [] : readRows<{ answer: string; solution: string }>("math500-a.jsonl");

  test("the box in each solution is the answer", () => {
    const texts = problems.map(({ solution }) => extractAnswer(solution)?.text);
    expect(texts).toEqual(problems.map(({ answer }) => answer));
  });

  test("each answer equals itself and its respellings, in both orders", () => {
    const pairs = problems.flatMap(({ answer }) => respellings(answer).map((form) => [answer, form] as const));
    const failures = pairs.filter(([a, b]) => !answersEqual(a, b).equal || !answersEqual(b, a).equal);
    console.info(`MATH500: ${pairs.length} respellings of ${problems.length} answers, ${failures.length} missed`);
    expect(failures).toEqual([]);
    expect(pairs.length).toBeGreaterThan(2_000);
  });

  test("different answers differ: all pairs", () => {
    const answers = problems.map(({ answer }) => parseAnswer(answer));
    const equalPairs = new Set<string>();
    let pairCount = 0;
    const start = performance.now();
    for (const [index, a] of answers.entries()) {
      for (const b of answers.slice(0, index)) {
        pairCount++;
        if (compareAnswers(a, b).equal && a.source !== b.source)
          equalPairs.add([a.source, b.source].sort().join(" = "));
      }
    }
    const seconds = (performance.now() - start) / 1000;
    console.info(`MATH500: ${pairCount} pairs, ${Math.round(pairCount / seconds)} pairs/s`);
    // The same value each time: once as an equation, three times with its degrees left out.
    expect([...equalPairs].sort()).toEqual(["120 = 120^\\circ", "30 = 30^\\circ", "5 = x=5", "90 = 90^\\circ"]);
  });
});

suite.skipIf(isMissing)("GSM8K outputs with given labels", () => {
  const models = ["6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification"] as const;
  type Row = { ground_truth: string } & Record<(typeof models)[number], { is_correct: boolean; solution: string }>;
  const outputs = (isMissing ? [] : readRows<Row>("gsm8k-model-solutions-a.jsonl")).flatMap((row, index) =>
    models.map((model) => ({ name: `row ${index + 1} ${model}`, reference: row.ground_truth, ...row[model] })),
  );
  const judge = (solution: string, reference: string) => {
    const [found, wanted] = [extractAnswer(solution), extractAnswer(reference)!];
    return { found, wanted, correct: found !== null && answersEqual(found.text, wanted.text).equal };
  };

  test("extraction and equality agree with at least 99 % of the labels", () => {
    const disagreements = outputs.flatMap(({ name, solution, reference, is_correct }) => {
      const { found, wanted, correct } = judge(solution, reference);
      return correct === is_correct
        ? []
        : [`${name}: label ${is_correct}, found ${found?.text}, reference ${wanted.text}`];
    });
    const correctCount = outputs.filter(({ is_correct }) => is_correct).length;
    const share = 1 - disagreements.length / outputs.length;
    console.info(
      `GSM8K: ${outputs.length} outputs (${correctCount} labelled correct), agreement ${(100 * share).toFixed(2)} %`,
    );
    for (const disagreement of disagreements) console.info(`  ${disagreement}`);
    expect(outputs.length).toBe(2_640);
    expect(share).toBeGreaterThanOrEqual(0.99);
  });

  test.each([
    ["a box", (value: string) => `So we get \\boxed{${value}}.`],
    ["dollars in a sentence", (value: string) => `Therefore the final answer is $${value}.`],
    ["hashes", (value: string) => `#### ${value}`],
    ["bold with a unit", (value: string) => `**${value} apples**`],
  ])("and still do when the model's last line says it with %s", (_, rewrite) => {
    const rewritten = outputs.filter(({ solution }) => /\nA: [-\d.,]+$/.test(solution.trim()));
    const wrong = rewritten.filter(({ solution, reference, is_correct }) => {
      const text = solution.trim().replace(/\nA: (.*)$/, (_line, value: string) => `\n${rewrite(value)}`);
      return judge(text, reference).correct !== is_correct;
    });
    expect(wrong).toEqual([]);
    expect(rewritten.length).toBeGreaterThan(2_600);
  });
});

suite.skipIf(isMissing)("contests and reasoning traces", () => {
  test.each(["aime24.jsonl", "amc23.jsonl"])("%s: answers equal themselves and no other", (file) => {
    const answers = readRows<Problem>(file).map(({ answer }) => String(answer));
    for (const a of answers) {
      expect(answersEqual(a, String(Number(a)))).toMatchObject({ equal: true });
      for (const b of answers) expect(answersEqual(a, b).equal).toBe(Number(a) === Number(b));
    }
  });

  test("boxes in the AIME solutions hold the answer", () => {
    const boxed = readRows<Problem>("aime24.jsonl").filter(({ solution }) => solution?.includes("\\boxed{"));
    const wrong = boxed.filter(
      ({ solution, answer }) => !answersEqual(extractAnswer(solution!)!.text, String(answer)).equal,
    );
    expect(wrong).toEqual([]);
    expect(boxed.length).toBeGreaterThan(20);
  });

  test("long reasoning traces: verdicts equal the recorded ones", () => {
    type Trace = { response: string; expected_answer: string; correct: boolean };
    const traces = readRows<Trace>("overthinking-example.jsonl");
    const verdicts = traces.map(
      ({ response, expected_answer }) => answersEqual(extractAnswer(response)!.text, expected_answer).equal,
    );
    expect(verdicts).toEqual(traces.map(({ correct }) => correct));
  });
});
