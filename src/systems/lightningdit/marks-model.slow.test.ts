/** The recipe of the generator that ships, at its smallest: every part is there, and a second call trains nothing. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createLog } from "../../core/log.ts";
import { openGenerator } from "./dit/index.ts";
import { loadNet } from "./features/index.ts";
import { trainMarksModel } from "./marks-model.ts";
import { loadTokenizer } from "./tokenizer/index.ts";

const dir = await mkdtemp(join(tmpdir(), "polymath-marks-"));
afterAll(() => rm(dir, { recursive: true, force: true }));

const sizes = {
  ...{ side: 16 as const, d: 2, pictures: 200, heldOut: 96, featureSteps: 3, judgeSteps: 3 },
  ...{ tokenizerSteps: 3, generatorSteps: 3 },
};

test("tokenizer, generator and judge belong together, and the card states what was measured", async () => {
  const labels: string[] = [];
  const progress = ({ label }: { label: string }) => {
    labels.push(label);
    return { update() {}, stop() {} };
  };
  const out = join(dir, "marks");
  const context = { log: createLog(), progress, signal: new AbortController().signal, dir: join(dir, "parts"), out };
  const found = (await trainMarksModel(5, context, sizes))!;
  const generator = await openGenerator(join(out, "generator"));
  const [tokenizer, judge] = [await loadTokenizer(join(out, "tokenizer")), await loadNet(join(out, "judge"))];
  expect(generator.latents.tokenizer).toBe(tokenizer.hash);
  expect(found.judge).toBe(judge.name);
  const card = await readFile(join(out, "README.md"), "utf8");
  expect(card).toContain(`${found.psnr.toFixed(1)} dB`);
  expect(card).toContain("polymath train marks --seed 5");
  for (const part of [tokenizer, judge]) part.dispose();

  expect(labels.filter((label) => label.startsWith("train "))).toHaveLength(4);
  labels.length = 0;
  expect(await trainMarksModel(5, context, sizes)).toEqual(found);
  expect(labels.filter((label) => /^train (features|judge|tokenizer)$/.test(label))).toEqual([]);
});
