import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { defineTinyDecoder } from "../../../language/decoder/index.ts";
import { temporaryFolder } from "../teacher.fixtures.ts";
import { clinicInput, verifierTokenizer } from "../world/verifier-pairs.ts";
import { audit, drawSheet, readSheet, writeSheet } from "./audit.ts";
import { calibrate, figuresAt } from "./calibrate.ts";
import { batchOfTexts, createScorer, initClassifier } from "./classifier.ts";
import { loadVerifier, saveVerifier } from "./folder.ts";
import { verifierTokens } from "./input.ts";
import { readPairs } from "./pairs.ts";
import { trainVerifier } from "./train.ts";
import { trainedVerifier } from "./trained.ts";

const tokenizer = verifierTokenizer();
const config = defineTinyDecoder(
  { dim: 8, layers: 1, heads: 2 },
  { vocabSize: tokenizer.vocabSize, maxPositions: 64, ends: [1, 2, 0] },
);
const untrained = () => ({ config, params: initClassifier(config, new Random(1)) });

suite("the classifier", () => {
  test("reads each text up to its own last token: padding and neighbours change nothing", async () => {
    const scorer = createScorer(untrained());
    const texts = [[5, 6, 7], [5], Array.from({ length: 40 }, (_, index) => 4 + index)];
    const together = await scorer.scores(texts);
    const alone: number[] = [];
    for (const text of texts) alone.push(...(await scorer.scores([text])));
    for (const [index, score] of together.entries()) expect(score).toBeCloseTo(alone[index]!, 6);
    expect(new Set(together.map((score) => score.toFixed(6))).size).toBe(3);
    scorer.dispose();
  });

  test("a batch holds tokens, places of the last ones, and labels", () => {
    const batch = batchOfTexts([{ tokens: [3, 4], label: true }], { rows: 2, length: 3 });
    expect([...(batch.tokens.host as Int32Array)]).toEqual([3, 4, 0, 0, 0, 0]);
    expect([...(batch.lasts.host as Int32Array)]).toEqual([1, 0]);
    expect([...(batch.labels.host as Int32Array)]).toEqual([1, 0]);
  });

  test("learns a word that decides, from few right and many wrong texts", async () => {
    const texts = Array.from({ length: 60 }, (_, index) => ({
      tokens: [10 + (index % 7), index % 6 === 0 ? 8 : 9],
      label: index % 6 === 0,
    }));
    const trained = (await trainVerifier({
      classifier: untrained(),
      texts,
      epochs: 12,
      batchSize: 12,
      learningRate: 2e-2,
      seed: 0,
    }))!;
    const scorer = createScorer(trained);
    const [right, wrong] = await scorer.scores([
      [12, 8],
      [12, 9],
    ]);
    expect(right).toBeGreaterThan(0.8);
    expect(wrong).toBeLessThan(0.2);
    scorer.dispose();
    await expect(
      trainVerifier({
        classifier: untrained(),
        texts: texts.filter(({ label }) => label),
        epochs: 1,
        batchSize: 4,
        learningRate: 1,
        seed: 0,
      }),
    ).rejects.toThrow("one label only");
  });
});

suite("the folder", () => {
  test("is a sequence classifier of transformers' kind, and reads back as it was", async () => {
    const folder = temporaryFolder();
    const settings = { threshold: 0.3, input: clinicInput };
    const classifier = untrained();
    await saveVerifier(folder, { ...classifier, tokenizer, settings });
    const json = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
    expect(json).toMatchObject({
      architectures: ["LlamaForSequenceClassification"],
      id2label: { 0: "False", 1: "True" },
      pad_token_id: 0,
    });
    const read = await loadVerifier(folder);
    expect(read.settings).toEqual(settings);
    expect(read.params.score.weight.shape).toEqual([2, 8]);
    const pair = { response: "The answer is 42.", reference: "x" };
    const spelled = { response: "It is fever.", reference: "fever" };
    expect(() => verifierTokens(tokenizer, clinicInput, pair, 64)).toThrow();
    const [before, after] = [trainedVerifier({ ...classifier, tokenizer, settings }), trainedVerifier(read)];
    expect(await after.scores([spelled])).toEqual(await before.scores([spelled]));
    const [verdict, unspelled] = await after.verifyAll([spelled, pair]);
    expect([typeof verdict, unspelled]).toEqual(["boolean", null]); // no reason to stop a training
    for (const one of [before, after]) one.dispose();
  });

  test("another kind of model, or another number of labels, is refused by name", async () => {
    const folder = temporaryFolder();
    await saveVerifier(folder, { ...untrained(), tokenizer, settings: { threshold: 0.4, input: clinicInput } });
    const file = join(folder, "config.json");
    const json = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...json, hidden_size: 16, head_dim: 8 }));
    await expect(loadVerifier(folder)).rejects.toThrow(/tensor \S+: expected \[\d+,16\], got \[\d+,8\]/);
    writeFileSync(file, JSON.stringify({ ...json, architectures: ["LlamaForCausalLM"] }));
    await expect(loadVerifier(folder)).rejects.toThrow("ends with ForSequenceClassification, got LlamaForCausalLM");
  });

  test("half a text is not judged", () => {
    const pair = { response: `It is${" fever".repeat(80)}.`, reference: "rash" };
    expect(() => verifierTokens(tokenizer, clinicInput, pair, 64)).toThrow("the verifier reads 64");
  });
});

suite("calibration", () => {
  const scored = [
    { score: 0.95, label: true },
    { score: 0.85, label: true },
    { score: 0.45, label: true },
    { score: 0.4, label: false },
    { score: 0.15, label: false },
    { score: 0.85, label: false },
  ];

  test("by hand: above the threshold counts, at it does not", () => {
    const { accuracy, precision, recall } = figuresAt(scored, 0.4);
    expect([accuracy.value, precision!.value, recall!.value]).toEqual([5 / 6, 3 / 4, 1]);
    expect(figuresAt(scored, 0.96)).toMatchObject({ precision: null, recall: { value: 0 } });
  });

  test("the sweep has 0.4, the bins add up, and the error is theirs", () => {
    const { thresholds, best, bins, calibrationError } = calibrate(scored);
    expect(thresholds.map(({ threshold }) => threshold)).toContain(0.4);
    expect(best).toBe(0.4);
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(6);
    // Bins: 0.15 (0 of 1), 0.45 and 0.4 (1 of 2), 0.85 twice (1 of 2), 0.95 (1 of 1).
    const expected = (1 * 0.15 + 2 * Math.abs(0.425 - 0.5) + 2 * 0.35 + 1 * 0.05) / 6;
    expect(calibrationError).toBeCloseTo(expected, 12);
  });

  test("a score of 1 is in the last bin", () => {
    expect(calibrate([{ score: 1, label: true }]).bins.at(-1)!.count).toBe(1);
  });
});

suite("the audit", () => {
  const items = Array.from({ length: 30 }, (_, index) => ({
    response: `It is ${index}, "so"`,
    reference: String(index),
  }));

  test("a sheet is drawn, written without verdicts, filled in and compared", async () => {
    const file = join(temporaryFolder(), "sheet.csv");
    const drawn = drawSheet(items, 4, 1);
    expect(drawSheet(items, 4, 1)).toEqual(drawn);
    expect(await writeSheet(file, drawn)).toBe(4);
    const text = readFileSync(file, "utf8");
    expect(text.split("\n")[0]).toBe("id,response,reference,is_right");
    await expect(readSheet(file)).rejects.toThrow("no row is filled in");
    const filled = ["is_right", "yes", "No", "", "y"];
    writeFileSync(
      file,
      text
        .trimEnd()
        .split("\n")
        .map((line, index) => (index === 0 ? line : line.replace(/(?:"")?$/, filled[index]!)))
        .join("\n"),
    );
    const sheet = await readSheet(file);
    expect(sheet.map(({ isRight }) => isRight)).toEqual([true, false, null, true]);
    // Agreed on the first of three; by chance 2/3 · 2/3 + 1/3 · 1/3 = 5/9.
    const result = audit(sheet, [true, true, true, false]);
    expect([result.labelled, result.unlabelled, result.agreement.value]).toEqual([3, 1, 1 / 3]);
    expect(result.kappa).toBeCloseTo((1 / 3 - 5 / 9) / (4 / 9), 12);
    expect([result.wronglyTaken.length, result.wronglyRefused.length]).toEqual([1, 1]);
  });

  test("a word that is neither is named with its row", async () => {
    const file = join(temporaryFolder(), "sheet.csv");
    writeFileSync(file, "id,response,reference,is_right\n1,a,b,yes\n2,a,b,perhaps\n");
    await expect(readSheet(file)).rejects.toThrow(`${file} row 2: is_right: expected yes or no, got "perhaps"`);
  });
});

test("pairs of one label are refused", async () => {
  const file = join(temporaryFolder(), "pairs.jsonl");
  writeFileSync(file, '{"response": "a", "reference": "a", "label": true}\n');
  await expect(readPairs(file)).rejects.toThrow("1 rows, 1 of them labelled right");
});
