/** A training killed with SIGKILL in both of its stages and started again ends with the hash of an uninterrupted one. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";

const script = join(import.meta.dirname, "tokenizer.slow.fixtures.ts");
const dir = await mkdtemp(join(tmpdir(), "polymath-kill-tokenizer-"));
afterAll(() => rm(dir, { recursive: true, force: true }));

const start = (folder: string): ChildProcess =>
  spawn(process.execPath, [script, folder], { stdio: ["ignore", "inherit", "inherit"] });
const exitOf = (child: ChildProcess) =>
  new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
const hashIn = async (folder: string) => JSON.parse(await readFile(join(folder, "tokenizer/card.json"), "utf8")).sha256;

/** The newest checkpoint's step; 0 before the first. */
async function stepOf(folder: string): Promise<number> {
  const pointer = join(folder, "run/checkpoints/latest");
  return existsSync(pointer) ? Number((await readFile(pointer, "utf8")).slice("step-".length)) : 0;
}

test("killed in the first stage and in the second", async () => {
  const [whole, parts] = [join(dir, "whole"), join(dir, "parts")];
  expect(await exitOf(start(whole))).toBe(0);

  for (const reached of [5, 30]) {
    const child = start(parts);
    while ((await stepOf(parts)) < reached) await sleep(5);
    await sleep(20); // a little further: into a step or into saving
    child.kill("SIGKILL");
    expect(await exitOf(child), "the kill came before the end").toBe("SIGKILL");
  }
  expect(await exitOf(start(parts))).toBe(0);
  expect(await hashIn(parts)).toBe(await hashIn(whole));
});
