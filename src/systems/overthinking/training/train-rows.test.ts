import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { createLog } from "../../../core/log.ts";
import { createProgress } from "../../../core/progress.ts";
import { Random } from "../../../core/random.ts";
import { defineDecoder, initDecoder } from "../../../language/decoder/index.ts";
import { loadModel, saveModel } from "../../../language/hugging-face.ts";
import { closedVocabulary, loadTokenizer } from "../../../language/tokenizers/index.ts";
import { usualLoss } from "../../../language/train/index.ts";
import { type RowsOptions, readPairs, trainOnRows } from "./train-rows.ts";

const tokenizer = closedVocabulary([..."abcdefgh:yn", "<end>"], { eos: "<end>" });
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polymath-rows-"));
  const config = defineDecoder({
    vocabSize: tokenizer.vocabSize,
    hiddenSize: 16,
    layerCount: 1,
    headCount: 2,
    maxPositions: 16,
    eosTokenIds: [tokenizer.eosId!],
  });
  await saveModel(join(folder, "model"), {
    config,
    params: initDecoder(config, new Random(1)),
    tokenizer,
    dtype: "bfloat16",
  });
});
afterAll(() => rm(folder, { recursive: true }));

const row = (prompt: string, chosen: string, rejected: string) => JSON.stringify({ prompt, chosen, rejected });
async function fileOf(name: string, lines: string[]): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, `${lines.join("\n")}\n`);
  return file;
}
const silent = { write: () => true };
const context = (dir: string) => ({
  log: createLog({ stream: silent }),
  progress: (options: { label: string }) => createProgress({ ...options, stream: silent }),
  signal: new AbortController().signal,
  dir: join(folder, dir),
});

suite("readPairs", () => {
  test("counts what it leaves out", async () => {
    const file = await fileOf("mixed.jsonl", [
      row("a:", "y", "nnn"),
      row("a:", "y", "y"),
      row("a:", "nnnn", "y"),
      row("a:", "y", "n".repeat(30)),
    ]);
    const { pairs, dropped } = await readPairs(file, 16, { tokenizer });
    expect(pairs).toHaveLength(1);
    expect(dropped).toEqual({ equal: 1, "chosen-longer": 1, "too-long": 1 });
  });
  test("names file, line and field of a bad row", async () => {
    const file = await fileOf("bad.jsonl", [row("a:", "y", "nn"), JSON.stringify({ prompt: "a:", chosen: "y" })]);
    await expect(readPairs(file, 16, { tokenizer })).rejects.toThrow(/bad\.jsonl line 2.*(rejected|prompt)/);
  });
});

suite("trainOnRows", () => {
  const options = (file: string): RowsOptions => ({
    file,
    model: join(folder, "model"),
    out: join(folder, "out"),
    loss: usualLoss("simpo"),
    lr: 0.01,
    epochs: 4,
    batch: 4,
    seed: 0,
    force: true,
  });

  test("trains a folder and writes one that loads, in the same precision", async () => {
    const file = await fileOf(
      "pairs.jsonl",
      [..."abcdefgh"].map((letter) => row(`${letter}:`, "y", "nnn")),
    );
    const margins: number[] = [];
    const metric = (name: string, _: number, value: number) => void (name === "margin" && margins.push(value));
    const result = await trainOnRows(options(file), { ...context("train"), metric });
    expect(result).toMatchObject({ pairs: 8, steps: 8, collapse: null });
    expect(margins.at(-1)!).toBeGreaterThan(margins[0]!);
    expect((await loadModel(join(folder, "out"))).dtype).toBe("bfloat16");
    expect((await loadTokenizer(join(folder, "out"))).encode("ay")).toEqual(tokenizer.encode("ay"));
  });

  test("refuses too few pairs unless forced, and a folder without a model", async () => {
    const file = await fileOf("few.jsonl", [row("a:", "y", "nn")]);
    await expect(trainOnRows({ ...options(file), force: false }, context("few"))).rejects.toThrow(
      "few.jsonl: 1 usable pairs, fewer than 200",
    );
    await expect(trainOnRows({ ...options(file), model: folder }, context("none"))).rejects.toThrow(
      "is no model folder",
    );
  });
});
