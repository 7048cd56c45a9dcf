/** Kills a round of self-training in each of its phases: POLYMATH_SLOW=1 vitest run src/systems/overthinking/training */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";

const program = join(import.meta.dirname, "round.slow.fixtures.ts");
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polymath-round-"));
});
afterAll(() => rm(folder, { recursive: true }));

const start = (dir: string): ChildProcess =>
  spawn(process.execPath, [program, dir], { stdio: ["ignore", "inherit", "inherit"] });
const exitOf = (child: ChildProcess) =>
  new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
const digest = async (file: string) =>
  createHash("sha256")
    .update(await readFile(file))
    .digest("hex");

/** When to kill: once this file is there, and so many milliseconds later. */
const kills = (dir: string): [name: string, file: string | null, delayMs: number][] => {
  const round = join(dir, "round");
  const rate = join(round, "train", "rate-0.0001");
  return [
    ["before the first chunk", null, 1500],
    ["sampling the second chunk", join(round, "samples", "samples-000.json"), 20],
    ["sampling the third chunk", join(round, "samples", "samples-001.json"), 60],
    ["judging samples, building pairs", join(round, "samples", "samples-002.json"), 15],
    ["after the pairs", join(round, "pairs.jsonl"), 40],
    ["the guard's first look", join(rate, "guard.json"), 30],
    ["training", join(rate, "latest"), 10],
    ["training, later", join(rate, "latest"), 400],
    ["judging the models", join(rate, "latest"), 2500],
  ];
};

test("killed in every phase, it ends with the bytes of an uninterrupted round", { timeout: 900_000 }, async () => {
  const [whole, parts] = [join(folder, "whole"), join(folder, "parts")];
  expect(await exitOf(start(whole))).toBe(0);
  let killedCount = 0;
  for (const [, file, delayMs] of kills(parts)) {
    const child = start(parts);
    const ended = exitOf(child);
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    while (file && !existsSync(file) && !isOver) await sleep(5);
    await sleep(delayMs);
    child.kill("SIGKILL");
    if ((await ended) === "SIGKILL") killedCount++;
  }
  expect(killedCount).toBeGreaterThanOrEqual(8); // the last one may come too late on a fast machine
  expect(await exitOf(start(parts))).toBe(0);
  expect(await digest(join(parts, "out", "model.safetensors"))).toBe(
    await digest(join(whole, "out", "model.safetensors")),
  );
  expect(await digest(join(parts, "round", "pairs.jsonl"))).toBe(await digest(join(whole, "round", "pairs.jsonl")));
  // The figures too, but for how fast the samples were written.
  const evaluation = async (dir: string) => {
    const { sampling, ...rest } = JSON.parse(await readFile(join(dir, "out", "evaluation.json"), "utf8"));
    return { ...rest, sampling: { ...sampling, tokensPerSecond: 0 } };
  };
  expect(await evaluation(parts)).toEqual(await evaluation(whole));
});
