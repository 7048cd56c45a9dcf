import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { closedVocabulary } from "../../../language/tokenizers/index.ts";
import { clinicDecoder } from "../claim/policy.ts";
import { temporaryFolder } from "../teacher.fixtures.ts";
import { CONTEXT_LENGTH, clinicTemplate, clinicTokenizer } from "../world/vocabulary.ts";
import { checkSftData, checkSftModel, readMixRows, readSftRows } from "./examples.ts";
import { sftTarget } from "./target.ts";

const model = {
  config: clinicDecoder({ dim: 8, layers: 1, heads: 1 }),
  tokenizer: clinicTokenizer(),
  template: clinicTemplate(),
  folder: "a-model",
};
const row = {
  Question: "A person comes to the clinic with fever and rash, but without cough. Which is the drug of the condition?",
  Complex_CoT: "Hmm, fever makes me think of rash.\nSo it is cough.",
  Response: "The answer is cough.",
  response_struct: [
    [
      { action: "Inner Thinking", title: "a", content: "Hmm, rash." },
      { action: "Final Conclusion", content: "So it is fever." },
      { action: "Verification", content: "no" },
    ],
    [
      { action: "Verification", content: "no" },
      { action: "Inner Thinking", title: "a", content: "Hmm, fever." },
      { action: "Inner Thinking", title: "b", content: "So it is cough." },
      { action: "Final Conclusion", content: "So it is cough." },
      { action: "Verification", content: "yes" },
    ],
  ],
};

function fileOf(rows: readonly unknown[]): string {
  const file = join(temporaryFolder(), "rows.jsonl");
  writeFileSync(file, rows.map((one) => JSON.stringify(one)).join("\n"));
  return file;
}

suite("what is learned", () => {
  test("by mode: the whole search, the accepted thoughts, the response", () => {
    expect(sftTarget(row, "complex", "row")).toBe(
      `## Thinking\n\n${row.Complex_CoT}\n\n## Final Response\n\n${row.Response}`,
    );
    expect(sftTarget(row, "simple", "row")).toBe(
      `## Thinking\n\nHmm, fever.\nSo it is cough.\n\n## Final Response\n\n${row.Response}`,
    );
    expect(sftTarget(row, "direct", "row")).toBe(row.Response);
    const { response_struct: _, ...published } = row;
    expect(() => sftTarget(published, "simple", "x.json row 3")).toThrow("x.json row 3: response_struct");
  });

  test("only the assistant's turn, its ending token included", async () => {
    const { examples, tooLong } = await readSftRows(fileOf([row]), "complex", model, CONTEXT_LENGTH);
    expect(tooLong).toBe(0);
    const [{ tokens, trained }] = examples as [(typeof examples)[number]];
    const learned = tokens.filter((_, index) => trained[index]);
    const read = tokens.filter((_, index) => !trained[index]);
    expect(model.tokenizer.decode(learned)).toBe(`${sftTarget(row, "complex", "row")}</s>`);
    expect(model.tokenizer.decode(read)).toBe(`<s>${row.Question}<answer>`);
  });

  test("rows that are too long are left out and counted, and when most are, nothing is trained", async () => {
    const long = { ...row, Complex_CoT: `${row.Complex_CoT}\nSo it is${" cough".repeat(100)}.` };
    const data = await readSftRows(fileOf([row, long, row]), "complex", model, 100);
    expect([data.examples.length, data.tooLong]).toEqual([2, 1]);
    expect(data.longest).toBeGreaterThan(100);
    checkSftData("rows.jsonl", data, 100);
    expect(() => checkSftData("rows.jsonl", { ...data, tooLong: 3 }, 100)).toThrow("3 of 5 rows are longer than 100");
  });

  test("further rows of any form can be mixed in", async () => {
    const mixed = [
      row,
      { prompt: " fever", response: " rash" },
      {
        messages: [
          { role: "user", content: " fever" },
          { role: "assistant", content: " rash" },
        ],
      },
    ];
    const { examples } = await readMixRows(fileOf(mixed), model, CONTEXT_LENGTH);
    expect(examples.map(({ trained }) => trained.filter(Boolean).length)).toEqual([expect.any(Number), 2, 2]);
    await expect(readMixRows(fileOf([{ text: "x" }]), model, CONTEXT_LENGTH)).rejects.toThrow("line 1");
  });
});

suite("what is refused before a training", () => {
  test("no chat template, pad equal to end, a context that is too short", () => {
    const samePad = closedVocabulary(["a", "</s>"], { eos: "</s>", pad: "</s>" });
    const noEnd = closedVocabulary(["a"], {});
    expect(() => checkSftModel({ ...model, template: undefined }, 100)).toThrow(
      "a-model: the tokenizer has no chat template",
    );
    expect(() => checkSftModel({ ...model, tokenizer: samePad }, 100)).toThrow("the same token (1)");
    expect(() => checkSftModel({ ...model, tokenizer: noEnd }, 100)).toThrow("no end-of-text token");
    expect(() => checkSftModel(model, CONTEXT_LENGTH + 1)).toThrow(`--max-length ${CONTEXT_LENGTH + 1} is beyond`);
    expect(checkSftModel(model, CONTEXT_LENGTH)).toBe(model.template);
  });
});
