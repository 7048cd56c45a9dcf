/** `huatuo sft`, and `huatuo verifier audit` and `calibrate`, as a person types them, on models of a few hundred weights. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { defineTinyDecoder, initDecoder } from "../../../language/decoder/index.ts";
import { loadModel } from "../../../language/hugging-face.ts";
import { ChatTemplate, loadTokenizer } from "../../../language/tokenizers/index.ts";
import { clinicDecoder, saveClinicModel } from "../claim/policy.ts";
import { sftCommand, verifierAuditCommand, verifierCalibrateCommand } from "../command.ts";
import { medicalNotice } from "../medical-notice.ts";
import { runHere, temporaryFolder } from "../teacher.fixtures.ts";
import { initClassifier } from "../verifier/classifier.ts";
import { saveVerifier } from "../verifier/folder.ts";
import { clinicInput, drawPairs, verifierTokenizer } from "../world/verifier-pairs.ts";
import { CHAT_TEMPLATE } from "../world/vocabulary.ts";

async function tinyPolicy({ hasTemplate = true } = {}): Promise<string> {
  const folder = temporaryFolder();
  const config = clinicDecoder({ dim: 8, layers: 1, heads: 2 });
  await saveClinicModel(folder, { config, params: initDecoder(config, new Random(0)) });
  if (hasTemplate) await writeFile(join(folder, "chat_template.jinja"), CHAT_TEMPLATE);
  return folder;
}

function rowsFile(count: number): string {
  const row = {
    Question:
      "A person comes to the clinic with fever and rash, but without cough. Which is the drug of the condition?",
    Complex_CoT: "Hmm, fever makes me think of rash.\nSo it is cough.",
    Response: "The answer is cough.",
  };
  const long = { ...row, Complex_CoT: `${row.Complex_CoT}\nSo it is${" cough".repeat(300)}.` };
  const file = join(temporaryFolder(), "merged.json");
  writeFileSync(file, JSON.stringify([...Array.from({ length: count }, () => row), long]));
  return file;
}

suite("huatuo sft", () => {
  test("trains, drops what is too long with its count, and leaves a folder that loads", async () => {
    const [base, out] = [await tinyPolicy(), join(temporaryFolder(), "out")];
    const before = (await loadModel(base)).params.model.norm.weight.host as Float32Array;
    const options = { base, out, epochs: 2, batch: 1, lr: 1e-2 };
    const { result, warnings, run } = await runHere(sftCommand, [rowsFile(12)], options);
    expect(result).toMatchObject({ rows: 12, mixed: 0, tooLong: 1, mode: "complex" });
    expect(warnings).toContain("1 rows are longer than 256 tokens and are left out");
    expect(warnings).toContain(medicalNotice); // it speaks of drugs
    const after = (await loadModel(out)).params.model.norm.weight.host as Float32Array;
    expect([...after]).not.toEqual([...before]);
    expect((await loadTokenizer(out)).vocabSize).toBe((await loadTokenizer(base)).vocabSize);
    expect(await ChatTemplate.load(out)).toBeDefined();
    expect(existsSync(run.path("report.html"))).toBe(true);
    expect(sftCommand.print!(result)).toContain("12 rows (complex), 1 too long and left out");
  });

  test("refuses a base without a chat template before it trains", async () => {
    const base = await tinyPolicy({ hasTemplate: false });
    await expect(runHere(sftCommand, [rowsFile(1)], { base, out: "never" })).rejects.toThrow("has no chat template");
    expect(existsSync("never")).toBe(false);
  });
});

suite("huatuo verifier", () => {
  async function tinyVerifier(): Promise<string> {
    const [folder, tokenizer] = [temporaryFolder(), verifierTokenizer()];
    const sizes = { vocabSize: tokenizer.vocabSize, maxPositions: 64, ends: [1, 2, 0] };
    const config = defineTinyDecoder({ dim: 8, layers: 1, heads: 2 }, sizes);
    const params = initClassifier(config, new Random(1));
    await saveVerifier(folder, { config, params, tokenizer, settings: { threshold: 0.4, input: clinicInput } });
    return folder;
  }

  test("audit writes a sheet without verdicts, then holds the verifier to it", async () => {
    const pairs = drawPairs(new Random(2), 40, "test");
    const [file, sheet] = [join(temporaryFolder(), "pairs.json"), join(temporaryFolder(), "sheet.csv")];
    writeFileSync(file, JSON.stringify(pairs));
    const written = await runHere(verifierAuditCommand, [file], { sheet, count: 10 });
    expect(verifierAuditCommand.print!(written.result)).toContain("10 rows to be filled in");
    const lines = readFileSync(sheet, "utf8").trimEnd().split("\n");
    writeFileSync(sheet, [lines[0], ...lines.slice(1).map((line) => line.replace(/(?:"")?$/, "yes"))].join("\n"));
    const verifier = await tinyVerifier();
    const { result } = await runHere(verifierAuditCommand, [sheet], { verifier });
    expect(result).toMatchObject({ kind: "audit", labelled: 10, unlabelled: 0 });
    await expect(runHere(verifierAuditCommand, [file], {})).rejects.toThrow("Expected one of --sheet and --verifier");
  });

  test("calibrate prints exact match beside the sweep, on the clinic's own pairs without a file", async () => {
    const { result } = await runHere(verifierCalibrateCommand, [], { verifier: await tinyVerifier() });
    const text = verifierCalibrateCommand.print!(result);
    expect(text).toMatch(/^1000 pairs; exact match 7\d/);
    expect(text).toContain("above 0.4: accuracy");
    expect(result.exact.value).toBeGreaterThan(0.65);
    expect(result.exact.value).toBeLessThan(0.8);
  });
});
