/** Kills a round of self-training in each of its phases: POLYMATH_SLOW=1 vitest run src/systems/overthinking/training */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";

const program = join(import.meta.dirname, "round.slow.fixtures.ts");
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polymath-round-"));
});
afterAll(() => rm(folder, { recursive: true }));

const start = (dir: string): ChildProcess =>
  spawn(process.execPath, [program, dir], { stdio: ["ignore", "pipe", "inherit"] });
const exitOf = (child: ChildProcess) => {
  child.stdout!.resume();
  return new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
};
const digest = async (file: string) =>
  createHash("sha256")
    .update(await readFile(file))
    .digest("hex");

/** Kills the process once it is so far with what it is at. @returns how it ended */
async function killAt(child: ChildProcess, label: string, done: number): Promise<unknown> {
  const ended = exitOf(child);
  for await (const line of createInterface({ input: child.stdout! })) {
    const at = line.lastIndexOf(" ");
    if (line.slice(0, at) === label && Number(line.slice(at)) >= done) child.kill("SIGKILL");
  }
  return ended;
}

/** Three times each while sampling, training and judging. */
const kills: readonly [label: string, done: number][] = [
  ["sample traces", 30],
  ["sample traces", 230], // in the second chunk
  ["sample traces", 430], // in the third
  ["train, rate 0.0001", 1], // before the first checkpoint
  ["train, rate 0.0001", 3],
  ["train, rate 0.0001", 7],
  ["judge, before", 20],
  ["judge, before", 80],
  ["judge, after", 60],
];

test("killed in every phase, it ends with the bytes of an uninterrupted round", { timeout: 900_000 }, async () => {
  const [whole, parts] = [join(folder, "whole"), join(folder, "parts")];
  expect(await exitOf(start(whole))).toBe(0);
  for (const [label, done] of kills) {
    expect(await killAt(start(parts), label, done), `${label} ${done}`).toBe("SIGKILL");
  }
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
