/** Killed with SIGKILL while extracting and while training, and started again, it ends with the same bytes. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";

const script = join(import.meta.dirname, "kill.slow.fixtures.ts");
const dir = await mkdtemp(join(tmpdir(), "polymath-kill-generator-"));
afterAll(() => rm(dir, { recursive: true, force: true }));

const start = (folder: string): ChildProcess =>
  spawn(process.execPath, [script, folder], { stdio: ["ignore", "inherit", "inherit"] });
const exitOf = (child: ChildProcess) =>
  new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));

async function digest(folder: string): Promise<Record<string, string>> {
  const entriesOf = async (part: string) =>
    (await readdir(join(folder, part), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  const files = [...(await entriesOf("latents")), join("generator", "model.safetensors")];
  const entries = files
    .sort()
    .map(async (file) => [file, (await readFile(join(folder, file))).toString("base64")] as const);
  return Object.fromEntries(await Promise.all(entries));
}

test("killed at a shard, then at two checkpoints", async () => {
  const [whole, parts] = [join(dir, "whole"), join(dir, "parts")];
  expect(await exitOf(start(whole))).toBe(0);

  const shard = join(parts, "latents", "latents_rank00_shard001.safetensors");
  const pointer = join(parts, "run", "checkpoints", "latest");
  const latest = async () => (existsSync(pointer) ? readFile(pointer, "utf8") : "");
  for (const isExtracting of [true, false, false]) {
    const child = start(parts);
    const before = await latest();
    while (isExtracting ? !existsSync(shard) : (await latest()) === before) await sleep(2);
    child.kill("SIGKILL");
    expect(await exitOf(child), "the kill came before the end").toBe("SIGKILL");
  }
  expect(await exitOf(start(parts))).toBe(0);
  expect(await digest(parts)).toEqual(await digest(whole));
});
