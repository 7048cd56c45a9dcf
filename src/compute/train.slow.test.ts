/** A process killed with SIGKILL, wherever it was, and started again ends with the bytes of an uninterrupted one. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";

const script = join(import.meta.dirname, "train.slow.fixtures.ts");
const dir = await mkdtemp(join(tmpdir(), "polymath-kill-"));
afterAll(() => rm(dir, { recursive: true, force: true }));

const start = (checkpointDir: string): ChildProcess =>
  spawn(process.execPath, [script, checkpointDir], { stdio: ["ignore", "inherit", "inherit"] });
const exitOf = (child: ChildProcess) =>
  new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));

async function digest(checkpointDir: string): Promise<string[]> {
  const folder = (await readFile(join(checkpointDir, "latest"), "utf8")).trim();
  const files = ["model", "ema", "optimizer"].map((file) =>
    readFile(join(checkpointDir, folder, `${file}.safetensors`)),
  );
  return [folder, ...(await Promise.all(files)).map((bytes) => bytes.toString("base64"))];
}

test("killed three times", async () => {
  const [whole, parts] = [join(dir, "whole"), join(dir, "parts")];
  expect(await exitOf(start(whole))).toBe(0);

  for (const [kill, delayMs] of [7, 23, 41].entries()) {
    const child = start(parts);
    const before = existsSync(join(parts, "latest")) ? await readFile(join(parts, "latest"), "utf8") : "";
    // Let it get past at least one checkpoint of its own, then a little further: into a step or into saving.
    while (!existsSync(join(parts, "latest")) || (await readFile(join(parts, "latest"), "utf8")) === before)
      await sleep(5);
    await sleep(delayMs);
    child.kill("SIGKILL");
    expect(await exitOf(child), `kill ${kill + 1} came before the end`).toBe("SIGKILL");
  }
  expect(await exitOf(start(parts))).toBe(0);
  expect(await digest(parts)).toEqual(await digest(whole));
});
