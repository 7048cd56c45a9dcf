/** Drawing while one looks on, on untrained parts; and what is read of a frontier while it goes on. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, suite, test } from "vitest";
import { openRun } from "../../../core/run.ts";
import { decodeImage, fromSigned } from "../../../media/index.ts";
import { drawPictures, loadTokenizer, type Measurement, openGenerator } from "../../../systems/lightningdit/index.ts";
import { type TestStudio, testStudio } from "../studio.fixtures.ts";
import type { DrawLine } from "./contract.ts";
import { createDrawingBoard, stretches } from "./drawing.ts";
import { saveUntrainedGenerator, saveUntrainedPair, saveUntrainedTokenizer } from "./untrained.fixtures.ts";

const generator = "models/marks/generator";

async function withModels(): Promise<{ studio: TestStudio; models: string }> {
  const models = mkdtempSync(join(tmpdir(), "studio-models-"));
  onTestFinished(() => rmSync(models, { recursive: true }));
  await saveUntrainedPair(join(models, "marks"));
  return { studio: await testStudio({ modelsFolder: models }), models };
}

async function draw(studio: TestStudio, asked: object): Promise<DrawLine[]> {
  const response = await studio.post("lightningdit.draw", {
    generator,
    label: 3,
    seed: 7,
    count: 2,
    steps: 4,
    ...asked,
  });
  return (await response.text())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}
const frames = (lines: readonly DrawLine[]) => lines.filter((line) => line.kind === "frame");
const last = (lines: readonly DrawLine[]) => frames(lines).at(-1)!.pictures;
const pixels = async (address: string) => (await decodeImage(Buffer.from(address.split(",")[1]!, "base64"))).data;

suite("drawing", () => {
  test("the path goes from noise to the picture, with every step shown where there are few", () => {
    expect(stretches(4)).toEqual([
      [0, 0],
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
    ]);
    expect(stretches(50).map(([, to]) => to)).toEqual([0, 6, 13, 19, 25, 31, 38, 44, 50]);
    expect(stretches(1)).toEqual([
      [0, 0],
      [0, 1],
    ]);
  });

  test("frame by frame; the same request gives the same pictures, another seed, class or guidance others", async () => {
    const { studio } = await withModels();
    const lines = await draw(studio, {});
    expect(frames(lines).map(({ step, of }) => [step, of])).toEqual([0, 1, 2, 3, 4].map((step) => [step, 4]));
    expect(new Set(frames(lines).map(({ pictures }) => pictures[0])).size).toBe(5);
    expect(lines.at(-1)).toMatchObject({ kind: "end", isFirst: true });
    const again = await draw(studio, {});
    expect(last(again)).toEqual(last(lines));
    expect(again.at(-1)).toMatchObject({ isFirst: false });
    const [first, second] = last(lines);
    expect(second).not.toBe(first);
    expect(last(await draw(studio, { seed: 8 }))[0]).toBe(second); // the row is that of the seeds
    for (const other of [{ label: 4 }, { guidance: 5 }, { steps: 5 }])
      expect(last(await draw(studio, other))[0]).not.toBe(first);
  });

  test("a picture is the one that the command draws for its class and seed", async () => {
    const { studio, models } = await withModels();
    const [, picture] = last(await draw(studio, {}));
    const tokenizer = await loadTokenizer(join(models, "marks", "tokenizer"));
    const drawn = await drawPictures(await openGenerator(join(models, "marks", "generator")), tokenizer, {
      ...{ labels: Int32Array.of(3), seed: 8, sampling: { points: 5 } },
    });
    tokenizer.dispose();
    const [shown, wanted] = [await pixels(picture!), fromSigned(drawn, 16).data];
    // Another size of the batch may round the last bit otherwise.
    expect(Math.max(...shown.map((value, i) => Math.abs(value - wanted[i]!)))).toBeLessThanOrEqual(1);
  });

  test("one at a time: the second waits for its turn, and one that is left gives its turn away", async () => {
    const models = mkdtempSync(join(tmpdir(), "studio-models-"));
    onTestFinished(() => rmSync(models, { recursive: true }));
    await saveUntrainedPair(join(models, "marks"));
    const found = {
      ...{ folder: join(models, "marks", "generator"), tokenizerFolder: join(models, "marks", "tokenizer") },
      ...{ hash: "one", offer: {} as never },
    };
    const board = createDrawingBoard();
    const leaving = new AbortController();
    const drawing = { label: 0, seed: 0, count: 1, steps: 3, guidance: 1 };
    const first = board.draw(found, drawing, leaving.signal);
    expect((await first.next()).value).toMatchObject({ kind: "frame", step: 0 });
    const second = board.draw(found, drawing, new AbortController().signal);
    expect((await second.next()).value).toEqual({ kind: "wait" });
    const impatient = new AbortController();
    const third = board.draw(found, drawing, impatient.signal);
    expect((await third.next()).value).toEqual({ kind: "wait" });
    const given = third.next();
    impatient.abort();
    await expect(given).rejects.toThrow("aborted");
    leaving.abort();
    await expect(first.next()).rejects.toThrow("aborted");
    expect((await Array.fromAsync(second)).map(({ kind }) => kind)).toEqual([...Array(4).fill("frame"), "end"]);
    const closed = board.draw(found, drawing, new AbortController().signal);
    await board.close();
    await expect(closed.next()).rejects.toThrow("aborted");
  });

  test("what cannot be drawn is named: no such generator, no such class, damaged weights", async () => {
    const { studio, models } = await withModels();
    const refused = async (asked: object) =>
      ((await (await studio.post("lightningdit.draw", { generator, label: 0, seed: 0, ...asked })).json()) as any).error
        .message;
    expect(await refused({ generator: "../marks/generator" })).toMatch(/no generator "\.\.\/marks\/generator"/);
    expect(await refused({ label: 12 })).toMatch(/no class 12: they are 0 to 11/);
    expect(await refused({ steps: 0 })).toMatch(/lightningdit\.draw: steps/);
    writeFileSync(join(models, "marks", "tokenizer", "model.safetensors"), "");
    expect(await draw(studio, {})).toMatchObject([{ kind: "problem", message: expect.stringMatching(/card\.json/) }]);
  });
});

suite("generators", () => {
  test("of the package, of runs and beside them, with the tokenizer by its hash; one without is named, a damaged card is none", async () => {
    const { studio } = await withModels();
    const run = await openRun({ command: "lightningdit dit train", root: studio.root });
    const { sha256 } = await saveUntrainedTokenizer(run.path("frontier/seed-0/d2-unaligned/tokenizer"), 1);
    await saveUntrainedGenerator(run.path("generator"), sha256);
    await saveUntrainedGenerator(run.path("lonely"), "another");
    mkdirSync(run.path("damaged"));
    writeFileSync(run.path("damaged/card.json"), "{");
    run.interrupt();
    await saveUntrainedPair(join(studio.root, "mine"));
    const { generators, withoutTokenizer } = await studio.call("lightningdit.generators", {});
    expect(generators.map(({ id, run: place }) => [id, place])).toEqual([
      [generator, null],
      ["runs/mine/generator", null],
      [`${run.id}/generator`, run.id],
    ]);
    expect(generators[0]).toMatchObject({ side: 16, channels: 2, grid: 4, steps: 30, tokenizer: "untrained" });
    expect(generators[0]!.classNames).toHaveLength(12);
    expect(withoutTokenizer).toEqual([`${run.id}/lonely`]);
    expect(last(await draw(studio, { generator: `${run.id}/generator` }))).toHaveLength(2);
  });
});

const health = {
  ...{ channels: 4, dead: [], std: { min: 1, median: 1, max: 1 }, correlation: 0.1, effectiveRank: 3 },
  noiseShare: 0.1,
};
const evaluation = {
  ...{ judge: "j", count: 2, referenceCount: 2, fid: 4, fidExtrapolated: 4, sfid: 5, precision: 0.5, recall: 0.5 },
  warnings: [],
};
const measurement = (seed: number, d: number): Measurement => ({
  ...{ seed, d, arm: "unaligned", health },
  reconstruction: {
    tokenizer: "t",
    count: 2,
    psnr: 20,
    ssim: 0.5,
    rfid: 1,
    rfidExtrapolated: 1,
    judge: "j",
    warnings: [],
  },
  judgedAt: 3,
  generation: [{ step: 3, evaluation }],
  guided: evaluation,
});

suite("a frontier", () => {
  test("measured points, one under way and one that is damaged", async () => {
    const studio = await testStudio();
    const run = await openRun({ command: "claim", args: ["lightningdit"], root: studio.root });
    const write = (name: string, value: unknown) => writeFileSync(run.path(`frontier/${name}`), JSON.stringify(value));
    write("seed-10/d4-unaligned/measurement.json", measurement(10, 4));
    write("seed-9/d32-aligned/health.json", health);
    write("seed-9/d4-unaligned/measurement.json", measurement(9, 4));
    for (const name of ["reconstructions", "samples-600", "samples-1200"])
      writeFileSync(run.path(`frontier/seed-9/d4-unaligned/${name}.png`), "");
    writeFileSync(run.path("frontier/seed-9/d32-wrong/measurement.json"), "{");
    mkdirSync(run.path("frontier/nets/judge"), { recursive: true });
    const other = await openRun({ command: "claim", args: ["codeelo"], root: studio.root });
    for (const one of [other, run]) one.interrupt();
    const { points, unreadable } = await studio.call("lightningdit.frontier", { run: run.id });
    expect(points.map(({ folder, measurement: m, health: h }) => [folder, m !== null, h !== null])).toEqual([
      ["frontier/seed-9/d4-unaligned", true, true],
      ["frontier/seed-9/d32-aligned", false, true],
      ["frontier/seed-9/d32-wrong", false, false],
      ["frontier/seed-10/d4-unaligned", true, true],
    ]);
    expect(unreadable).toEqual(["frontier/seed-9/d32-wrong/measurement.json"]);
    expect(points[0]).toMatchObject({
      reconstructions: "frontier/seed-9/d4-unaligned/reconstructions.png",
      samples: [{ step: 600 }, { step: 1200, file: "frontier/seed-9/d4-unaligned/samples-1200.png" }],
    });
    expect(await studio.call("lightningdit.frontiers", {})).toMatchObject([
      { run: run.id, pointCount: 3, status: "interrupted" },
    ]);
  });
});
