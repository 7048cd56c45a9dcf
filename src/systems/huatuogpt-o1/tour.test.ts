/** What the tour measures, on small numbers, and with a policy and a verifier that learned nothing. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, suite, test, vi } from "vitest";
import { writeJsonAtomic } from "../../core/atomic.ts";
import { Random } from "../../core/random.ts";
import { defineTinyDecoder, initDecoder } from "../../language/decoder/index.ts";
import { clinicDecoder, saveClinicModel } from "./claim/policy.ts";
import { temporaryFolder } from "./teacher.fixtures.ts";
import { tryClinic, tryEngine } from "./tour.ts";
import { initClassifier } from "./verifier/classifier.ts";
import { saveVerifier } from "./verifier/folder.ts";
import { clinicInput, verifierTokenizer } from "./world/verifier-pairs.ts";

const context = { signal: new AbortController().signal, progress: () => ({ update() {}, stop() {} }) };

suite("tryEngine", () => {
  const sizes = { questionCount: 60, problemCount: 20, seed: 3 };
  test("finds what was planted, and every row that it makes has the world's answer", async () => {
    const trial = await tryEngine(sizes, context);
    expect(trial.questions).toBe(60);
    expect(trial.planted).toBeGreaterThan(5);
    expect(trial.caught / trial.planted).toBeGreaterThan(0.8);
    expect(trial.kept).toBeLessThanOrEqual(60 - trial.caught);
    expect(trial.search.problems).toBe(20);
    expect(trial.rows).toBeGreaterThan(10);
    expect(trial.rightRows).toBe(trial.rows);
  });
  test("is the same for the same seed", async () => {
    const [once, again] = [await tryEngine(sizes, context), await tryEngine(sizes, context)];
    expect(again).toEqual(once);
  });
  test("stops for Ctrl-C", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(tryEngine(sizes, { ...context, signal })).rejects.toThrow("enough");
  });
});

suite("tryClinic", () => {
  const sizes = { questionCount: 4, pairCount: 40, seed: 0 };
  test("is undefined where no clinic ships", async () => {
    vi.stubEnv("POLYMATH_MODELS", temporaryFolder());
    expect(await tryClinic(sizes, context)).toBeUndefined();
  });
  test("examines policy and verifier: these learned nothing, and it shows", async () => {
    const models = temporaryFolder();
    vi.stubEnv("POLYMATH_MODELS", models);
    const folder = join(models, "clinic");
    mkdirSync(folder);
    const config = clinicDecoder({ dim: 8, layers: 1, heads: 2 });
    await saveClinicModel(folder, { config, params: initDecoder(config, new Random(0)) });
    await writeJsonAtomic(join(folder, "evaluation.json"), { seed: 5 });
    const tokenizer = verifierTokenizer();
    const shape = { vocabSize: tokenizer.vocabSize, maxPositions: 128, ends: [1, 2, 0] };
    const classifier = defineTinyDecoder({ dim: 8, layers: 1, heads: 2 }, shape);
    await saveVerifier(join(folder, "verifier"), {
      ...{ config: classifier, params: initClassifier(classifier, new Random(1)), tokenizer },
      settings: { threshold: 0.4, input: clinicInput },
    });
    const trial = (await tryClinic(sizes, context))!;
    expect(trial.answers).toHaveLength(4);
    expect(trial.right.value).toBe(0);
    expect(trial.verifier.value).toBeGreaterThan(0.2);
    expect(trial.verifier.value).toBeLessThan(0.8);
  });
});
