/** Acceptance 3: exact match and the trained verifier on the same 1,000 held-out pairs; and the folder read back. */
import { expect, test } from "vitest";
import { createProgress } from "../../../core/progress.ts";
import { exactMatch } from "../search/verifiers.ts";
import { temporaryFolder } from "../teacher.fixtures.ts";
import { calibrate, figuresAt, showPercent } from "./calibrate.ts";
import { clinicPairs, trainClinicVerifier } from "./clinic-verifier.ts";
import { loadVerifier, saveVerifier } from "./folder.ts";
import { trainedVerifier } from "./trained.ts";

test("exact match is right on 65 to 80 %, the trained verifier on 95 % and more", { timeout: 900_000 }, async () => {
  const stream = { write: () => {} };
  const trained = (await trainClinicVerifier(1000, {
    progress: (options) => createProgress({ ...options, stream }),
    signal: new AbortController().signal,
  }))!;
  const pairs = clinicPairs(1000, 1000, "test");
  const exact = figuresAt(
    pairs.map(({ response, reference, label }) => ({ score: Number(exactMatch(response, reference)), label })),
    0.5,
  ).accuracy;
  const verifier = trainedVerifier(trained);
  const scores = await verifier.scores(pairs);
  const scored = pairs.map(({ label }, index) => ({ label, score: scores[index]! }));
  const { accuracy } = figuresAt(scored, 0.4);
  console.info(`exact match ${showPercent(exact)}, trained ${showPercent(accuracy)}`);
  expect(exact.value).toBeGreaterThanOrEqual(0.65);
  expect(exact.value).toBeLessThanOrEqual(0.8);
  expect(accuracy.value).toBeGreaterThanOrEqual(0.95);
  expect(calibrate(scored).calibrationError).toBeLessThan(0.1);

  const folder = temporaryFolder();
  await saveVerifier(folder, trained);
  const read = trainedVerifier(await loadVerifier(folder));
  expect(await read.scores(pairs.slice(0, 100))).toEqual(scores.slice(0, 100));
  expect(read.threshold).toBe(0.4);
  for (const one of [verifier, read]) one.dispose();
});
