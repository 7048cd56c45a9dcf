import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { startMockServer } from "../../../endpoint/testing/index.ts";
import { evalCommand } from "../commands/eval.ts";
import { medicalNotice } from "../medical-notice.ts";
import { runHere, temporaryFolder } from "../teacher.fixtures.ts";
import { readEvalFile } from "./files.ts";

const mcq = (question: string, answer_idx = "A") => ({
  question,
  options: { A: "Copper", B: "Nickel" },
  answer_idx,
  answer: answer_idx === "A" ? "Copper" : "Nickel",
});
const problem = (question: string, answer: string) => ({
  "Open-ended Verifiable Question": question,
  "Ground-True Answer": answer,
});

function fileOf(content: unknown): string {
  const file = join(temporaryFolder(), "questions.json");
  writeFileSync(file, JSON.stringify(content));
  return file;
}

suite("the file", () => {
  test("in the published form, as rows, and without options", async () => {
    const published = await readEvalFile(fileOf({ one: [mcq("a"), mcq("b")], two: [mcq("c")] }));
    expect(published.map(({ kind, benchmark }) => `${kind} ${benchmark}`)).toEqual(["mcq one", "mcq one", "mcq two"]);
    expect(await readEvalFile(fileOf([problem("a", "b")]))).toEqual([
      { kind: "open", benchmark: "all", question: "a", reference: "b" },
    ]);
  });

  test("names benchmark, row and fault", async () => {
    const wrongKey = fileOf({ one: [mcq("a"), { ...mcq("b"), answer_idx: "C" }] });
    await expect(readEvalFile(wrongKey)).rejects.toThrow(`${wrongKey} one row 2: answer_idx: "C" is none of A, B`);
    await expect(readEvalFile(fileOf([mcq("a"), problem("a", "b")]))).rejects.toThrow("some have none");
    await expect(readEvalFile(fileOf([]))).rejects.toThrow("there are no questions");
  });
});

suite("huatuo eval", () => {
  test("scores by the last match, with tiers and interval, and beside it the published figure", async () => {
    const server = await startMockServer({
      answer({ body }) {
        const asked = String(body.messages!.at(-1)!.content);
        expect(asked).toContain("The answer is A.");
        return asked.includes("first")
          ? "## Thinking\n\nThe answer is B.\n\n## Final Response\n\nThe answer is A. Or rather, the answer is B."
          : "The answer is A.";
      },
    });
    try {
      const file = fileOf({ metals: [mcq("The first?"), mcq("The second?"), mcq("The third patient?", "B")] });
      const options = { endpoint: server.url, model: "mock", strict: true, legacyMax: true, temperature: 0 };
      const { result } = await runHere(evalCommand, [file], options);
      const [score] = result.scores;
      expect(score!.mcq).toMatchObject({ count: 3, accuracy: { value: 1 / 3 }, legacyMax: 2 / 3 });
      expect(score!.mcq!.tiers.stated).toEqual({ count: 3, right: 1 });
      expect(score!.hasForm.value).toBeCloseTo(1 / 3);
      const text = evalCommand.print!(result);
      expect(text).toContain("metals: 33.33% (");
      expect(text).toContain("published scorer, better of first and last: 66.7%");
    } finally {
      await server.close();
    }
  });

  test("judges answers without options by the verifier, and only what follows the thinking", async () => {
    const server = await startMockServer({
      answer: ({ body }) =>
        String(body.messages!.at(-1)!.content).includes("red")
          ? "## Thinking\n\nnickel?\n\n## Final Response\n\nCopper."
          : "## Thinking\n\nnickel\n\n## Final Response\n\nTin.",
    });
    try {
      const file = fileOf([
        problem("The red metal of this patient?", "copper"),
        problem("The grey disease?", "nickel"),
      ]);
      const { result, warnings } = await runHere(evalCommand, [file], {
        endpoint: server.url,
        model: "mock",
        repeats: 2,
      });
      expect(result.scores[0]!.open).toMatchObject({ count: 4, accuracy: { value: 0.5 }, unclear: 0 });
      expect(warnings).toContain(medicalNotice);
    } finally {
      await server.close();
    }
  });
});
